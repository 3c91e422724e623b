/** Threads of Bun. */
import * as Layer from "effect/Layer"
import { threadBackends } from "./internal/backend/available.ts"
import { Backend, type ThreadBackend } from "./internal/backend/service.ts"

/** The backend of Bun: threads of `node:worker_threads`. */
export const backend: ThreadBackend = threadBackends.bun

/**
 * Provides Bun's threads.
 *
 * `Backend.layer` picks it by detection; use this one to say it outright.
 */
export const layer: Layer.Layer<Backend> = Layer.succeed(Backend, backend)
