/** When threads of a pool start, are replaced, and end. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { describe, expect, test } from "vitest"
import { CapacityLimiter, InlineBackend, OffLoop, Task } from "../src/index.ts"
import { gate, on, settle, tasks, threads } from "./off-loop.world.ts"

const upTo = (to: number) => Array.from({ length: to }, (_, n) => n)

describe("a thread that has run as many tasks as it may", () => {
  test("is replaced, and no task is lost or run twice", () =>
    on(threads, { maxThreads: 1, maxTasksPerThread: 5 })(
      Effect.gen(function* () {
        const { words, runs } = gate()
        const ran = yield* Effect.forEach(upTo(23), () => OffLoop.runSync(tasks.count, words), {
          concurrency: "unbounded",
        })
        expect(new Set(ran).size).toBe(23)
        expect(runs()).toBe(23)
        const { started, retired, tasks: ended, threads: left } = (yield* OffLoop.stats).blocking
        expect({ started, left, count: retired.count, completed: ended.completed }).toEqual({
          started: 5,
          left: 1,
          count: 4,
          completed: 23,
        })
      }),
    ))

  test("does not hold up asynchronous tasks while its last ones take long", () =>
    on(threads, { maxThreads: 1, maxTasksPerThread: 1 })(
      Effect.gen(function* () {
        const held = gate()
        const long = yield* Effect.fork(OffLoop.runWith({ abandonOnCancel: true })(tasks.untilAborted, held.words))
        yield* held.begun
        expect(yield* OffLoop.run(tasks.later, "x")).toBe("x")
        yield* Fiber.interrupt(long)
      }),
    ))

  test("is not counted for tasks that were taken back before they began", () =>
    on(threads, { maxThreads: 1, maxTasksPerThread: 2 })(
      Effect.gen(function* () {
        const first = gate()
        const fiber = yield* Effect.fork(OffLoop.runSync(tasks.hold, first.words))
        yield* first.begun
        const behind = yield* Effect.fork(OffLoop.runSync(tasks.add, 1, 1))
        yield* settle
        yield* Fiber.interrupt(behind)
        yield* first.release
        yield* Fiber.join(fiber)
        expect((yield* OffLoop.stats).blocking.threads).toBe(1)
        yield* OffLoop.runSync(tasks.add, 1, 1)
        expect((yield* OffLoop.stats).blocking.retired.count).toBe(1)
      }),
    ))
})

test("a thread that uses more of its heap than it may is replaced after the task, and what waits goes to the next", () =>
  on(threads, { maxThreads: 1, maxHeapBytes: 64 * 1024 * 1024 })(
    Effect.gen(function* () {
      const before = yield* OffLoop.runSync(tasks.thread)
      const [, , after] = yield* Effect.all(
        [OffLoop.runSync(tasks.add, 1, 1), OffLoop.runSync(tasks.keep, 3_000_000), OffLoop.runSync(tasks.thread)],
        { concurrency: "unbounded" },
      )
      expect(yield* OffLoop.runSync(tasks.thread)).not.toBe(before)
      const { blocking } = yield* OffLoop.stats
      expect(blocking.retired).toMatchObject({ memory: 1, crashed: 0 })
      expect(blocking.tasks).toMatchObject({ completed: 5, failed: 0 })
      // The task behind had begun already, or had not: it has its result either way.
      expect(after).toBeTypeOf("number")
    }),
  ))

describe("warming up", () => {
  test("runs in each thread before it takes tasks, and awaitReady waits for the minimum", () => {
    const { words, runs } = gate()
    const options = {
      minThreads: 2,
      maxThreads: 2,
      awaitReady: true,
      warmUp: OffLoop.warmUp(tasks.prepare, words, "w"),
    }
    return on(
      threads,
      options,
    )(
      Effect.gen(function* () {
        expect(runs()).toBe(2)
        expect((yield* OffLoop.stats).blocking).toMatchObject({ threads: 2, idle: 2, started: 2 })
        expect(yield* OffLoop.runSync(tasks.warmedWith)).toBe("w")
        expect(yield* OffLoop.run(tasks.warmedWith)).toBe("w")
        expect(runs()).toBe(3)
        expect((yield* OffLoop.stats).blocking.tasks.completed).toBe(1)
      }),
    )
  })

  test("that fails is typed: for the layer that awaits it, and for the task that needs the thread", async () => {
    const warmUp = OffLoop.warmUp(tasks.fail, "cold")
    const asked = { name: "images", minThreads: 1, maxThreads: 1, warmUp }
    const built = Effect.scoped(Layer.build(Layer.provide(OffLoop.layer({ ...asked, awaitReady: true }), threads)))
    const error = await Effect.runPromise(Effect.flip(built))
    expect(error).toMatchObject({ _tag: "WarmUpError", pool: "images", cause: { _tag: "TaskError", code: "E_TASK" } })
    expect(error.message).toMatch(/images.*tasks\.ts#fail.*cold/)
    await on(
      threads,
      asked,
    )(
      Effect.gen(function* () {
        const limiter = yield* OffLoop.defaultLimiter
        const failed = yield* Effect.flip(OffLoop.runSync(tasks.add, 1, 1))
        expect(failed._tag).toBe("WarmUpError")
        const both = Effect.all([OffLoop.runSync(tasks.add, 1, 1), OffLoop.runSync(tasks.add, 1, 1)].map(Effect.flip), {
          concurrency: "unbounded",
        })
        expect((yield* both).map(({ _tag }) => _tag)).toEqual(["WarmUpError", "WarmUpError"])
        expect(yield* limiter.borrowedTokens).toBe(0)
        expect((yield* OffLoop.stats).blocking).toMatchObject({ threads: 0, queued: 0, tasks: { failed: 3 } })
      }),
    )
  })

  test("names a module that is not there", () =>
    on(InlineBackend.layer, {
      warmUp: OffLoop.warmUp({ module: new URL("./nowhere.ts", import.meta.url).href, name: "x" }),
    })(
      Effect.gen(function* () {
        const error = yield* Effect.flip(OffLoop.runSync(tasks.add, 1, 1))
        expect(error).toMatchObject({ _tag: "WarmUpError", cause: { _tag: "TaskModuleNotFoundError" } })
      }),
    ))
})

/** Two tasks overlap on a thread, one of them was left behind, and its grace is over. */
const overlapping = Effect.gen(function* () {
  const [wanted, left] = [gate(), gate()]
  const other = yield* Effect.fork(OffLoop.run(tasks.holdLater, wanted.words))
  const abandoned = yield* Effect.fork(OffLoop.runWith({ abandonOnCancel: true })(tasks.holdLater, left.words))
  yield* wanted.begun
  yield* left.begun
  const shared = yield* OffLoop.run(tasks.thread)
  yield* Fiber.interrupt(abandoned)
  // Their thread takes no more tasks when the grace is over, and goes on for the one that is wanted.
  yield* Effect.repeat(OffLoop.run(tasks.thread), { until: (thread) => thread !== shared })
  return { wanted, left, other, shared }
})

describe("a task that was left behind", () => {
  test("and outlives its grace loses its thread: another starts at once, and the token comes back when it is gone", () =>
    on(threads, { maxThreads: 1, abandonGrace: 1 })(
      Effect.gen(function* () {
        const limiter = yield* CapacityLimiter.make(10)
        const run = OffLoop.runSyncWith({ limiter, abandonOnCancel: true })
        const held = gate()
        const fiber = yield* Effect.fork(run(tasks.spin, held.words))
        yield* held.begun
        const behind = yield* Effect.fork(run(tasks.add, 1, 2))
        yield* settle
        yield* Fiber.interrupt(fiber)
        expect(yield* Fiber.join(behind)).toBe(3)
        const { blocking } = yield* OffLoop.stats
        expect(blocking).toMatchObject({ threads: 1, started: 2, tasks: { completed: 1, interrupted: 1 } })
        expect(blocking.retired).toMatchObject({ abandoned: 1, crashed: 0 })
        // In Deno the loop goes on, and so does its token's loan.
        if ("Deno" in globalThis) {
          expect(yield* limiter.borrowedTokens).toBe(1)
          yield* held.release
        }
        yield* Effect.repeat(Effect.zipRight(Effect.sleep(1), limiter.borrowedTokens), { until: (n) => n === 0 })
      }),
    ))

  test("and outlives its grace does not take along a task whose arguments move: it waits for the next thread", () =>
    on(threads, { maxThreads: 1, abandonGrace: 1 })(
      Effect.gen(function* () {
        const held = gate()
        const fiber = yield* Effect.fork(OffLoop.runSyncWith({ abandonOnCancel: true })(tasks.spin, held.words))
        yield* held.begun
        const buffer = new ArrayBuffer(8)
        const behind = yield* Effect.fork(OffLoop.runSync(tasks.identity, Task.transfer(buffer, [buffer])))
        yield* settle
        expect(buffer.detached).toBe(false)
        yield* Fiber.interrupt(fiber)
        expect(yield* Fiber.join(behind)).toHaveProperty("byteLength", 8)
        expect(buffer.detached).toBe(true)
        expect((yield* OffLoop.stats).blocking).toMatchObject({ started: 2, tasks: { failed: 0, completed: 1 } })
        yield* held.release
      }),
    ))

  test("and ends within its grace keeps its thread", () =>
    on(threads, { maxThreads: 1, abandonGrace: Duration.infinity })(
      Effect.gen(function* () {
        const held = gate()
        const fiber = yield* Effect.fork(OffLoop.runSyncWith({ abandonOnCancel: true })(tasks.hold, held.words))
        yield* held.begun
        yield* Fiber.interrupt(fiber)
        expect((yield* OffLoop.stats).blocking).toMatchObject({ running: 1, tasks: { interrupted: 0 } })
        yield* held.release
        expect(yield* OffLoop.runSync(tasks.add, 1, 2)).toBe(3)
        expect((yield* OffLoop.stats).blocking).toMatchObject({ started: 1, tasks: { completed: 1, interrupted: 1 } })
      }),
    ))

  test("does not take others along that overlap with it", () =>
    on(threads, { maxThreads: 1, abandonGrace: 1 })(
      Effect.gen(function* () {
        const { wanted, other, shared } = yield* overlapping
        expect((yield* OffLoop.stats).async).toMatchObject({ threads: 2, retired: { abandoned: 0 } })
        yield* wanted.release
        expect(yield* Fiber.join(other)).toBe(shared)
        expect((yield* OffLoop.stats).async).toMatchObject({ threads: 1, retired: { abandoned: 1 } })
      }),
    ))

  test("and has ended when its grace is over, which the loop did not see yet, does not take the next one along", () =>
    on(threads, { maxThreads: 1, abandonGrace: 20 })(
      Effect.gen(function* () {
        const [left, wanted] = [gate(), gate()]
        const fiber = yield* Effect.fork(OffLoop.runSyncWith({ abandonOnCancel: true })(tasks.hold, left.words))
        yield* left.begun
        const other = yield* Effect.fork(OffLoop.runSync(tasks.hold, wanted.words))
        yield* settle
        yield* Fiber.interrupt(fiber)
        const over = performance.now() + 30
        yield* left.release
        while (Atomics.load(wanted.words, 1) === 0 || performance.now() < over);
        yield* Effect.sleep(1)
        yield* wanted.release
        yield* Fiber.join(other)
      }),
    ))

  test("and ends after its grace does not take others along that overlap with it", () =>
    on(threads, { maxThreads: 1, abandonGrace: 1 })(
      Effect.gen(function* () {
        const { wanted, left, other, shared } = yield* overlapping
        yield* left.release
        const interrupted = Effect.map(OffLoop.stats, ({ async }) => async.tasks.interrupted)
        yield* Effect.repeat(Effect.zipRight(Effect.sleep(1), interrupted), { until: (count) => count === 1 })
        yield* wanted.release
        expect(yield* Fiber.join(other)).toBe(shared)
      }),
    ))
})

describe("closing the pool", () => {
  /** A pool that stays open until it is told to close. */
  const opened = async (options: OffLoop.Options) => {
    const scope = await Effect.runPromise(Scope.make())
    const live = Layer.provide(OffLoop.layer(options), threads)
    const context = await Effect.runPromise(Layer.buildWithScope(live, scope))
    return {
      run: <A, E>(program: Effect.Effect<A, E, OffLoop.OffLoop>) => Effect.runPromise(Effect.provide(program, context)),
      close: () => Effect.runPromise(Scope.close(scope, Exit.void)),
    }
  }

  test("terminates what outlives the timeout: its caller fails typed, and the token comes back with the thread", async () => {
    const limiter = await Effect.runPromise(CapacityLimiter.make(5))
    const pool = await opened({ name: "short", maxThreads: 1, shutdownTimeout: 1 })
    const held = gate()
    const failed = pool.run(Effect.flip(OffLoop.runSyncWith({ limiter })(tasks.spin, held.words)))
    await Effect.runPromise(held.begun)
    const behind = pool.run(Effect.flip(OffLoop.runSyncWith({ limiter })(tasks.add, 1, 1)))
    await Effect.runPromise(settle)
    await pool.close()
    expect(await failed).toMatchObject({ _tag: "ResidentClosedError", worker: "short-1" })
    expect(await behind).toMatchObject({ _tag: "ResidentClosedError", worker: "short" })
    const { blocking } = await pool.run(OffLoop.stats)
    expect(blocking).toMatchObject({ threads: 0, queued: 0, retired: { shutdown: 1 }, tasks: { failed: 2 } })
    if ("Deno" in globalThis) await Effect.runPromise(held.release)
    await Effect.runPromise(
      Effect.repeat(Effect.zipRight(Effect.sleep(1), limiter.borrowedTokens), { until: (n) => n === 0 }),
    )
  })

  test("waits for what runs, and for threads that were told to end before", async () => {
    const pool = await opened({ maxThreads: 1, maxTasksPerThread: 1, shutdownTimeout: Duration.infinity })
    await pool.run(OffLoop.runSync(tasks.add, 1, 1))
    const held = gate()
    const result = pool.run(OffLoop.runSync(tasks.hold, held.words))
    await Effect.runPromise(held.begun)
    const closed = pool.close()
    await Effect.runPromise(Effect.zipRight(settle, held.release))
    expect(await result).toBe("released")
    await closed
    const { blocking } = await pool.run(OffLoop.stats)
    expect(blocking).toMatchObject({ threads: 0, started: 2, retired: { count: 1, shutdown: 1 } })
    expect(await pool.run(Effect.flip(OffLoop.runSync(tasks.add, 1, 1)))).toMatchObject({ _tag: "ResidentClosedError" })
  })

  test("does not wait for a task that was left behind longer than its grace", async () => {
    const pool = await opened({ maxThreads: 1, abandonGrace: 1, shutdownTimeout: Duration.infinity })
    const held = gate()
    await pool.run(
      Effect.gen(function* () {
        const left = yield* Effect.fork(OffLoop.runSyncWith({ abandonOnCancel: true })(tasks.spin, held.words))
        yield* held.begun
        yield* Fiber.interrupt(left)
      }),
    )
    await pool.close()
    expect((await pool.run(OffLoop.stats)).blocking.retired).toMatchObject({ abandoned: 1, shutdown: 0 })
    if ("Deno" in globalThis) await Effect.runPromise(held.release)
  })
})

describe("a thread that dies with a task", () => {
  test("leaves what it had not begun to the next, before what no thread had yet", () =>
    on(threads, { maxThreads: 1 })(
      Effect.gen(function* () {
        const { words, begun, release } = gate()
        const order: string[] = []
        const noted = <A, E, R>(name: string, effect: Effect.Effect<A, E, R>) =>
          Effect.fork(Effect.tap(effect, () => Effect.sync(() => order.push(name))))
        const holding = yield* Effect.fork(OffLoop.runSync(tasks.hold, words))
        yield* begun
        const dying = yield* Effect.fork(Effect.flip(OffLoop.runSync(tasks.exit, 7)))
        yield* settle
        const behind = [
          yield* noted("first", OffLoop.runSync(tasks.add, 1, 1)),
          yield* noted("second", OffLoop.runSync(tasks.add, 1, 1)),
        ]
        yield* settle
        // A stream is not given to a thread ahead.
        const waiting = yield* noted("third", Stream.runDrain(OffLoop.stream(tasks.numbers, 3, words)))
        yield* settle
        yield* release
        yield* Fiber.join(holding)
        expect(yield* Fiber.join(dying)).toMatchObject({ _tag: "WorkerCrashedError" })
        yield* Fiber.joinAll(behind)
        yield* Fiber.join(waiting)
        expect(order).toEqual(["first", "second", "third"])
        expect((yield* OffLoop.stats).blocking).toMatchObject({ started: 2, queued: 0, tasks: { failed: 1 } })
      }),
    ))

  test("leaves what waits for a thread of its own to the next", () =>
    on(threads, { maxThreads: 1 })(
      Effect.gen(function* () {
        const { words, begun, release } = gate()
        const holding = yield* Effect.fork(OffLoop.runSync(tasks.hold, words))
        yield* begun
        const dying = yield* Effect.fork(Effect.flip(OffLoop.runSync(tasks.exit, 7)))
        yield* settle
        const streaming = yield* Effect.fork(Stream.runCount(OffLoop.stream(tasks.numbers, 3, words)))
        yield* settle
        yield* release
        yield* Fiber.join(holding)
        yield* Fiber.join(dying)
        expect(yield* Fiber.join(streaming)).toBe(3)
      }),
    ))

  test("is replaced where it was one of those that are always there", () =>
    on(threads, { minThreads: 2, maxThreads: 2, awaitReady: true })(
      Effect.gen(function* () {
        yield* Effect.flip(OffLoop.runSync(tasks.exit, 7))
        const { blocking } = yield* OffLoop.stats
        expect(blocking).toMatchObject({ threads: 2, started: 3, retired: { crashed: 1 } })
      }),
    ))
})

describe("threads", () => {
  const runtime = "Bun" in globalThis ? "bun" : "Deno" in globalThis ? "deno" : "node"

  test("have the environment that they are given, and nothing of the program's", () =>
    on(threads, { env: { OFFLOOP_TEST: "on" } })(
      Effect.gen(function* () {
        expect(yield* OffLoop.runSync(tasks.environment)).toEqual({ OFFLOOP_TEST: "on" })
        expect(yield* OffLoop.run(tasks.environment)).toEqual({ OFFLOOP_TEST: "on" })
      }),
    ))

  test("are named after their pool", () =>
    on(threads, { name: "pictures" })(
      Effect.gen(function* () {
        const crashed = yield* Effect.flip(OffLoop.runSync(tasks.exit, 7))
        expect(crashed).toMatchObject({ _tag: "WorkerCrashedError", worker: "pictures-1" })
        // Deno gives its threads names of its own.
        if (runtime !== "deno") expect(yield* OffLoop.runSync(tasks.name)).toBe("pictures-2")
      }),
    ))

  test("have the limits of their engine, where the runtime has any", async () => {
    const limited = { resourceLimits: { maxOldGenerationSizeMb: 48 }, maxThreads: 1 }
    if (runtime === "bun") {
      expect(await refused(limited)).toMatchObject({ option: "resourceLimits" })
      return
    }
    const seen = await on(threads, limited)(OffLoop.runSync(tasks.limits))
    expect(seen).toMatchObject({ maxOldGenerationSizeMb: 48 })
    await on(
      threads,
      limited,
    )(
      Effect.gen(function* () {
        // Where the code runs: at once, after an await, and in a thread whose loop is free.
        for (const call of [
          OffLoop.runSync(tasks.keepForEver),
          OffLoop.runSync(tasks.keepForEverLater),
          OffLoop.run(tasks.keepForEver),
          OffLoop.run(tasks.keepForEverLater),
        ]) {
          expect(yield* OffLoop.runSync(tasks.add, 1, 2)).toBe(3)
          expect(yield* OffLoop.run(tasks.add, 1, 2)).toBe(3)
          expect(yield* Effect.flip(call)).toMatchObject({
            _tag: "WorkerCrashedError",
            cause: { code: "ERR_WORKER_OUT_OF_MEMORY" },
          })
        }
      }),
    )
  })

  test("have the options of the command line that they are given, on Node", async () => {
    const asked = { execArgv: ["--no-warnings"] }
    if (runtime !== "node") expect(await refused(asked)).toMatchObject({ option: "execArgv" })
    else expect(await on(threads, asked)(OffLoop.runSync(tasks.options))).toEqual(["--no-warnings"])
  })

  test("have no permissions of their own outside of Deno", async () => {
    if (runtime !== "deno") expect(await refused({ permissions: "none" })).toMatchObject({ option: "permissions" })
    else expect(await refused({ permissions: "none", env: {} })).toMatchObject({ option: "permissions" })
  })
})

/** Why the options are refused. */
const refused = (options: OffLoop.Options, backend = threads): Promise<unknown> =>
  Effect.runPromise(Effect.flip(Effect.scoped(Layer.build(Layer.provide(OffLoop.layer(options), backend)))))

test("options that make no sense are refused, and say which", async () => {
  const cases: ReadonlyArray<readonly [string, object]> = [
    ["name", { name: "" }],
    ["maxThreads", { maxThreads: Number.POSITIVE_INFINITY }],
    ["maxTasksPerThread", { maxTasksPerThread: 0 }],
    ["maxTasksPerThread", { maxTasksPerThread: 1.5 }],
    ["maxHeapBytes", { maxHeapBytes: -1 }],
    ["idleTimeout", { idleTimeout: "soon" }],
    ["abandonGrace", { abandonGrace: Number.NaN }],
    ["shutdownTimeout", { shutdownTimeout: {} }],
    ["env", { env: { A: 1 } }],
    ["execArgv", { execArgv: "--no-warnings" }],
    ["resourceLimits", { resourceLimits: { heap: 1 } }],
    ["resourceLimits", { resourceLimits: { stackSizeMb: 0 } }],
    ["permissions", { permissions: { everything: true } }],
  ]
  for (const [option, options] of cases) {
    const error = (await refused(options)) as { readonly message: string }
    expect(error).toMatchObject({ _tag: "InvalidPoolOptionsError", option })
    expect(error.message).toContain(option)
  }
  for (const options of [{ env: {} }, { execArgv: [] }, { resourceLimits: {} }, { permissions: "none" }] as const) {
    expect(await refused(options, InlineBackend.layer)).toMatchObject({ _tag: "InvalidPoolOptionsError" })
  }
})
