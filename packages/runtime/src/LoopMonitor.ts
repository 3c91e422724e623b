/**
 * How long the event loop keeps its events waiting, on every runtime. A loop that is never blocked shows about a
 * millisecond; a blocking call of a second shows as a maximum of a second.
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import * as MetricBoundaries from "effect/MetricBoundaries"
import type * as Scope from "effect/Scope"
import { onEveryDelay, startMonitor } from "./internal/monitor/monitor.ts"

/** Delays in milliseconds since the monitor was started or reset. All are 0 when `count` is. */
export interface Snapshot {
  /** Half of the time an event waits no longer. To within 1/64. */
  readonly p50: number
  /** 99% of the time an event waits no longer. To within 1/64. */
  readonly p99: number
  /** The longest wait: a stall's length, at most one resolution more. */
  readonly max: number
  readonly mean: number
  /** How many waits were sampled. */
  readonly count: number
}

/** A running monitor. */
export interface LoopMonitor {
  /** What was seen so far. */
  readonly snapshot: Effect.Effect<Snapshot>
  /** Forgets what was seen so far. */
  readonly reset: Effect.Effect<void>
}

/** How to monitor. */
export interface Options {
  /**
   * How often to look. Stalls shorter than this show only as the lateness of one tick. Default: 10 milliseconds; at
   * least 1.
   */
  readonly resolution?: Duration.DurationInput | undefined
}

/** The delays of all monitors of the program, in milliseconds, as an Effect metric. */
export const delay: Metric.Metric.Histogram<number> = Metric.histogram(
  "offloop_event_loop_delay_ms",
  MetricBoundaries.exponential({ start: 1, factor: 2, count: 14 }),
  "How long an event waits for the event loop, in milliseconds",
)

onEveryDelay((millis) => delay.unsafeUpdate(millis, []))

/**
 * Watches the loop that it is run on until the scope closes. It costs one timer, and keeps no program alive.
 *
 * ```ts
 * import { LoopMonitor } from "@offloop/runtime"
 * import { Effect } from "effect"
 *
 * const program = Effect.gen(function* () {
 *   const monitor = yield* LoopMonitor.make({ resolution: "5 millis" })
 *   yield* Effect.sleep("1 second")
 *   const { p50, p99, max } = yield* monitor.snapshot
 *   yield* Effect.log({ p50, p99, max })
 * }).pipe(Effect.scoped)
 * ```
 */
export const make = (options: Options = {}): Effect.Effect<LoopMonitor, never, Scope.Scope> =>
  Effect.suspend(() => {
    const resolution = Duration.toMillis(options.resolution ?? Duration.millis(10))
    return Effect.acquireRelease(
      Effect.sync(() => startMonitor(resolution)),
      (monitor) => Effect.sync(() => monitor.stop()),
    ).pipe(
      Effect.map(
        ({ histogram }): LoopMonitor => ({
          snapshot: Effect.sync(() => histogram.distribution),
          reset: Effect.sync(() => histogram.reset()),
        }),
      ),
    )
  })
