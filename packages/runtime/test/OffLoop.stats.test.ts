/** What the pools know of themselves, and that it adds up whatever happens. */

import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Metric from "effect/Metric"
import * as MetricState from "effect/MetricState"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { CapacityLimiter, InlineBackend, OffLoop } from "../src/index.ts"
import { gate, on, settle, tasks, threads } from "./off-loop.world.ts"

describe.each([
  ["in threads", threads],
  ["inline", InlineBackend.layer],
] as const)("stats, %s", (_, backend) => {
  test("count tasks by outcome, and how long they ran", () =>
    on(backend, { name: "counted", maxThreads: 1 })(
      Effect.gen(function* () {
        yield* OffLoop.runSync(tasks.add, 1, 1)
        yield* Effect.flip(OffLoop.runSync(tasks.fail, "no"))
        yield* OffLoop.run(tasks.later, "x")
        yield* Stream.runDrain(OffLoop.stream(tasks.numbers, 3, gate().words))
        const { blocking, async, inline } = yield* OffLoop.stats
        expect(blocking).toMatchObject({
          name: "counted",
          threads: 1,
          idle: 1,
          queued: 0,
          running: 0,
          started: 1,
          tasks: { completed: 2, failed: 1, interrupted: 0 },
        })
        expect(blocking.wait.count).toBe(3)
        expect(blocking.run.count).toBe(3)
        expect(blocking.run.max).toBeGreaterThan(0)
        expect(blocking.run.p50).toBeLessThanOrEqual(blocking.run.p99)
        expect(blocking.run.p99).toBeLessThanOrEqual(blocking.run.max)
        expect(blocking.utilisation).toBeGreaterThan(0)
        expect(blocking.utilisation).toBeLessThanOrEqual(1)
        expect(blocking.busyMillis).toBeLessThanOrEqual(blocking.threadMillis)
        expect(async).toMatchObject({ name: "counted-async", tasks: { completed: 1 } })
        expect(async.run.count).toBe(1)
        expect(inline).toMatchObject({ name: "counted-inline", threads: 0, utilisation: 0 })
      }),
    ))
})

test("stats tell what waits from what runs, and for how long it did", () =>
  on(threads, { maxThreads: 1 })(
    Effect.gen(function* () {
      const held = gate()
      const fiber = yield* Effect.fork(OffLoop.runSync(tasks.hold, held.words))
      yield* held.begun
      const behind = yield* Effect.fork(OffLoop.runSync(tasks.add, 1, 1))
      yield* settle
      expect((yield* OffLoop.stats).blocking).toMatchObject({ running: 1, queued: 1, idle: 0 })
      yield* Effect.sleep(20)
      yield* held.release
      yield* Fiber.join(fiber)
      yield* Fiber.join(behind)
      const { wait, run } = (yield* OffLoop.stats).blocking
      // The one behind waited as long as the other was held.
      expect(wait.max).toBeGreaterThanOrEqual(15)
      expect(run.max).toBeGreaterThanOrEqual(15)
    }),
  ))

test("metrics carry the names, tags and numbers of the pools, and outlive them", async () => {
  await on(threads, { name: "measured", maxThreads: 1 })(
    Effect.gen(function* () {
      yield* Effect.forEach(Array.from({ length: 10 }), () => OffLoop.runSync(tasks.add, 1, 1))
      yield* Effect.flip(OffLoop.runSync(tasks.exit, 3))
      yield* OffLoop.stats
    }),
  )
  const tagged = <Type, In, Out>(metric: Metric.Metric<Type, In, Out>, ...[tag, value]: ReadonlyArray<string>) =>
    Effect.runPromise(
      Metric.value(
        metric.pipe(
          Metric.tagged("pool", "measured"),
          Metric.tagged("placement", "blocking"),
          tag === undefined ? (same) => same : Metric.tagged(tag, value as string),
        ),
      ),
    )
  expect(await tagged(OffLoop.metrics.tasks, "outcome", "completed")).toMatchObject({ count: 10 })
  expect(await tagged(OffLoop.metrics.tasks, "outcome", "failed")).toMatchObject({ count: 1 })
  expect(await tagged(OffLoop.metrics.retiredThreads, "reason", "crashed")).toMatchObject({ count: 1 })
  expect(await tagged(OffLoop.metrics.startedThreads)).toMatchObject({ count: 1 })
  expect(await tagged(OffLoop.metrics.threads)).toMatchObject({ value: 0 })
  const wait = await tagged(OffLoop.metrics.wait)
  expect(MetricState.isHistogramState(wait) && wait.count).toBe(11)
  // The one that ended its thread did not live to be measured.
  expect(await tagged(OffLoop.metrics.run)).toMatchObject({ count: 10 })
})

test("metrics follow by themselves, without anybody who looks", async () => {
  const scope = await Effect.runPromise(Scope.make())
  const live = Layer.provide(OffLoop.layer({ name: "followed", maxThreads: 1 }), threads)
  const context = await Effect.runPromise(Layer.buildWithScope(live, scope))
  await Effect.runPromise(Effect.provide(OffLoop.runSync(tasks.add, 1, 1), context))
  const completed = OffLoop.metrics.tasks.pipe(
    Metric.tagged("pool", "followed"),
    Metric.tagged("placement", "blocking"),
    Metric.tagged("outcome", "completed"),
  )
  await Effect.runPromise(
    Effect.repeat(Effect.zipRight(Effect.sleep(5), Metric.value(completed)), { until: ({ count }) => count === 1 }),
  )
  await Effect.runPromise(Scope.close(scope, Exit.void))
})

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ what: fc.constant("run" as const), interrupt: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant("async" as const), interrupt: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant("fail" as const), interrupt: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant("crash" as const), interrupt: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant("stream" as const), interrupt: fc.boolean() }) },
)

test("whatever runs, fails, crashes, is interrupted or replaced: every token comes back, and every count adds up", () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 5, maxLength: 25 }),
      fc.integer({ min: 2, max: 8 }),
      fc.boolean(),
      (steps, maxTasksPerThread, abandonOnCancel) =>
        on(threads, { maxThreads: 2, maxTasksPerThread })(
          Effect.gen(function* () {
            const limiter = yield* CapacityLimiter.make(100)
            const options = { limiter, abandonOnCancel }
            const { words } = gate()
            const effects = {
              run: OffLoop.runSyncWith(options)(tasks.add, 1, 1),
              async: OffLoop.runWith(options)(tasks.later, "x"),
              fail: Effect.flip(OffLoop.runSyncWith(options)(tasks.fail, "no")),
              crash: Effect.flip(OffLoop.runSyncWith(options)(tasks.exit, 3)),
              stream: Stream.runDrain(OffLoop.streamWith(options)(tasks.numbers, 10, words)),
            }
            const fibers = yield* Effect.forEach(steps, ({ what, interrupt }) =>
              Effect.gen(function* () {
                const fiber = yield* Effect.fork(Effect.asVoid(effects[what]))
                if (interrupt) {
                  yield* Effect.yieldNow()
                  yield* Fiber.interruptFork(fiber)
                }
                return fiber
              }),
            )
            yield* Effect.forEach(fibers, Fiber.await)
            // What was left behind is done when its token is back.
            yield* Effect.repeat(Effect.zipRight(Effect.sleep(1), limiter.borrowedTokens), { until: (n) => n === 0 })
            const { blocking, async } = yield* OffLoop.stats
            for (const { threads, idle, queued, running, started, retired } of [blocking, async]) {
              expect({ queued, running }).toEqual({ queued: 0, running: 0 })
              expect(started).toBe(threads + Object.values(retired).reduce((sum, count) => sum + count, 0))
              expect(idle).toBeLessThanOrEqual(threads)
            }
            const ended = [blocking, async].flatMap(({ tasks }) => Object.values(tasks))
            expect(ended.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(steps.length)
            const finished = blocking.tasks.completed + async.tasks.completed
            expect(finished).toBeGreaterThanOrEqual(
              steps.filter(({ what, interrupt }) => !interrupt && ["run", "async", "stream"].includes(what)).length,
            )
            expect(blocking.retired.crashed).toBeLessThanOrEqual(steps.filter(({ what }) => what === "crash").length)
          }),
        ),
    ),
    { numRuns: 4 },
  ))
