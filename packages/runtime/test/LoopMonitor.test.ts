import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import { describe, expect, test } from "vitest"
import { LoopMonitor } from "../src/index.ts"
import { startTicker } from "../src/internal/monitor/ticker.ts"

/** Blocks the loop for a while and says for how long it really was. */
const stall = (millis: number): number => {
  const start = performance.now()
  while (performance.now() - start < millis);
  return performance.now() - start
}

const go = <A, E>(program: Effect.Effect<A, E>): Promise<A> => Effect.runPromise(program)

/** Waits until the monitor has ticked again. */
const tick = (monitor: LoopMonitor.LoopMonitor) =>
  Effect.gen(function* () {
    const { count } = yield* monitor.snapshot
    yield* Effect.repeat(Effect.zipRight(Effect.sleep(1), monitor.snapshot), { until: (now) => now.count > count })
  })

describe("LoopMonitor", () => {
  test("sees a stall in full, and what its victims waited", () =>
    go(
      Effect.scoped(
        Effect.gen(function* () {
          const monitor = yield* LoopMonitor.make({ resolution: 5 })
          yield* tick(monitor)
          const stalled = stall(150)
          yield* tick(monitor)
          const { max, p99, p50, mean, count } = yield* monitor.snapshot
          expect(max).toBeGreaterThanOrEqual(stalled)
          expect(p99).toBeLessThanOrEqual(max)
          expect(p50).toBeLessThanOrEqual(p99)
          expect(mean).toBeLessThanOrEqual(max)
          // One sample for each tick that the stall swallowed.
          expect(count).toBeGreaterThan(20)
        }),
      ),
    ))

  test("reset forgets", () =>
    go(
      Effect.scoped(
        Effect.gen(function* () {
          const monitor = yield* LoopMonitor.make({ resolution: 5 })
          yield* tick(monitor)
          stall(100)
          yield* tick(monitor)
          yield* monitor.reset
          expect(yield* monitor.snapshot).toEqual({ p50: 0, p99: 0, max: 0, mean: 0, count: 0 })
          yield* tick(monitor)
          expect((yield* monitor.snapshot).count).toBeGreaterThan(0)
        }),
      ),
    ))

  test("feeds an Effect metric, until its scope closes", () =>
    go(
      Effect.gen(function* () {
        const before = (yield* Metric.value(LoopMonitor.delay)).count
        yield* Effect.scoped(Effect.flatMap(LoopMonitor.make({ resolution: 1 }), tick))
        const after = (yield* Metric.value(LoopMonitor.delay)).count
        expect(after).toBeGreaterThan(before)
        yield* Effect.sleep(20)
        expect((yield* Metric.value(LoopMonitor.delay)).count).toBe(after)
      }),
    ))
})

describe("ticker", () => {
  test("reports small lateness as it is, and a stall once for every tick that it swallowed", async () => {
    // Time as the ticker sees it: start, one tick 2 ms late, one tick after a stall.
    const times = [0, 12, 12 + 35]
    const reports: number[] = []
    const done = Promise.withResolvers<void>()
    const ticker = startTicker(
      10,
      () => times.shift() ?? 0,
      (millis) => {
        reports.push(millis)
        if (reports.length === 5) done.resolve()
      },
    )
    await done.promise
    ticker.stop()
    expect(reports).toEqual([2, 35, 25, 15, 5])
  })
})
