/**
 * Runs functions in threads: blocking ones (`runSync`, anyio's `to_thread.run_sync`), asynchronous ones (`run`), and
 * what they iterate (`stream`), over pools of threads.
 */
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import * as CapacityLimiter from "./CapacityLimiter.ts"
import type {
  ResidentClosedError,
  TaskError,
  TaskExportNotFoundError,
  TaskModuleNotFoundError,
  UnsendableError,
  WorkerCrashedError,
  WorkerStartError,
} from "./errors.ts"
import { DeadlockError, InvalidPoolOptionsError } from "./errors.ts"
import * as InlineBackend from "./InlineBackend.ts"
import { Backend } from "./internal/backend/service.ts"
import { callsOf } from "./internal/calls.ts"
import { coreOf } from "./internal/limiter/core.ts"
import type { Limiter } from "./internal/limiter/limiter.ts"
import { type Restore, take } from "./internal/limiter/take.ts"
import type { Link } from "./internal/link/link.ts"
import { startLink } from "./internal/link/start.ts"
import { AbortableJob, Job, StreamJob, type Work } from "./internal/pool/job.ts"
import { type PoolOptions, ThreadPool } from "./internal/pool/thread-pool.ts"
import { activity, type Held, heldIn, times } from "./internal/portal/hosts.ts"
import { receptionOf } from "./internal/portal/receptions.ts"
import { checkBufferSize } from "./internal/stream/buffer-size.ts"
import { fromFeed } from "./internal/stream/from-feed.ts"
import type { StreamOptions as BufferOptions, Item } from "./internal/stream/types.ts"
import type { Portal } from "./Portal.ts"
import type { Task, Tasks } from "./Task.ts"

/** Why a task did not give a result. */
export type RunError =
  | UnsendableError
  | TaskError
  | TaskModuleNotFoundError
  | TaskExportNotFoundError
  | WorkerStartError
  | WorkerCrashedError
  | ResidentClosedError
  | DeadlockError

/** How one task is run. */
export interface RunOptions {
  /** Which limiter's token to hold meanwhile. Default: `defaultLimiter`. */
  readonly limiter?: CapacityLimiter.CapacityLimiter | undefined
  /**
   * What interruption does once the task runs in a thread, where nothing can stop it. `false` (default): it is
   * delivered when the thread is free. `true`: the caller goes on at once, the task runs to its end and its result is
   * dropped; its token and its thread stay taken until then, as in trio, so that abandoned tasks cannot pile up without
   * bound.
   */
  readonly abandonOnCancel?: boolean | undefined
  /**
   * Where the task runs: `"worker"` (default), in a thread of the pool, or `"inline"`, on the loop's own thread, which it
   * blocks meanwhile and where arguments and results are not copied.
   */
  readonly placement?: Placement | undefined
  /** What the task can call on the loop, with `fromThread` of `@offloop/runtime/worker`. */
  readonly portal?: Portal | undefined
}

/** Where a task runs. */
export type Placement = "worker" | "inline"

/** How a task's iterable is streamed. */
export interface StreamOptions extends Omit<RunOptions, "portal">, BufferOptions {}

/** How large the pool is. */
export interface Options {
  /** Threads that are started at once and kept. Default: 0. */
  readonly minThreads?: number | undefined
  /** Threads at most. Default: the backend's parallelism. */
  readonly maxThreads?: number | undefined
  /** How long a thread beyond the minimum may have nothing to do before it ends. Default: 10 seconds, as in anyio. */
  readonly idleTimeout?: Duration.DurationInput | undefined
}

/** What there is to know about the pool at one moment. */
export interface Statistics {
  /** Threads, starting ones included. */
  readonly threads: number
  /** Threads that have nothing to do. */
  readonly idle: number
  /** Tasks that have a token but no thread yet. */
  readonly queued: number
}

/** What the service offers; the module's functions use it. */
export interface Service {
  readonly defaultLimiter: CapacityLimiter.CapacityLimiter
  readonly statistics: Effect.Effect<Statistics>
  readonly runSyncWith: (
    options: RunOptions,
  ) => <Args extends ReadonlyArray<unknown>, A>(
    task: Task<Args, A>,
    ...args: Args
  ) => Effect.Effect<Awaited<A>, RunError>
  readonly runWith: (
    options: RunOptions,
  ) => <Args extends ReadonlyArray<unknown>, A>(
    task: Task<Args, A>,
    ...args: Args
  ) => Effect.Effect<Awaited<A>, RunError>
  readonly streamWith: (
    options: StreamOptions,
  ) => <Args extends ReadonlyArray<unknown>, A>(task: Task<Args, A>, ...args: Args) => Stream.Stream<Item<A>, RunError>
}

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
export const layer = (options: Options = {}): Layer.Layer<OffLoop, InvalidPoolOptionsError, Backend> =>
  Layer.scoped(
    OffLoop,
    Effect.gen(function* () {
      const backend = yield* Backend
      const maxThreads = options.maxThreads ?? backend.parallelism
      const minThreads = options.minThreads ?? 0
      if (!Number.isInteger(maxThreads) || maxThreads < 1) {
        return yield* badSize("maxThreads", `maxThreads is an integer of 1 or more, not ${String(maxThreads)}.`)
      }
      if (!Number.isInteger(minThreads) || minThreads < 0 || minThreads > maxThreads) {
        return yield* badSize(
          "minThreads",
          `minThreads is an integer from 0 to maxThreads (${maxThreads}), not ${String(minThreads)}.`,
        )
      }
      const idleMillis = Duration.toMillis(options.idleTimeout ?? Duration.seconds(10))
      const defaultLimiter = yield* Effect.orDie(CapacityLimiter.make(maxThreads * AHEAD))
      const openPool = (start: () => Link, options: PoolOptions) =>
        Effect.acquireRelease(
          Effect.sync(() => new ThreadPool(start, options)),
          (started) => Effect.promise(() => started.close()),
        )
      const threads = { minThreads, maxThreads, idleMillis, depth: AHEAD }
      const overlapping = { minThreads: 0, maxThreads, idleMillis, depth: Number.POSITIVE_INFINITY }
      const blocking = yield* openPool(() => startLink(backend, "offloop", "blocking"), threads)
      const asynchronous = yield* openPool(() => startLink(backend, "offloop-async", "async"), overlapping)
      const inline = yield* openPool(() => startLink(InlineBackend.backend, "offloop-inline", "async"), {
        ...overlapping,
        maxThreads: 1,
        idleMillis: Number.POSITIVE_INFINITY,
      })
      blocking.warm()
      return {
        defaultLimiter,
        statistics: Effect.sync(() => blocking.size),
        runSyncWith: (run) => {
          const pool = run.placement === "inline" ? inline : blocking
          const limiter = run.limiter ?? defaultLimiter
          return (task, ...args) =>
            runOn(
              pool,
              limiter,
              run.abandonOnCancel ?? false,
              Job,
              { module: task.module, name: task.name, args },
              run.portal,
            )
        },
        runWith: (run) => {
          const pool = run.placement === "inline" ? inline : asynchronous
          return (task, ...args) =>
            runOn(
              pool,
              run.limiter,
              run.abandonOnCancel ?? false,
              AbortableJob,
              { module: task.module, name: task.name, args },
              run.portal,
            )
        },
        streamWith: (run) => {
          const pool = run.placement === "inline" ? inline : blocking
          return (task, ...args) =>
            streamOn(pool, run.limiter ?? defaultLimiter, run, { module: task.module, name: task.name, args })
        },
      }
    }),
  )

/** How many tasks a thread is given ahead. */
const AHEAD = 64

const badSize = (option: "minThreads" | "maxThreads", detail: string) =>
  Effect.fail(new InvalidPoolOptionsError({ option, detail }))

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
export const runSync = <Args extends ReadonlyArray<unknown>, A>(
  task: Task<Args, A>,
  ...args: Args
): Effect.Effect<Awaited<A>, RunError, OffLoop> =>
  Effect.flatMap(OffLoop, (service) => service.runSyncWith({})(task, ...args))

/** `runSync` with another limiter, or leaving the task behind when the caller is interrupted. */
export const runSyncWith =
  (options: RunOptions) =>
  <Args extends ReadonlyArray<unknown>, A>(
    task: Task<Args, A>,
    ...args: Args
  ): Effect.Effect<Awaited<A>, RunError, OffLoop> =>
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
export const run = <Args extends ReadonlyArray<unknown>, A>(
  task: Task<Args, A>,
  ...args: Args
): Effect.Effect<Awaited<A>, RunError, OffLoop> =>
  Effect.flatMap(OffLoop, (service) => service.runWith({})(task, ...args))

/** `run` with a limiter, or leaving the task behind, its signal aborted, when the caller is interrupted. */
export const runWith =
  (options: RunOptions) =>
  <Args extends ReadonlyArray<unknown>, A>(
    task: Task<Args, A>,
    ...args: Args
  ): Effect.Effect<Awaited<A>, RunError, OffLoop> =>
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
export const stream = <Args extends ReadonlyArray<unknown>, A>(
  task: Task<Args, A>,
  ...args: Args
): Stream.Stream<Item<A>, RunError, OffLoop> => streamWith({})(task, ...args)

/** `stream` with options. A buffer size that is not an integer of 1 or more is a defect. */
export const streamWith =
  (options: StreamOptions) =>
  <Args extends ReadonlyArray<unknown>, A>(
    task: Task<Args, A>,
    ...args: Args
  ): Stream.Stream<Item<A>, RunError, OffLoop> =>
    Stream.unwrap(Effect.map(OffLoop, (service) => service.streamWith(options)(task, ...args)))

/** A module's tasks as functions: each runs its task and gives an effect of its result. */
export type Calls<M, R = never> = {
  readonly [K in keyof Tasks<M>]: Tasks<M>[K] extends Task<infer Args, infer A>
    ? (...args: Args) => Effect.Effect<Awaited<A>, RunError, R>
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
export const calls = <M>(tasks: Tasks<M>): Calls<M, OffLoop> => callsWith({})(tasks)

/** `calls` with options for all of its calls, those of `runSyncWith`. */
export const callsWith =
  (options: RunOptions) =>
  <M>(tasks: Tasks<M>): Calls<M, OffLoop> =>
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

/** How many threads there are and what they do. */
export const statistics: Effect.Effect<Statistics, never, OffLoop> = Effect.flatMap(
  OffLoop,
  (service) => service.statistics,
)

const runOn = <A>(
  pool: ThreadPool,
  limiter: CapacityLimiter.CapacityLimiter | undefined,
  abandonOnCancel: boolean,
  Kind: typeof Job | typeof AbortableJob,
  work: Work,
  portal: Portal | undefined,
): Effect.Effect<Awaited<A>, RunError> =>
  Effect.uninterruptibleMask((restore) => {
    const core = limiter === undefined ? undefined : coreOf(limiter)
    // What only code that calls back, or was called back, needs: everything else does not pay for it.
    if (portal !== undefined || activity.handlers > 0) {
      return Effect.flatMap(Effect.getFiberRefs, (refs) => {
        const waiting = heldIn(refs)
        const locked = deadlock(waiting, pool, core, work)
        if (locked !== undefined) return Effect.fail(locked)
        const host = portal && receptionOf(portal).host(refs, [pool, ...(core === undefined ? [] : [core]), ...waiting])
        return runJob<A>(pool, core, abandonOnCancel, Kind, { ...work, host }, restore)
      })
    }
    return runJob(pool, core, abandonOnCancel, Kind, work, restore)
  })

const deadlock = (
  waiting: Held,
  pool: ThreadPool,
  core: Limiter | undefined,
  work: Work,
): DeadlockError | undefined => {
  const threads = times(waiting, pool)
  const target = `${work.module}#${work.name}`
  if (threads >= pool.maxThreads) {
    return new DeadlockError({
      target,
      detail: `it needs a thread, and those who wait for this handler have all ${threads}. Allow more with maxThreads`,
    })
  }
  if (core === undefined || core.total === 0) return undefined
  const tokens = times(waiting, core)
  if (tokens < core.total) return undefined
  return new DeadlockError({
    target,
    detail: `it needs a token, and those who wait for this handler have all ${tokens}. Use another limiter`,
  })
}

const runJob = <A>(
  pool: ThreadPool,
  core: Limiter | undefined,
  abandonOnCancel: boolean,
  Kind: typeof Job | typeof AbortableJob,
  work: Work,
  restore: Restore,
): Effect.Effect<Awaited<A>, RunError> =>
  Effect.suspend(() => {
    // The token belongs to this run, not to the fiber: the caller may leave while the thread is not free yet.
    const borrower = {}
    let job: Job | undefined
    let left: (() => void) | undefined
    // One step for the fiber, from the token to the result: this is what every call pays for.
    const result = Effect.async<Awaited<A>, RunError>((resume) => {
      const start = (): void => {
        job = new Kind(work, (exit) => {
          core?.release(borrower)
          resume(exit.ok ? Exit.succeed(exit.value as Awaited<A>) : Exit.fail(exit.error))
          left?.()
        })
        pool.run(job)
      }
      if (core === undefined || core.take(borrower)) start()
      else core.wait(borrower, start)
    })
    const leave = Effect.async<void>((resume) => {
      if (job === undefined || pool.withdraw(job)) core?.giveBack(borrower)
      else if (!job.finished) {
        job.cancel()
        if (job instanceof AbortableJob) job.abort()
        if (!abandonOnCancel) {
          left = () => resume(Effect.void)
          return
        }
      }
      resume(Effect.void)
    })
    return Effect.catchAllCause(restore(result), (cause) =>
      Cause.isInterrupted(cause) ? Effect.zipRight(leave, Effect.failCause(cause)) : Effect.failCause(cause),
    )
  })

const streamOn = <A>(
  pool: ThreadPool,
  limiter: CapacityLimiter.CapacityLimiter,
  options: StreamOptions,
  work: Work,
): Stream.Stream<Item<A>, RunError> =>
  fromFeed<Item<A>, RunError>((feed) => {
    const core = coreOf(limiter)
    const borrower = {}
    return Effect.uninterruptibleMask((restore) =>
      Effect.suspend(() => {
        const bufferSize = checkBufferSize(options.bufferSize)
        return Effect.map(take(core, borrower, restore), () => {
          const job = new StreamJob(work, bufferSize, feed.items, (exit) => {
            core.release(borrower)
            feed.ended(exit)
          })
          feed.connect({
            acknowledge: () => job.acknowledge(),
            stop: () => {
              if (!pool.withdraw(job)) return job.stop()
              core.release(borrower)
              return false
            },
          })
          pool.run(job)
        })
      }),
    )
  }, options.abandonOnCancel)
