/** The pools of one layer, and what runs on them. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import * as CapacityLimiter from "../../CapacityLimiter.ts"
import { type InvalidPoolOptionsError, TaskSchemaError } from "../../errors.ts"
import * as InlineBackend from "../../InlineBackend.ts"
import type { Task } from "../../Task.ts"
import { Backend } from "../backend/service.ts"
import { Desk } from "../context/desk.ts"
import { currentHome } from "../context/fiber-caller.ts"
import { wait } from "../context/wait.ts"
import { coreOf } from "../limiter/core.ts"
import type { Link } from "../link/link.ts"
import { startLink } from "../link/start.ts"
import { openProcesses } from "../process/processes.ts"
import type { Item } from "../stream/types.ts"
import { workOf } from "../task/work-of.ts"
import { type Submit, setDirect } from "./direct.ts"
import { AbortableJob, Job } from "./job.ts"
import { everlasting, type Limits } from "./limits.ts"
import { type Options, parseOptions } from "./options.ts"
import { Publisher } from "./publisher.ts"
import { runOn, streamOn } from "./run-on.ts"
import type { RunError, RunOptions, StreamOptions } from "./run-options.ts"
import { type Kind, Submission } from "./submission.ts"
import type { PoolStats } from "./tally.ts"
import { type PoolOptions, type StartError, ThreadPool } from "./thread-pool.ts"

/** What the pools know of themselves, at one moment. */
export interface Stats {
  /** The threads of `runSync` and `stream`. */
  readonly blocking: PoolStats
  /** The threads of `run`. */
  readonly async: PoolStats
  /** What runs with the placement `"inline"`: the loop's own thread, as a pool of one. */
  readonly inline: PoolStats
  /** What runs with the placement `"process"`: each of its threads is a process. */
  readonly process: PoolStats
}

type RunWith = (
  options: RunOptions,
) => <Args extends ReadonlyArray<unknown>, A, E = never>(
  task: Task<Args, A, E>,
  ...args: Args
) => Effect.Effect<Awaited<A>, RunError | E>

/** What the service offers; the module's functions use it. */
export interface Service {
  readonly defaultLimiter: CapacityLimiter.CapacityLimiter
  readonly defaultProcessLimiter: CapacityLimiter.CapacityLimiter
  readonly stats: Effect.Effect<Stats>
  readonly runSyncWith: RunWith
  readonly runWith: RunWith
  readonly streamWith: (
    options: StreamOptions,
  ) => <Args extends ReadonlyArray<unknown>, A, E = never>(
    task: Task<Args, A, E>,
    ...args: Args
  ) => Stream.Stream<Item<A>, RunError | E>
}

/** How many tasks a thread is given ahead. */
const AHEAD = 64

const openPool = (start: (name: string) => Link, options: PoolOptions & Limits, placement: string) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const pool = new ThreadPool(start, options)
      const publisher = new Publisher(pool, placement)
      return { pool, update: () => publisher.update(), publisher }
    }),
    ({ pool, publisher }) =>
      Effect.ensuring(
        Effect.promise(() => pool.close()),
        Effect.sync(() => publisher.close()),
      ),
  )

const warm = (pool: ThreadPool, awaited: boolean): Effect.Effect<void, StartError> =>
  wait((resume) => {
    pool.warm((error) => resume(error === undefined || !awaited ? Effect.void : Effect.fail(error)))
    if (!awaited) resume(Effect.void)
  })

/** Makes the pools. They close, after what runs on them, when the scope closes. */
export const makeService = (
  options: Options,
): Effect.Effect<Service, InvalidPoolOptionsError | StartError, Backend | Scope.Scope> =>
  Effect.gen(function* () {
    const backend = yield* Backend
    // Threads start at any time, on behalf of whoever needs one: what their code says outside of tasks comes out by this.
    const home = yield* Effect.sync(currentHome)
    const { awaitReady, threads: settings, ...parsed } = yield* parseOptions(options, backend)
    const { name, maxThreads } = parsed
    const defaultLimiter = yield* Effect.orDie(CapacityLimiter.make(maxThreads * AHEAD))
    const one = {
      ...parsed,
      ...(backend.inline ? everlasting : {}),
      depth: AHEAD,
      measured: true,
      inline: backend.inline,
    }
    const overlapping = { ...one, name: `${name}-async`, minThreads: 0, depth: Number.POSITIVE_INFINITY }
    // The loop's own thread is neither replaced nor ended.
    const onLoop = { ...overlapping, ...everlasting, name: `${name}-inline`, maxThreads: 1, inline: true }
    const blocking = yield* openPool(
      (thread) => startLink(backend, thread, "blocking", new Desk(home), settings),
      one,
      "blocking",
    )
    const asynchronous = yield* openPool(
      (thread) => startLink(backend, thread, "async", new Desk(home), settings),
      overlapping,
      "async",
    )
    const inline = yield* openPool(
      (thread) => startLink(InlineBackend.backend, thread, "async", new Desk(home)),
      onLoop,
      "inline",
    )
    const processes = yield* openProcesses(backend, options.processes ?? {}, parsed, openPool)
    yield* warm(blocking.pool, awaitReady)
    const submitting =
      (pool: ThreadPool, limiter: CapacityLimiter.CapacityLimiter | undefined, Kind: Kind, method: string): Submit =>
      (task, args) => {
        const work = workOf(task, args, method)
        if (work instanceof TaskSchemaError) throw work
        return new Submission(pool, limiter && coreOf(limiter), Kind, work)
      }
    const blockingPool = ({ placement }: RunOptions) => (placement === "inline" ? inline : blocking).pool
    const asyncPool = ({ placement }: RunOptions) => (placement === "inline" ? inline : asynchronous).pool
    const service: Service = {
      defaultLimiter,
      stats: Effect.sync(() => ({
        blocking: blocking.update(),
        async: asynchronous.update(),
        inline: inline.update(),
        process: processes.update(),
      })),
      defaultProcessLimiter: processes.limiter,
      runSyncWith: (run) => {
        if (run.placement === "process") return processes.runSyncWith(run)
        const pool = blockingPool(run)
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
        const pool = asyncPool(run)
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
        const pool = blockingPool(run)
        return (task, ...args) =>
          streamOn(pool, run.limiter ?? defaultLimiter, run, () => workOf(task, args, "OffLoop.stream"))
      },
    }
    return setDirect(service, {
      runSync: (run) => submitting(blockingPool(run), run.limiter ?? defaultLimiter, Job, "OffLoop.runSync"),
      run: (run) => submitting(asyncPool(run), run.limiter, AbortableJob, "OffLoop.run"),
    })
  })
