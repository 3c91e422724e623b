/**
 * What a JavaScript runtime must offer to run work off its event loop: start a thread, know its parallelism, tell time.
 *
 * The backend is where placement is decided: with `NodeBackend`, `BunBackend` or `DenoBackend` work runs in threads,
 * with `InlineBackend` on the loop's own thread. Nothing above can tell which it is.
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { UnsupportedRuntimeError } from "./errors.ts"
import { detected } from "./internal/backend/available.ts"
import { Backend, type BackendService } from "./internal/backend/service.ts"

export type {
  OutputName,
  ProcessExit,
  ProcessHandle,
  ProcessListener,
  ProcessOptions,
} from "./internal/backend/process.ts"
export {
  Backend,
  type BackendService,
  type InlineBackendService,
  type ThreadBackend,
} from "./internal/backend/service.ts"
export type { ThreadExit, ThreadHandle, ThreadOptions } from "./internal/backend/thread.ts"

/** The backend of the runtime that this program runs on. Throws `UnsupportedRuntimeError`. Does no I/O. */
export const detect = (): BackendService => {
  const backend = detected()
  if (backend instanceof UnsupportedRuntimeError) throw backend
  return backend
}

/** The backend of the runtime that this program runs on. Does no I/O. */
export const detectEffect: Effect.Effect<BackendService, UnsupportedRuntimeError> = Effect.suspend(() => {
  const backend = detected()
  return backend instanceof UnsupportedRuntimeError ? Effect.fail(backend) : Effect.succeed(backend)
})

/** Provides the backend of the runtime that this program runs on. */
export const layer: Layer.Layer<Backend, UnsupportedRuntimeError> = Layer.effect(Backend, detectEffect)
