import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import { describe, expect, test } from "vitest"
import { CapacityLimiter, InlineBackend, OffLoop } from "../src/index.ts"
import { gate, on, settle, tasks, threads } from "./off-loop.world.ts"

describe.each([
  ["in threads", threads],
  ["inline", InlineBackend.layer],
] as const)("OffLoop, %s", (_, backend) => {
  const go = on(backend)

  test("runs a task and gives its result", () =>
    go(
      Effect.gen(function* () {
        expect(yield* OffLoop.runSync(tasks.add, 1, 2)).toBe(3)
        expect(yield* OffLoop.runSync(tasks.later, "x")).toBe("x")
        expect(yield* OffLoop.runSync(tasks.identity, new Map([[1, { a: 1n }]]))).toEqual(new Map([[1, { a: 1n }]]))
      }),
    ))

  test("many at the same time each get their own result", () =>
    go(
      Effect.gen(function* () {
        const all = Array.from({ length: 200 }, (_, n) => OffLoop.runSync(tasks.add, n, 1))
        const results = yield* Effect.all(all, { concurrency: "unbounded" })
        expect(results).toEqual(Array.from({ length: 200 }, (_, n) => n + 1))
        const { borrowedTokens } = yield* (yield* OffLoop.defaultLimiter).statistics
        expect(borrowedTokens).toBe(0)
      }),
    ))

  test("what a task throws arrives typed, and the thread goes on", () =>
    go(
      Effect.gen(function* () {
        const error = yield* Effect.flip(OffLoop.runSync(tasks.fail, "no"))
        expect(error).toMatchObject({ _tag: "TaskError", code: "E_TASK", remoteTag: "TaskTag" })
        expect(error.message).toContain("tasks.ts#fail")
        expect(yield* OffLoop.runSync(tasks.add, 1, 1)).toBe(2)
        // It says in which span it was called.
        for (const call of [OffLoop.runSync, OffLoop.run]) {
          const cause = yield* Effect.flip(Effect.sandbox(call(tasks.fail, "no").pipe(Effect.withSpan("load cities"))))
          expect(Cause.pretty(cause)).toMatch(/at load cities/)
        }
      }),
    ))

  test("a task that is not there fails with what is", () =>
    go(
      Effect.gen(function* () {
        const { module } = tasks.add
        const missing = { module, name: "nope" } as typeof tasks.add
        const error = yield* Effect.flip(OffLoop.runSync(missing, 1, 2))
        expect(error).toMatchObject({ _tag: "TaskExportNotFoundError", exportName: "nope" })
        expect(error.message).toContain("add")
        const lost = { module: new URL("./nowhere.ts", import.meta.url).href, name: "x" } as typeof tasks.add
        const absent = yield* Effect.flip(OffLoop.runSync(lost, 1, 2))
        expect(absent).toMatchObject({ _tag: "TaskModuleNotFoundError" })
        expect(absent.message).toMatch(/there is no such file.*Check the path/)
        const relative = { module: "./nowhere.ts", name: "x" } as typeof tasks.add
        expect((yield* Effect.flip(OffLoop.runSync(relative, 1, 2))).message).toContain("Pass an absolute URL, as in")
        const broken = { module: new URL("./fixtures/broken.ts", import.meta.url).href, name: "x" } as typeof tasks.add
        expect(yield* Effect.flip(OffLoop.runSync(broken, 1, 2))).toMatchObject({ code: "ERR_DLOPEN_FAILED" })
      }),
    ))

  test("an argument that cannot cross is named by its own index and path", () =>
    go(
      Effect.gen(function* () {
        const error = yield* Effect.flip(OffLoop.runSync(tasks.identity, { a: [1, () => 1] }))
        expect(error).toMatchObject({ _tag: "UnsendableError", path: "args[0].a[1]", kind: "function" })
        expect(error.message).toContain("Task.fromModule")
        expect(yield* (yield* OffLoop.defaultLimiter).borrowedTokens).toBe(0)
      }),
    ))

  test("a task that is interrupted while it waits for a token never runs", () =>
    go(
      Effect.gen(function* () {
        const limiter = yield* CapacityLimiter.make(0)
        const { words, runs } = gate()
        const fiber = yield* Effect.fork(OffLoop.runSyncWith({ limiter })(tasks.count, words))
        yield* settle
        yield* Fiber.interrupt(fiber)
        yield* limiter.setTotalTokens(1)
        yield* OffLoop.runSyncWith({ limiter })(tasks.add, 1, 1)
        expect(runs()).toBe(0)
        expect(yield* limiter.borrowedTokens).toBe(0)
      }),
    ))
})

describe("OffLoop in threads", () => {
  test("the default limiter bounds what runs, and can be adjusted meanwhile", () =>
    on(threads, { maxThreads: 2 })(
      Effect.gen(function* () {
        const limiter = yield* OffLoop.defaultLimiter
        expect(yield* limiter.totalTokens).toBe(128)
        yield* limiter.setTotalTokens(2)
        const gates = [gate(), gate(), gate()]
        const fibers = []
        for (const { words } of gates) fibers.push(yield* Effect.fork(OffLoop.runSync(tasks.hold, words)))
        yield* Effect.all([gates[0]?.begun ?? Effect.void, gates[1]?.begun ?? Effect.void])
        expect(yield* limiter.statistics).toMatchObject({ borrowedTokens: 2, tasksWaiting: 1 })
        expect(gates[2]?.runs()).toBe(0)
        for (const { release } of gates) yield* release
        yield* Effect.forEach(fibers, Fiber.join)
        expect(yield* limiter.borrowedTokens).toBe(0)
        expect((yield* OffLoop.stats).blocking.threads).toBe(2)
      }),
    ))

  test("interruption is delivered when the thread is free", () =>
    on(threads)(
      Effect.gen(function* () {
        const limiter = yield* OffLoop.defaultLimiter
        const held = gate()
        const fiber = yield* Effect.fork(OffLoop.runSync(tasks.hold, held.words))
        yield* held.begun
        yield* Fiber.interruptFork(fiber)
        yield* settle
        expect(fiber.unsafePoll()).toBeNull()
        expect(yield* limiter.borrowedTokens).toBe(1)
        yield* held.release
        expect(Exit.isInterrupted(yield* Fiber.await(fiber))).toBe(true)
        expect(yield* limiter.borrowedTokens).toBe(0)
      }),
    ))

  test("with abandonOnCancel the caller goes on at once, and the token stays taken until the thread is free", () =>
    on(threads, { maxThreads: 1 })(
      Effect.gen(function* () {
        const limiter = yield* CapacityLimiter.make(1)
        const held = gate()
        const run = OffLoop.runSyncWith({ limiter, abandonOnCancel: true })
        const fiber = yield* Effect.fork(run(tasks.hold, held.words))
        yield* held.begun
        yield* Fiber.interrupt(fiber)
        expect(Exit.isInterrupted(yield* Fiber.await(fiber))).toBe(true)
        expect(yield* limiter.borrowedTokens).toBe(1)
        const next = yield* Effect.fork(run(tasks.add, 1, 2))
        yield* settle
        expect((yield* limiter.statistics).tasksWaiting).toBe(1)
        yield* held.release
        expect(yield* Fiber.join(next)).toBe(3)
        expect(yield* limiter.borrowedTokens).toBe(0)
      }),
    ))

  test("a task with a token but no thread yet is withdrawn when interrupted", () =>
    on(threads, { maxThreads: 1 })(
      Effect.gen(function* () {
        const limiter = yield* CapacityLimiter.make(10)
        const held = gate()
        const counted = gate()
        const run = OffLoop.runSyncWith({ limiter })
        const first = yield* Effect.fork(run(tasks.hold, held.words))
        yield* held.begun
        const second = yield* Effect.fork(run(tasks.count, counted.words))
        yield* settle
        expect((yield* OffLoop.stats).blocking).toMatchObject({ threads: 1, idle: 0, queued: 1 })
        yield* Fiber.interrupt(second)
        expect(yield* limiter.borrowedTokens).toBe(1)
        expect((yield* OffLoop.stats).blocking.queued).toBe(0)
        yield* held.release
        yield* Fiber.join(first)
        yield* run(tasks.add, 1, 1)
        expect(counted.runs()).toBe(0)
      }),
    ))

  test("a task that ends its thread fails typed, and the next one gets a new thread", () =>
    on(threads, { maxThreads: 1 })(
      Effect.gen(function* () {
        const limiter = yield* CapacityLimiter.make(10)
        const run = OffLoop.runSyncWith({ limiter })
        const before = yield* run(tasks.thread)
        const [crash, waited] = yield* Effect.all([Effect.flip(run(tasks.exit, 9)), run(tasks.add, 2, 2)], {
          concurrency: "unbounded",
        })
        expect(crash).toMatchObject({ _tag: "WorkerCrashedError", exitCode: 9 })
        expect(waited).toBe(4)
        expect(yield* run(tasks.thread)).not.toBe(before)
        expect(yield* limiter.borrowedTokens).toBe(0)
      }),
    ))

  test("the thread that was idle last is taken first", () =>
    on(threads, { maxThreads: 4 })(
      Effect.gen(function* () {
        const threads = new Set<number>()
        for (let n = 0; n < 20; n++) threads.add(yield* OffLoop.runSync(tasks.thread))
        expect(threads.size).toBe(1)
        expect((yield* OffLoop.stats).blocking).toMatchObject({ threads: 1, idle: 1, queued: 0 })
      }),
    ))

  test("the minimum is started at once and outlives the idle timeout, what is beyond it ends", () =>
    on(threads, { minThreads: 1, maxThreads: 2, idleTimeout: 1 })(
      Effect.gen(function* () {
        expect((yield* OffLoop.stats).blocking.threads).toBe(1)
        const gates = [gate(), gate()]
        const fibers = []
        for (const { words } of gates) fibers.push(yield* Effect.fork(OffLoop.runSync(tasks.hold, words)))
        for (const { begun } of gates) yield* begun
        expect((yield* OffLoop.stats).blocking.threads).toBe(2)
        for (const { release } of gates) yield* release
        yield* Effect.forEach(fibers, Fiber.join)
        yield* Effect.repeat(Effect.zipRight(Effect.sleep(1), OffLoop.stats), {
          until: ({ blocking }) => blocking.threads === 1,
        })
        // Longer than the timeout of the one that is left, if it had one.
        yield* Effect.sleep(20)
        expect((yield* OffLoop.stats).blocking.threads).toBe(1)
        expect(yield* OffLoop.runSync(tasks.add, 1, 1)).toBe(2)
      }),
    ))

  test("closing the layer lets what runs finish", async () => {
    const held = gate()
    const result = await on(threads)(
      Effect.gen(function* () {
        const fiber = yield* Effect.forkDaemon(OffLoop.runSync(tasks.hold, held.words))
        yield* held.begun
        yield* Effect.forkDaemon(Effect.zipRight(settle, held.release))
        return fiber
      }),
    )
    expect(await Effect.runPromise(Fiber.join(result))).toBe("released")
  })

  test("a size that makes no sense is refused", async () => {
    for (const options of [
      { maxThreads: 0 },
      { maxThreads: 1.5 },
      { minThreads: -1 },
      { minThreads: 3, maxThreads: 2 },
    ]) {
      const error = await on(threads, options)(Effect.void).then(() => undefined, String)
      expect(error).toContain("InvalidPoolOptionsError")
    }
  })
})

// What must not compile. Never run: the type checker reads it.
export const typeTests = Effect.gen(function* () {
  yield* OffLoop.runSync(tasks.add, 1, 2) satisfies Effect.Effect<number, OffLoop.RunError, OffLoop.OffLoop>
  yield* OffLoop.runSync(tasks.later, "x") satisfies Effect.Effect<string, OffLoop.RunError, OffLoop.OffLoop>
  // @ts-expect-error: a wrong argument
  yield* OffLoop.runSync(tasks.add, 1, "2")
  // @ts-expect-error: an argument too few
  yield* OffLoop.runSync(tasks.add, 1)
  // @ts-expect-error: not a function
  yield* OffLoop.runSync(tasks.notAFunction)
  // @ts-expect-error: a closure is no task
  yield* OffLoop.runSync(() => 1)
})
