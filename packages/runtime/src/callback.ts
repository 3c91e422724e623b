/**
 * Offloop for libraries: `@offloop/runtime/callback`. It loads no module of Effect and makes no promises, so that a
 * library can build its own styles on it.
 */
export { type CapacityLimiter, makeLimiter } from "./callback/capacity-limiter.ts"
export { type LoadTaskError, loadTask } from "./callback/load-task.ts"
export {
  type OpenPoolError,
  openPool,
  type PoolHandle,
  type PoolOptions,
  type StreamNext,
  type TaskOptions,
  type TaskRun,
  type TaskRunError,
  type TaskStream,
  type TaskStreamOptions,
} from "./callback/pool.ts"
export {
  type OpenResidentError,
  openResident,
  type ResidentHandle,
  type ResidentOptions,
  type StreamHandle,
} from "./callback/resident.ts"
export * from "./errors.ts"
export type { ThreadSettings } from "./internal/backend/thread-settings.ts"
export type { Caller } from "./internal/context/sent.ts"
export type { Statistics } from "./internal/limiter/statistics.ts"
export type { CallExit, Ended } from "./internal/link/link.ts"
export type { Stats } from "./internal/pool/pools.ts"
export type { Placement, RunError } from "./internal/pool/run-options.ts"
export type { Handler, HandlerExit, Handlers, OnCancel, Respond } from "./internal/portal/callback-host.ts"
export { TaggedError, type TaggedErrorClass } from "./internal/tagged-error.ts"
export type { MethodArgs, MethodItem, MethodName, MethodResult } from "./Resident.ts"
export * as Task from "./Task.ts"
