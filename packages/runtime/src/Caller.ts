/**
 * What a call takes along from the fiber that makes it, for libraries that make their calls by `@offloop/runtime/callback`: log
 * annotations and spans, the minimum log level, the span, metric labels and crossing refs. What the call's code logs, traces and
 * counts comes out by the fiber's loggers and tracer.
 */
import { currentCaller } from "./internal/context/fiber-caller.ts"
import type { Caller } from "./internal/context/sent.ts"

export type { Caller } from "./internal/context/sent.ts"

/**
 * The fiber that runs now, to be passed to the calls of a `ResidentHandle` or `PoolHandle`; `undefined` outside of fibers. To be
 * asked for each call. Does no I/O.
 *
 * ```ts
 * import { Caller } from "@offloop/runtime"
 * import type { ResidentHandle } from "@offloop/runtime/callback"
 * import { Effect } from "effect"
 *
 * interface Counter {
 *   add(n: number): number
 * }
 * const add = (counter: ResidentHandle<Counter>, n: number) =>
 *   Effect.async<number, Error>((resume) => {
 *     const done = counter.call(
 *       "add",
 *       [n],
 *       (exit) => resume(exit.ok ? Effect.succeed(exit.value) : Effect.fail(exit.error)),
 *       Caller.current(),
 *     )
 *     return Effect.sync(() => counter.abandon(done))
 *   })
 * ```
 */
export const current = (): Caller | undefined => currentCaller()
