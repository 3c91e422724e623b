/** The processes of one layer, and what runs in them. */
import * as Effect from "effect/Effect"
import type * as Runtime from "effect/Runtime"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as CapacityLimiter from "../../CapacityLimiter.ts"
import { type InvalidPoolOptionsError, TaskSchemaError, UnsupportedPlacementError } from "../../errors.ts"
import type { Task } from "../../Task.ts"
import type { BackendService } from "../backend/service.ts"
import { Desk } from "../context/desk.ts"
import { currentHome } from "../context/fiber-caller.ts"
import type { Link } from "../link/link.ts"
import { startLink } from "../link/start.ts"
import type { Work } from "../pool/job.ts"
import { everlasting, type Limits } from "../pool/limits.ts"
import { runOn, streamOn } from "../pool/run-on.ts"
import type { RunOptions } from "../pool/run-options.ts"
import type { Service } from "../pool/service.ts"
import type { PoolStats } from "../pool/tally.ts"
import type { PoolOptions, ThreadPool } from "../pool/thread-pool.ts"
import { workOf } from "../task/work-of.ts"
import { AbortableProcessJob, ProcessJob, ProcessStreamJob, type ProcessWork } from "./job.ts"
import { logLines } from "./log-line.ts"
import { type ProcessOptions, parseProcessOptions } from "./options.ts"
import { startProcessLink } from "./start.ts"

/** Opens a pool that closes with the scope. */
type OpenPool = (
  start: (name: string) => Link,
  options: PoolOptions & Limits,
  placement: string,
) => Effect.Effect<{ readonly pool: ThreadPool; readonly update: () => PoolStats }, never, Scope.Scope>

/** What the pool of processes offers. */
export interface Processes extends Pick<Service, "runSyncWith" | "runWith" | "streamWith"> {
  readonly limiter: CapacityLimiter.CapacityLimiter
  /** Looks at the pool. */
  readonly update: () => PoolStats
}

/** Makes the pool. Its processes end, after what runs in them, when the scope closes. */
export const openProcesses = (
  backend: BackendService,
  options: ProcessOptions,
  { name: program, shutdownMillis }: Pick<Limits, "name" | "shutdownMillis">,
  openPool: OpenPool,
): Effect.Effect<Processes, InvalidPoolOptionsError, Scope.Scope> =>
  Effect.gen(function* () {
    const { min, max, idleMillis } = yield* parseProcessOptions(options, backend.parallelism)
    const limiter = yield* Effect.orDie(CapacityLimiter.make(max))
    const runtime = yield* Effect.runtime<never>()
    const home = yield* Effect.sync(currentHome)
    // A process has one task at a time, which is what it is killed with.
    const size = {
      minThreads: min,
      maxThreads: max,
      idleMillis,
      depth: 1,
      shutdownMillis,
      measured: false,
      inline: backend.inline,
    }
    const { pool, update } = yield* openPool(
      (name) =>
        backend.inline
          ? startLink(backend, name, "async", new Desk(home))
          : startProcessLink(backend, name, "async", options, logLines(runtime), new Desk(home)),
      // A process ends with what it is killed for.
      { ...everlasting, ...size, name: `${program}-process` },
      "process",
    )
    if (!backend.inline) pool.warm(() => {})
    return {
      limiter,
      update,
      runSyncWith: (run) => runIn(pool, run.limiter ?? limiter, run, ProcessJob, "OffLoop.runSync"),
      runWith: (run) => runIn(pool, run.limiter ?? limiter, run, AbortableProcessJob, "OffLoop.run"),
      streamWith:
        (run) =>
        (task, ...args) =>
          Stream.unwrap(
            Effect.map(Effect.runtime<never>(), (caller) =>
              streamOn(
                pool,
                run.limiter ?? limiter,
                run,
                () => forProcess(workOf(task, args, "OffLoop.stream"), run, caller),
                ProcessStreamJob,
              ),
            ),
          ),
    }
  })

const runIn =
  (
    pool: ThreadPool,
    limiter: CapacityLimiter.CapacityLimiter,
    run: RunOptions,
    Kind: typeof ProcessJob | typeof AbortableProcessJob,
    method: string,
  ) =>
  <Args extends ReadonlyArray<unknown>, A, E = never>(task: Task<Args, A, E>, ...args: Args) =>
    Effect.flatMap(Effect.runtime<never>(), (caller) =>
      run.portal === undefined
        ? runOn<A, E>(
            pool,
            limiter,
            run.abandonOnCancel ?? false,
            Kind,
            () => forProcess(workOf(task, args, method), run, caller),
            undefined,
          )
        : Effect.fail(noPortal(task)),
    )

// What the process writes meanwhile belongs to the caller.
const forProcess = (
  work: Work | TaskSchemaError,
  { abandonOnCancel }: RunOptions,
  caller: Runtime.Runtime<never>,
): ProcessWork | TaskSchemaError =>
  work instanceof TaskSchemaError ? work : { ...work, onLine: logLines(caller), kill: abandonOnCancel !== true }

const noPortal = ({ module, name }: Task<never, unknown, unknown>) =>
  new UnsupportedPlacementError({
    target: `${module}#${name}`,
    placement: "process",
    detail: 'it was given a portal, and code in a process cannot call back. Use the placement "worker", or no portal',
  })
