/**
 * No threads: objects and tasks run on the loop's own thread.
 *
 * Nothing above the backend can tell, except by the time that the loop is blocked for, and that arguments and results
 * are not copied: whoever keeps one and changes it changes it for both sides.
 */
import * as Layer from "effect/Layer"
import { inlineBackend } from "./internal/backend/available.ts"
import { Backend, type InlineBackendService } from "./internal/backend/service.ts"

/** The backend without threads. */
export const backend: InlineBackendService = inlineBackend

/** Provides the backend without threads. */
export const layer: Layer.Layer<Backend> = Layer.succeed(Backend, backend)
