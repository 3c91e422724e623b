/**
 * Offloop for programs without Effect: `@offloop/runtime/promise`. The names are those of the main entry; what is an
 * Effect there is a promise here, a Stream is an async iterable, interruption is an `AbortSignal`, and what a scope closes
 * is closed by `await using` or by its `close`. Promises reject with the same typed errors, which point at who awaits them.
 */
export * from "./errors.ts"
export * as CapacityLimiter from "./promise/CapacityLimiter.ts"
export type { CallOptions } from "./promise/call-options.ts"
export * as LoopMonitor from "./promise/LoopMonitor.ts"
export * as OffLoop from "./promise/OffLoop.ts"
export * as Portal from "./promise/Portal.ts"
export * as Resident from "./promise/Resident.ts"
export * as Task from "./Task.ts"
