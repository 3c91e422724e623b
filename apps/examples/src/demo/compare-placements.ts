import { isDeepStrictEqual } from "node:util"
import { AsyncEngine, createAsyncEngine, type Placement, type Url } from "@offloop/orm-async"
import { LoopMonitor } from "@offloop/runtime"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import type { Comparison, PlacementReport } from "./comparison.ts"
import { heartbeatMs, startHeartbeat } from "./heartbeat.ts"
import { aggregate, connectionCount, smallQueries, type Workload } from "./workload.ts"

/** The placements gave different answers to the same questions. */
export class DifferentAnswersError extends Data.TaggedError("DifferentAnswersError")<{ readonly message: string }> {}

/** Does some work and tells how long after `started` it was done. */
const until = <A, E, R>(started: number, work: Effect.Effect<A, E, R>) =>
  Effect.map(work, (answer) => ({ answer, ms: performance.now() - started }))

/** Opens every connection and prepares every statement, so that only the work itself is measured. */
const warmUp = (workload: Workload) =>
  Effect.all([aggregate({ minPopulation: 2_000_000_000 }), smallQueries({ ids: workload.ids.slice(0, 100) })], {
    concurrency: "unbounded",
  })

const runIn = (placement: Placement, url: Url, workload: Workload) =>
  Effect.gen(function* () {
    const engine = yield* createAsyncEngine(url, { placement, poolSize: connectionCount, maxOverflow: 0 })
    yield* Effect.provideService(warmUp(workload), AsyncEngine, engine)
    const monitor = yield* LoopMonitor.make()
    const heartbeat = yield* startHeartbeat
    // One start for both: what waits for the other one has to wait, and that counts.
    const started = performance.now()
    const [heavy, small] = yield* Effect.all(
      [until(started, aggregate(workload)), until(started, smallQueries(workload))],
      { concurrency: "unbounded" },
    ).pipe(Effect.provideService(AsyncEngine, engine))
    // A stall counts when the timer that it held up has ticked.
    yield* Effect.sleep(4 * heartbeatMs)
    const { p50, p99, max } = yield* monitor.snapshot
    const report: PlacementReport = {
      loopDelayMs: { p50, p99, max },
      aggregateMs: heavy.ms,
      queriesPerSecond: (small.answer.length * 1000) / small.ms,
      elapsedMs: Math.max(heavy.ms, small.ms),
      heartbeat,
    }
    return { report, answers: [heavy.answer, small.answer] }
  }).pipe(Effect.scoped)

/**
 * Does the same work once `inline` and once in the `worker` placement, the aggregate and the small queries at the same
 * time, and measures the event loop meanwhile. Fails if the answers differ.
 */
export const comparePlacements = (url: Url, workload: Workload) =>
  Effect.gen(function* () {
    const inline = yield* runIn("inline", url, workload)
    const worker = yield* runIn("worker", url, workload)
    if (!isDeepStrictEqual(inline.answers, worker.answers)) {
      return yield* new DifferentAnswersError({
        message: "The placements gave different answers to the same queries on the same data.",
      })
    }
    return { inline: inline.report, worker: worker.report } satisfies Comparison
  })
