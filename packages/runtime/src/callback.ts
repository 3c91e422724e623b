/**
 * Offloop for libraries: `@offloop/runtime/callback`. It loads no module of Effect and makes no promises, so that a
 * library can build its own styles on it.
 */
export { type LoadTaskError, loadTask } from "./callback/load-task.ts"
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
export type { CallExit, Ended } from "./internal/link/link.ts"
export type { Handler, HandlerExit, Handlers, OnCancel, Respond } from "./internal/portal/callback-host.ts"
export { TaggedError, type TaggedErrorClass } from "./internal/tagged-error.ts"
export type { MethodArgs, MethodItem, MethodName, MethodResult } from "./Resident.ts"
export * as Task from "./Task.ts"
