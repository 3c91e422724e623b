/** The pools of one layer, and what runs on them. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import * as CapacityLimiter from "../../CapacityLimiter.ts"
import type { InvalidPoolOptionsError } from "../../errors.ts"
import * as InlineBackend from "../../InlineBackend.ts"
import type { Task } from "../../Task.ts"
import { Backend } from "../backend/service.ts"
import { currentHome } from "../context/fiber-caller.ts"
import type { Link } from "../link/link.ts"
import { startLink } from "../link/start.ts"
import { openProcesses, type ProcessStatistics } from "../process/processes.ts"
import type { Item } from "../stream/types.ts"
import { workOf } from "../task/work-of.ts"
import { AbortableJob, Job } from "./job.ts"
import { type Options, parseOptions } from "./options.ts"
import { runOn, streamOn } from "./run-on.ts"
import type { RunError, RunOptions, StreamOptions } from "./run-options.ts"
import { type PoolOptions, ThreadPool } from "./thread-pool.ts"

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
  readonly defaultProcessLimiter: CapacityLimiter.CapacityLimiter
  readonly processStatistics: Effect.Effect<ProcessStatistics>
  readonly runSyncWith: (
    options: RunOptions,
  ) => <Args extends ReadonlyArray<unknown>, A, E = never>(
    task: Task<Args, A, E>,
    ...args: Args
  ) => Effect.Effect<Awaited<A>, RunError | E>
  readonly runWith: (
    options: RunOptions,
  ) => <Args extends ReadonlyArray<unknown>, A, E = never>(
    task: Task<Args, A, E>,
    ...args: Args
  ) => Effect.Effect<Awaited<A>, RunError | E>
  readonly streamWith: (
    options: StreamOptions,
  ) => <Args extends ReadonlyArray<unknown>, A, E = never>(
    task: Task<Args, A, E>,
    ...args: Args
  ) => Stream.Stream<Item<A>, RunError | E>
}

/** How many tasks a thread is given ahead. */
const AHEAD = 64

/** Makes the pools. They close, after what runs on them, when the scope closes. */
export const makeService = (options: Options): Effect.Effect<Service, InvalidPoolOptionsError, Backend | Scope.Scope> =>
  Effect.gen(function* () {
    const backend = yield* Backend
    // Threads start at any time, on behalf of whoever needs one: what their code says outside of tasks comes out by this.
    const home = yield* Effect.sync(currentHome)
    const { minThreads, maxThreads, idleMillis } = yield* parseOptions(options, backend.parallelism)
    const defaultLimiter = yield* Effect.orDie(CapacityLimiter.make(maxThreads * AHEAD))
    const openPool = (start: () => Link, options: PoolOptions) =>
      Effect.acquireRelease(
        Effect.sync(() => new ThreadPool(start, options)),
        (started) => Effect.promise(() => started.close()),
      )
    const threads = { minThreads, maxThreads, idleMillis, depth: AHEAD }
    const overlapping = { minThreads: 0, maxThreads, idleMillis, depth: Number.POSITIVE_INFINITY }
    const blocking = yield* openPool(() => startLink(backend, "offloop", "blocking", home), threads)
    const asynchronous = yield* openPool(() => startLink(backend, "offloop-async", "async", home), overlapping)
    const inline = yield* openPool(() => startLink(InlineBackend.backend, "offloop-inline", "async", home), {
      ...overlapping,
      maxThreads: 1,
      idleMillis: Number.POSITIVE_INFINITY,
    })
    const processes = yield* openProcesses(backend, options.processes ?? {})
    blocking.warm()
    return {
      defaultLimiter,
      statistics: Effect.sync(() => blocking.size),
      defaultProcessLimiter: processes.limiter,
      processStatistics: processes.statistics,
      runSyncWith: (run) => {
        if (run.placement === "process") return processes.runSyncWith(run)
        const pool = run.placement === "inline" ? inline : blocking
        const limiter = run.limiter ?? defaultLimiter
        return (task, ...args) =>
          runOn(
            pool,
            limiter,
            run.abandonOnCancel ?? false,
            Job,
            () => workOf(task, args, "OffLoop.runSync"),
            run.portal,
          )
      },
      runWith: (run) => {
        if (run.placement === "process") return processes.runWith(run)
        const pool = run.placement === "inline" ? inline : asynchronous
        return (task, ...args) =>
          runOn(
            pool,
            run.limiter,
            run.abandonOnCancel ?? false,
            AbortableJob,
            () => workOf(task, args, "OffLoop.run"),
            run.portal,
          )
      },
      streamWith: (run) => {
        if (run.placement === "process") return processes.streamWith(run)
        const pool = run.placement === "inline" ? inline : blocking
        return (task, ...args) =>
          streamOn(pool, run.limiter ?? defaultLimiter, run, () => workOf(task, args, "OffLoop.stream"))
      },
    }
  })
