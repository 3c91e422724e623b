/**
 * Runs functions in threads: blocking ones (`runSync`, anyio's `to_thread.run_sync`), asynchronous ones (`run`), and
 * what they iterate (`stream`), over pools of threads.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import type * as CapacityLimiter from "./CapacityLimiter.ts"
import type { InvalidPoolOptionsError } from "./errors.ts"
import type { Backend } from "./internal/backend/service.ts"
import { callsOf } from "./internal/calls.ts"
import type { Options } from "./internal/pool/options.ts"
import type { Stats } from "./internal/pool/pools.ts"
import type { RunError, RunOptions, StreamOptions } from "./internal/pool/run-options.ts"
import { makeService, type Service } from "./internal/pool/service.ts"
import type { StartError } from "./internal/pool/thread-pool.ts"
import type { Item } from "./internal/stream/types.ts"
import type { AnyTasks, Task } from "./Task.ts"

export type {
  DenoPermission,
  DenoPermissions,
  ResourceLimits,
  ThreadSettings,
} from "./internal/backend/thread-settings.ts"
export type { Distribution } from "./internal/monitor/histogram.ts"
export type { Options } from "./internal/pool/options.ts"
export type { Stats } from "./internal/pool/pools.ts"
export { metrics } from "./internal/pool/publisher.ts"
export type { Placement, RunError, RunOptions, StreamOptions } from "./internal/pool/run-options.ts"
export type { Service } from "./internal/pool/service.ts"
export type { Outcome, PoolStats, Retirement } from "./internal/pool/tally.ts"
export type { StartError } from "./internal/pool/thread-pool.ts"
export { type WarmUp, warmUp } from "./internal/pool/warm-up.ts"
export type { ProcessOptions } from "./internal/process/options.ts"

/** A pool of threads for tasks. */
export class OffLoop extends Context.Tag("@offloop/runtime/OffLoop")<OffLoop, Service>() {}

/**
 * Provides a pool. Threads start when they are needed. When the layer's scope closes, what runs finishes and all
 * threads end. A size that is not an integer, or a minimum above the maximum, fails with `InvalidPoolOptionsError`.
 *
 * ```ts
 * import { Backend, OffLoop } from "@offloop/runtime"
 * import { Layer } from "effect"
 *
 * const live = OffLoop.layer({ maxThreads: 4 }).pipe(Layer.provide(Backend.layer))
 * ```
 */
export const layer = (options: Options = {}): Layer.Layer<OffLoop, InvalidPoolOptionsError | StartError, Backend> =>
  Layer.scoped(OffLoop, makeService(options))

/**
 * Runs a task in a thread of the pool and waits for its result, without blocking the loop. Holds a token of the default
 * limiter meanwhile. A task that is interrupted before it starts never runs; after that, interruption is delivered when
 * the thread is free.
 *
 * ```ts
 * import { Backend, OffLoop, Task } from "@offloop/runtime"
 * import { Effect, Layer } from "effect"
 *
 * // hash.ts: export const hash = (text: string): string => …
 * const hash: Task.Task<[text: string], string> = { module: new URL("./hash.js", import.meta.url).href, name: "hash" }
 *
 * const program = OffLoop.runSync(hash, "secret").pipe(
 *   Effect.timeout("5 seconds"),
 *   Effect.provide(OffLoop.layer().pipe(Layer.provide(Backend.layer))),
 * )
 * ```
 */
export const runSync = <Args extends ReadonlyArray<unknown>, A, E = never>(
  task: Task<Args, A, E>,
  ...args: Args
): Effect.Effect<Awaited<A>, RunError | E, OffLoop> =>
  Effect.flatMap(OffLoop, (service) => service.runSyncWith({})(task, ...args))

/** `runSync` with another limiter, or leaving the task behind when the caller is interrupted. */
export const runSyncWith =
  (options: RunOptions) =>
  <Args extends ReadonlyArray<unknown>, A, E = never>(
    task: Task<Args, A, E>,
    ...args: Args
  ): Effect.Effect<Awaited<A>, RunError | E, OffLoop> =>
    Effect.flatMap(OffLoop, (service) => service.runSyncWith(options)(task, ...args))

/**
 * Runs an asynchronous task, one that returns a promise, in a thread with an event loop of its own, and waits for its
 * result. Such tasks overlap on a thread, and take no token unless `runWith` names a limiter.
 *
 * A task that is interrupted before it starts never runs. After that, the signal that `currentSignal()` of
 * `@offloop/runtime/worker` gave it is aborted, and interruption is delivered when the task has ended.
 *
 * ```ts
 * import { OffLoop, type Task } from "@offloop/runtime"
 * import { Effect } from "effect"
 *
 * // load.ts: export const load = async (url: string) => (await fetch(url, { signal: currentSignal() })).text()
 * const load: Task.Task<[url: string], Promise<string>> = { module: new URL("./load.js", import.meta.url).href, name: "load" }
 *
 * const page = OffLoop.run(load, "http://localhost/").pipe(Effect.timeout("1 second"))
 * ```
 */
export const run = <Args extends ReadonlyArray<unknown>, A, E = never>(
  task: Task<Args, A, E>,
  ...args: Args
): Effect.Effect<Awaited<A>, RunError | E, OffLoop> =>
  Effect.flatMap(OffLoop, (service) => service.runWith({})(task, ...args))

/** `run` with a limiter, or leaving the task behind, its signal aborted, when the caller is interrupted. */
export const runWith =
  (options: RunOptions) =>
  <Args extends ReadonlyArray<unknown>, A, E = never>(
    task: Task<Args, A, E>,
    ...args: Args
  ): Effect.Effect<Awaited<A>, RunError | E, OffLoop> =>
    Effect.flatMap(OffLoop, (service) => service.runWith(options)(task, ...args))

/**
 * Streams what a task returns: an iterable or an async iterable, or a promise of one, such as a generator. It has a thread
 * for itself and holds a token until it ends. The thread makes items only as far as they are asked for; they cross in
 * batches, each as it was when the iterator gave it.
 *
 * When the stream is not read to its end, the iterator's `return` runs in the thread, and the end of the stream waits for
 * it, unless `abandonOnCancel` says otherwise. What the iterator throws fails the stream after the items before it; an item
 * that cannot cross fails it with `UnsendableError`.
 *
 * ```ts
 * import { OffLoop, type Task } from "@offloop/runtime"
 * import { Stream } from "effect"
 *
 * // primes.ts: export function* primes(): Generator<number> { … }
 * const primes: Task.Task<[], Generator<number>> = { module: new URL("./primes.js", import.meta.url).href, name: "primes" }
 *
 * const firstTen = OffLoop.stream(primes).pipe(Stream.take(10), Stream.runCollect)
 * ```
 */
export const stream = <Args extends ReadonlyArray<unknown>, A, E = never>(
  task: Task<Args, A, E>,
  ...args: Args
): Stream.Stream<Item<A>, RunError | E, OffLoop> => streamWith({})(task, ...args)

/** `stream` with options. A buffer size that is not an integer of 1 or more is a defect. */
export const streamWith =
  (options: StreamOptions) =>
  <Args extends ReadonlyArray<unknown>, A, E = never>(
    task: Task<Args, A, E>,
    ...args: Args
  ): Stream.Stream<Item<A>, RunError | E, OffLoop> =>
    Stream.unwrap(Effect.map(OffLoop, (service) => service.streamWith(options)(task, ...args)))

/** A module's tasks as functions: each runs its task and gives an effect of its result. */
export type Calls<T extends AnyTasks, R = never> = {
  readonly [K in keyof T]: T[K] extends Task<infer Args, infer A, infer E>
    ? (...args: Args) => Effect.Effect<Awaited<A>, RunError | E, R>
    : never
}

/**
 * A module of blocking functions as one object of effects: every function is there under its name, and calling it is
 * `runSync`. Does no I/O; a name that the module does not have fails when it is called.
 *
 * ```ts
 * import { OffLoop, Task } from "@offloop/runtime"
 * import { Effect } from "effect"
 *
 * interface Hashing {
 *   readonly hash: (text: string) => string
 * }
 * const { hash } = OffLoop.calls(Task.fromModule<Hashing>(new URL("./hashing.js", import.meta.url)))
 *
 * const program = Effect.forEach(["a", "b"], (text) => hash(text), { concurrency: "unbounded" })
 * ```
 */
export const calls = <T extends AnyTasks>(tasks: T): Calls<T, OffLoop> => callsWith({})(tasks)

/** `calls` with options for all of its calls, those of `runSyncWith`. */
export const callsWith =
  (options: RunOptions) =>
  <T extends AnyTasks>(tasks: T): Calls<T, OffLoop> =>
    callsOf(tasks, (task, args) => runSyncWith(options)(task, ...args))

/**
 * The limiter of tasks that name none: anyio's `current_default_thread_limiter`. A token stands for a task that runs or
 * was given to a thread to run next: each thread is given its next tasks ahead, so there are 64 tokens for each of the
 * pool's threads. With fewer tokens than threads no more tasks than that run.
 */
export const defaultLimiter: Effect.Effect<CapacityLimiter.CapacityLimiter, never, OffLoop> = Effect.map(
  OffLoop,
  (service) => service.defaultLimiter,
)

/**
 * The limiter of tasks with the placement `"process"` that name none: anyio's `current_default_process_limiter`. A token
 * for each of the processes that there can be.
 */
export const defaultProcessLimiter: Effect.Effect<CapacityLimiter.CapacityLimiter, never, OffLoop> = Effect.map(
  OffLoop,
  (service) => service.defaultProcessLimiter,
)

/**
 * What the pools know of themselves: threads and why they ended, tasks, how long these waited and ran. Looking brings
 * `metrics` up to date as well. Does no I/O.
 *
 * ```ts
 * import { OffLoop } from "@offloop/runtime"
 * import { Effect } from "effect"
 *
 * const report = Effect.gen(function* () {
 *   const { blocking } = yield* OffLoop.stats
 *   yield* Effect.log(`${blocking.queued} wait, p99 ${blocking.run.p99} ms, ${blocking.retired.crashed} crashed`)
 * })
 * ```
 */
export const stats: Effect.Effect<Stats, never, OffLoop> = Effect.flatMap(OffLoop, (service) => service.stats)
