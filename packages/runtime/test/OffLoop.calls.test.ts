/** Asynchronous tasks, streams, placement, and tasks that were given to a thread ahead. */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import { describe, expect, test } from "vitest"
import { CapacityLimiter, InlineBackend, OffLoop } from "../src/index.ts"
import { gate, on, settle, tasks, threads } from "./off-loop.world.ts"

const upTo = (to: number) => Array.from({ length: to }, (_, n) => n)
const collect = <A, E, R>(stream: Stream.Stream<A, E, R>) =>
  Effect.map(Stream.runCollect(stream), (items) => [...items])

describe.each([
  ["in threads", threads],
  ["inline", InlineBackend.layer],
] as const)("OffLoop, %s", (_, backend) => {
  const go = on(backend, { maxThreads: 1 })

  test("run gives what an asynchronous task resolves to, and takes no token", () =>
    go(
      Effect.gen(function* () {
        const limiter = yield* OffLoop.defaultLimiter
        yield* limiter.setTotalTokens(0)
        expect(yield* OffLoop.run(tasks.later, "x")).toBe("x")
        expect(yield* OffLoop.run(tasks.add, 1, 2)).toBe(3)
        expect(yield* Effect.flip(OffLoop.run(tasks.fail, "no"))).toMatchObject({ _tag: "TaskError", code: "E_TASK" })
        const refused = yield* Effect.flip(OffLoop.run(tasks.identity, () => 1))
        expect(refused).toMatchObject({ _tag: "UnsendableError", path: "args[0]" })
        const missing = { ...tasks.add, name: "nope" }
        expect(yield* Effect.flip(OffLoop.run(missing, 1, 2))).toMatchObject({ _tag: "TaskExportNotFoundError" })
      }),
    ))

  test("asynchronous tasks overlap on a thread", () =>
    go(
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(OffLoop.run(tasks.meet, "a"))
        yield* Effect.repeat(OffLoop.run(tasks.pass, "a"), { until: (met) => met })
        expect(yield* Fiber.join(fiber)).toBe("met a")
      }),
    ))

  test("interruption aborts the task's signal and is delivered when the task has ended", () =>
    go(
      Effect.gen(function* () {
        const held = gate()
        const fiber = yield* Effect.fork(OffLoop.run(tasks.untilAborted, held.words))
        yield* held.begun
        yield* Fiber.interrupt(fiber)
        expect(held.runs()).toBe(1)
        expect(Exit.isInterrupted(yield* Fiber.await(fiber))).toBe(true)
        expect(yield* OffLoop.run(tasks.aborted)).toBe(false)
      }),
    ))

  test("runWith holds a token of the limiter that it names until the task has ended", () =>
    go(
      Effect.gen(function* () {
        const limiter = yield* CapacityLimiter.make(1)
        const held = gate()
        const run = OffLoop.runWith({ limiter, abandonOnCancel: true })
        const fiber = yield* Effect.fork(run(tasks.untilAborted, held.words))
        yield* held.begun
        const next = yield* Effect.fork(run(tasks.later, "next"))
        yield* settle
        expect(yield* limiter.statistics).toMatchObject({ borrowedTokens: 1, tasksWaiting: 1 })
        yield* Fiber.interrupt(fiber)
        expect(yield* Fiber.join(next)).toBe("next")
        expect(held.runs()).toBe(1)
        expect(yield* limiter.borrowedTokens).toBe(0)
      }),
    ))

  test("a stream gives all items and gives its token back", () =>
    go(
      Effect.gen(function* () {
        const { words, runs } = gate()
        expect(yield* collect(OffLoop.stream(tasks.numbers, 3000, words))).toEqual(upTo(3000))
        expect(yield* collect(OffLoop.stream(tasks.numbersLater, 5))).toEqual(upTo(5))
        expect(yield* collect(Stream.take(OffLoop.stream(tasks.numbers, 1e9, words), 10))).toEqual(upTo(10))
        expect(runs()).toBe(2)
        expect(yield* (yield* OffLoop.defaultLimiter).borrowedTokens).toBe(0)
        expect(yield* OffLoop.runSync(tasks.add, 1, 2)).toBe(3)
      }),
    ))

  test("a stream that cannot be made says why in the task's own terms", () =>
    go(
      Effect.gen(function* () {
        const missing = yield* Effect.flip(collect(OffLoop.stream({ ...tasks.numbersLater, name: "nope" }, 1)))
        expect(missing).toMatchObject({ _tag: "TaskExportNotFoundError" })
        const refused = yield* Effect.flip(collect(OffLoop.stream(tasks.identity, [() => 1])))
        expect(refused).toMatchObject({ _tag: "UnsendableError", path: "args[0][0]" })
        const number = yield* Effect.flip(collect(OffLoop.stream(tasks.add, 1, 2)))
        expect(number.message).toMatch(/tasks\.ts#add.*iterable, not number/)
        expect(yield* (yield* OffLoop.defaultLimiter).borrowedTokens).toBe(0)
      }),
    ))

  test("a stream that waits for a token and is interrupted never runs", () =>
    go(
      Effect.gen(function* () {
        const limiter = yield* CapacityLimiter.make(0)
        const { words, runs } = gate()
        const fiber = yield* Effect.fork(Stream.runDrain(OffLoop.streamWith({ limiter })(tasks.numbers, 1, words)))
        yield* settle
        yield* Fiber.interrupt(fiber)
        yield* limiter.setTotalTokens(1)
        expect(yield* OffLoop.runSyncWith({ limiter })(tasks.add, 1, 2)).toBe(3)
        expect(runs()).toBe(0)
      }),
    ))

  test("a module of tasks is one object of effects", () =>
    go(
      Effect.gen(function* () {
        const { add, later, fail } = OffLoop.calls(tasks)
        expect(yield* Effect.all([add(1, 2), later("x")], { concurrency: "unbounded" })).toEqual([3, "x"])
        expect(yield* Effect.flip(fail("no"))).toMatchObject({ _tag: "TaskError", code: "E_TASK" })
        const limiter = yield* CapacityLimiter.make(0)
        const never = yield* Effect.fork(OffLoop.callsWith({ limiter })(tasks).add(1, 2))
        yield* settle
        expect((yield* limiter.statistics).tasksWaiting).toBe(1)
        yield* limiter.setTotalTokens(1)
        expect(yield* Fiber.join(never)).toBe(3)
        // Awaiting the object must not take it for a promise.
        const awaited = yield* Effect.promise(async () => OffLoop.calls(tasks))
        expect(yield* awaited.add(2, 2)).toBe(4)
      }),
    ))

  test("placement inline runs on the loop's own thread", () =>
    go(
      Effect.gen(function* () {
        const inline = { placement: "inline" } as const
        const here = yield* OffLoop.runSyncWith(inline)(tasks.thread)
        expect(yield* OffLoop.runWith(inline)(tasks.thread)).toBe(here)
        const list = [1]
        expect(yield* OffLoop.runSyncWith(inline)(tasks.identity, list)).toBe(list)
        expect(yield* collect(OffLoop.streamWith(inline)(tasks.numbers, 3, gate().words))).toEqual(upTo(3))
        if (backend !== InlineBackend.layer) expect(yield* OffLoop.runSync(tasks.thread)).not.toBe(here)
      }),
    ))
})

describe("tasks that were given to a thread ahead", () => {
  /** One thread that is held, and a task behind it. */
  const held = Effect.gen(function* () {
    const first = gate()
    const fiber = yield* Effect.fork(OffLoop.runSync(tasks.hold, first.words))
    yield* first.begun
    return { first, fiber }
  })

  test("never run when they are interrupted before they begin", () =>
    on(threads, { maxThreads: 1 })(
      Effect.gen(function* () {
        const { first, fiber } = yield* held
        const { words, runs } = gate()
        const behind = yield* Effect.forEach(upTo(5), () => Effect.fork(OffLoop.runSync(tasks.count, words)))
        const big = yield* Effect.fork(OffLoop.runSync(tasks.identity, "x".repeat(200_000)))
        const cloned = yield* Effect.fork(OffLoop.runSync(tasks.identity, new Map([[1, 2]])))
        yield* settle
        expect((yield* OffLoop.stats).blocking.queued).toBe(7)
        for (const n of [3, 0, 4]) yield* Fiber.interrupt(behind[n] as Fiber.Fiber<number, unknown>)
        yield* Fiber.interrupt(big)
        yield* Fiber.interrupt(cloned)
        expect((yield* OffLoop.stats).blocking.queued).toBe(2)
        yield* first.release
        yield* Fiber.join(fiber)
        expect(yield* Fiber.join(behind[1] as Fiber.Fiber<number, unknown>)).toBe(0)
        expect(yield* Fiber.join(behind[2] as Fiber.Fiber<number, unknown>)).toBe(1)
        expect(yield* OffLoop.runSync(tasks.add, 1, 2)).toBe(3)
        expect(runs()).toBe(2)
        expect(yield* (yield* OffLoop.defaultLimiter).borrowedTokens).toBe(0)
      }),
    ))

  test("go to another thread that has nothing to do", () =>
    on(threads, { maxThreads: 2 })(
      Effect.gen(function* () {
        const gates = [gate(), gate()] as const
        const fibers = yield* Effect.forEach(gates, ({ words }) => Effect.fork(OffLoop.runSync(tasks.hold, words)))
        for (const { begun } of gates) yield* begun
        const behind = yield* Effect.forEach(upTo(20), (n) => Effect.fork(OffLoop.runSync(tasks.add, n, 0)))
        yield* settle
        // Only one of the two threads goes on, and it does all of them.
        yield* gates[1].release
        expect(yield* Effect.forEach(behind, Fiber.join)).toEqual(upTo(20))
        yield* gates[0].release
        yield* Effect.forEach(fibers, Fiber.join)
      }),
    ))

  test("run on a new thread when theirs dies before them", () =>
    on(threads, { maxThreads: 1 })(
      Effect.gen(function* () {
        yield* OffLoop.runSync(tasks.add, 0, 0)
        const dying = yield* Effect.fork(Effect.flip(OffLoop.runSync(tasks.exit, 5)))
        const behind = yield* Effect.forEach(upTo(10), (n) => Effect.fork(OffLoop.runSync(tasks.add, n, 0)))
        expect(yield* Fiber.join(dying)).toMatchObject({ _tag: "WorkerCrashedError", exitCode: 5 })
        expect(yield* Effect.forEach(behind, Fiber.join)).toEqual(upTo(10))
        expect((yield* OffLoop.stats).blocking).toMatchObject({ threads: 1, idle: 1, queued: 0 })
      }),
    ))

  test("fail when the pool closes before them", async () => {
    const { first, fiber, behind } = await on(threads, { maxThreads: 1 })(
      Effect.gen(function* () {
        const first = gate()
        const fiber = yield* Effect.forkDaemon(OffLoop.runSync(tasks.hold, first.words))
        yield* first.begun
        const behind = yield* Effect.forkDaemon(Effect.flip(OffLoop.runSync(tasks.count, first.words)))
        yield* settle
        yield* Effect.forkDaemon(Effect.zipRight(settle, first.release))
        return { first, fiber, behind }
      }),
    )
    expect(await Effect.runPromise(Fiber.join(fiber))).toBe("released")
    expect(await Effect.runPromise(Fiber.join(behind))).toMatchObject({ _tag: "ResidentClosedError" })
    expect(first.runs()).toBe(1)
  })

  test("wait for a stream that has its thread for itself", () =>
    on(threads, { maxThreads: 1 })(
      Effect.gen(function* () {
        const begun = yield* Deferred.make<void>()
        const go = yield* Deferred.make<void>()
        const read = () => Effect.zipRight(Deferred.succeed(begun, undefined), Deferred.await(go))
        const numbers = OffLoop.streamWith({ bufferSize: 1 })
        const stream = yield* Effect.fork(Stream.runForEach(numbers(tasks.numbers, 9, gate().words), read))
        yield* Deferred.await(begun)
        const task = yield* Effect.fork(OffLoop.runSync(tasks.add, 1, 2))
        yield* settle
        expect((yield* OffLoop.stats).blocking.queued).toBe(1)
        yield* Deferred.succeed(go, undefined)
        yield* Fiber.join(stream)
        expect(yield* Fiber.join(task)).toBe(3)
      }),
    ))

  test("thousands with random interruption each get their own answer, and every token comes back", () =>
    on(threads, { maxThreads: 2 })(
      Effect.gen(function* () {
        const call = (n: number) =>
          Effect.gen(function* () {
            const fiber = yield* Effect.fork(
              OffLoop.runSync(tasks.identity, { n, text: "x".repeat((n * 7919) % 2000) }),
            )
            if (n % 3 === 0) yield* Effect.yieldNow()
            if (n % 5 === 0) yield* Fiber.interrupt(fiber)
            else expect(yield* Fiber.join(fiber)).toMatchObject({ n })
          })
        yield* Effect.forEach(upTo(3000), call, { concurrency: 200, discard: true })
        expect(yield* (yield* OffLoop.defaultLimiter).borrowedTokens).toBe(0)
        expect((yield* OffLoop.stats).blocking.queued).toBe(0)
      }),
    ))
})

describe("streams in threads", () => {
  const oneAtATime = { bufferSize: 1 }

  test("interruption waits for the thread, and with abandonOnCancel it does not, while the token stays taken", () =>
    on(threads, { maxThreads: 1 })(
      Effect.gen(function* () {
        for (const abandonOnCancel of [false, true]) {
          const limiter = yield* CapacityLimiter.make(1)
          const held = gate()
          const stream = OffLoop.streamWith({ ...oneAtATime, limiter, abandonOnCancel })(tasks.holdAfterOne, held.words)
          const fiber = yield* Effect.fork(Stream.runDrain(stream))
          yield* held.begun
          yield* Fiber.interruptFork(fiber)
          yield* settle
          expect(fiber.unsafePoll() === null).toBe(!abandonOnCancel)
          expect(yield* limiter.borrowedTokens).toBe(1)
          yield* held.release
          expect(Exit.isInterrupted(yield* Fiber.await(fiber))).toBe(true)
          expect(yield* OffLoop.runSyncWith({ limiter })(tasks.add, 1, 2)).toBe(3)
          expect(held.runs()).toBe(2)
        }
      }),
    ))
})

// What must not compile. Never run: the type checker reads it.
export const typeTests = Effect.gen(function* () {
  yield* OffLoop.run(tasks.later, "x") satisfies Effect.Effect<string, OffLoop.RunError, OffLoop.OffLoop>
  OffLoop.stream(tasks.numbersLater, 1) satisfies Stream.Stream<number, OffLoop.RunError, OffLoop.OffLoop>
  const calls = OffLoop.calls(tasks)
  yield* calls.add(1, 2) satisfies Effect.Effect<number, OffLoop.RunError, OffLoop.OffLoop>
  // @ts-expect-error: a wrong argument
  yield* calls.add(1, "2")
  // @ts-expect-error: not a function
  yield* calls.notAFunction()
  // @ts-expect-error: a closure is no task
  yield* OffLoop.run(() => Promise.resolve(1))
  // @ts-expect-error: a wrong argument
  OffLoop.stream(tasks.numbersLater, "1")
})
