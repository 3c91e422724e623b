/** The pools of one layer, and what runs on them. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as CapacityLimiter from "../../CapacityLimiter.ts"
import { InvalidPoolOptionsError } from "../../errors.ts"
import type { Task } from "../../Task.ts"
import { Backend } from "../backend/service.ts"
import { Desk } from "../context/desk.ts"
import { currentHome } from "../context/fiber-caller.ts"
import { wait } from "../context/wait.ts"
import { logLines } from "../process/log-line.ts"
import { parseProcessOptions } from "../process/options.ts"
import type { Item } from "../stream/types.ts"
import { type Options, parseOptions } from "./options.ts"
import { defaultTokens, Pools, type Stats } from "./pools.ts"
import { publishPools } from "./publisher.ts"
import { kindOf, portalInProcess, streamKindOf, workFor } from "./requests.ts"
import { runOn, streamOn } from "./run-on.ts"
import type { RunError, RunOptions, StreamOptions } from "./run-options.ts"
import type { StartError } from "./thread-pool.ts"

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

const warm = (pools: Pools): Effect.Effect<void, StartError> =>
  wait((resume) => pools.warm((error) => resume(error === undefined ? Effect.void : Effect.fail(error))))

const parsed = <A>(value: A | InvalidPoolOptionsError): Effect.Effect<A, InvalidPoolOptionsError> =>
  value instanceof InvalidPoolOptionsError ? Effect.fail(value) : Effect.succeed(value)

/** Makes the pools. They close, after what runs on them, when the scope closes. */
export const makeService = (
  options: Options,
): Effect.Effect<Service, InvalidPoolOptionsError | StartError, Backend | Scope.Scope> =>
  Effect.gen(function* () {
    publishPools()
    const backend = yield* Backend
    // Threads start at any time, on behalf of whoever needs one: what their code says outside of tasks comes out by this.
    const home = yield* Effect.sync(currentHome)
    const runtime = yield* Effect.runtime<never>()
    const onLine = logLines(runtime)
    const settings = yield* parsed(parseOptions(options, backend))
    const { processes: asked = {} } = options
    const numbers = yield* parsed(parseProcessOptions(asked, backend.parallelism))
    const defaultLimiter = yield* Effect.orDie(CapacityLimiter.make(defaultTokens(settings)))
    const defaultProcessLimiter = yield* Effect.orDie(CapacityLimiter.make(numbers.max))
    const processes = { ...asked, ...numbers }
    const pools = yield* Effect.acquireRelease(
      Effect.sync(() => new Pools({ backend, settings, processes, telemetry: () => new Desk(home), onLine })),
      (made) => Effect.promise(() => made.close()),
    )
    yield* warm(pools)
    const running =
      (method: "runSync" | "run"): RunWith =>
      (run) => {
        const { placement, abandonOnCancel: abandon = false, portal } = run
        const pool = method === "runSync" ? pools.ofBlocking(placement) : pools.ofAsync(placement)
        const default_ = method === "runSync" ? defaultLimiter : undefined
        const limiter = run.limiter ?? (placement === "process" ? defaultProcessLimiter : default_)
        const Kind = kindOf(method, placement)
        if (placement !== "process") {
          return (task, ...args) =>
            runOn(
              pool,
              limiter,
              abandon,
              Kind,
              () => workFor({ method, task, args, placement, abandon, onLine }),
              portal,
            )
        }
        return (task, ...args) =>
          // What the process writes meanwhile belongs to the caller.
          Effect.flatMap(Effect.runtime<never>(), (caller) => {
            if (portal !== undefined) return Effect.fail(portalInProcess(task))
            const request = { method, task, args, placement, abandon, onLine: logLines(caller) }
            return runOn(pool, limiter, abandon, Kind, () => workFor(request), undefined)
          })
      }
    const streaming: Service["streamWith"] = (run) => {
      const { placement, abandonOnCancel: abandon = false } = run
      const pool = pools.ofBlocking(placement)
      const limiter = run.limiter ?? (placement === "process" ? defaultProcessLimiter : defaultLimiter)
      const Kind = streamKindOf(placement)
      const method = "stream"
      if (placement !== "process") {
        return (task, ...args) =>
          streamOn(pool, limiter, run, () => workFor({ method, task, args, placement, abandon, onLine }), Kind)
      }
      return (task, ...args) =>
        Stream.unwrap(
          Effect.map(Effect.runtime<never>(), (caller) => {
            const request = { method, task, args, placement, abandon, onLine: logLines(caller) } as const
            return streamOn(pool, limiter, run, () => workFor(request), Kind)
          }),
        )
    }
    return {
      defaultLimiter,
      defaultProcessLimiter,
      stats: Effect.sync(() => pools.stats()),
      runSyncWith: running("runSync"),
      runWith: running("run"),
      streamWith: streaming,
    }
  })
