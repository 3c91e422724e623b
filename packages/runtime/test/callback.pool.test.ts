/** Pools and limiters by callbacks. */
import { describe, expect, test } from "vitest"
import {
  type CallExit,
  type CapacityLimiter,
  LimiterError,
  makeLimiter,
  NotATaskError,
  openPool,
  type PoolHandle,
  type PoolOptions,
  type StreamNext,
  Task,
  type TaskRun,
  type TaskStream,
  WouldBlockError,
} from "../src/callback.ts"
import type * as callers from "./fixtures/callers.ts"
import type * as processTasks from "./fixtures/process-tasks.ts"
import type * as streams from "./fixtures/streams.ts"
import type * as fixtures from "./fixtures/tasks.ts"

const file = (name: string): URL => new URL(`./fixtures/${name}.ts`, import.meta.url)
const tasks = Task.fromModule<typeof fixtures>(file("tasks"))
const asking = Task.fromModule<typeof callers>(file("callers"))
const inProcess = Task.fromModule<typeof processTasks>(file("process-tasks"))
const { numbers } = Task.fromModule<typeof streams>(file("streams"))

const open = (options: PoolOptions = {}): Promise<PoolHandle> =>
  new Promise((resolve, reject) => openPool(options, (exit) => (exit.ok ? resolve(exit.value) : reject(exit.error))))

const close = (pool: PoolHandle): Promise<void> => new Promise((resolve) => pool.close(resolve))

const ended = <A, E>(start: (onExit: (exit: CallExit<A, E>) => void) => unknown): Promise<CallExit<A, E>> =>
  new Promise((resolve) => void start(resolve))

const limiter = (total: number): CapacityLimiter => {
  const made = makeLimiter(total)
  if (made instanceof LimiterError) throw made
  return made
}

/** Memory through which a task says that it has begun (words[1]) and waits for its release (words[0]). */
const gate = () => {
  const words = new Int32Array(new SharedArrayBuffer(12))
  return {
    words,
    begun: async (): Promise<void> => {
      const { async, value } = Atomics.waitAsync(words, 1, 0)
      if (async) await value
    },
    release: (): void => {
      Atomics.store(words, 0, 1)
      Atomics.notify(words, 0)
    },
    runs: () => Atomics.load(words, 2),
  }
}

const next = <A, E>(stream: TaskStream<A, E>): Promise<StreamNext<A, E>> =>
  new Promise((resolve) => void stream.next(resolve))

describe.each(["worker", "inline", "process"] as const)("a pool by callbacks, %s", (placement) => {
  test("tells how its tasks ended, after the call has returned", async () => {
    const pool = await open({ maxThreads: 1 })
    const order: unknown[] = []
    const sum = await ended<number, unknown>((onExit) => {
      pool.runSync(inProcess.add, [1, 2], { placement }, (exit) => onExit(exit))
      order.push("returned")
    })
    expect([...order, sum]).toEqual(["returned", { ok: true, value: 3 }])
    expect(await ended((onExit) => pool.run(inProcess.later, ["a"], { placement }, onExit))).toEqual({
      ok: true,
      value: "a",
    })
    const missing: Task.Task<[], number> = { module: inProcess.add.module, name: "missing" }
    expect(await ended((onExit) => pool.runSync(missing, [], { placement }, onExit))).toMatchObject({
      ok: false,
      error: { _tag: "TaskExportNotFoundError" },
    })
    await close(pool)
    expect(
      await ended((onExit) => {
        pool.runSync(inProcess.add, [1, 2], { placement }, (exit) => onExit(exit))
        order.push("refused")
      }),
    ).toMatchObject({ ok: false, error: { _tag: "ResidentClosedError" } })
    expect(order).toEqual(["returned", "refused"])
  })

  test("streams what a task iterates, and lets it clean up", async () => {
    const pool = await open({ maxThreads: 1 })
    const stream = pool.stream(numbers, [5], { placement, bufferSize: 2 })
    const items: number[] = []
    let step = await next(stream)
    while (step.items !== undefined) {
      items.push(...step.items)
      step = await next(stream)
    }
    expect(items).toEqual([0, 1, 2, 3, 4])
    expect(step.exit.ok).toBe(true)
    const left = pool.stream(numbers, [Number.POSITIVE_INFINITY], { placement, bufferSize: 2 })
    expect(await next(left)).toEqual({ items: [0] })
    expect(await ended((onEnd) => left.stop(onEnd))).toMatchObject({ ok: true })
    // Its only thread is free again.
    expect(await ended((onExit) => pool.runSync(inProcess.add, [1, 2], { placement }, onExit))).toMatchObject({
      value: 3,
    })
    const bad = await next(pool.stream(numbers, [5], { placement, bufferSize: 0 }))
    expect(bad).toMatchObject({ items: undefined, exit: { ok: false, error: { name: "RangeError" } } })
    await close(pool)
  })
})

describe("leaving a task of a pool by callbacks", () => {
  test("that has not begun keeps it from running, and nobody is told", async () => {
    const pool = await open({ maxThreads: 1 })
    const held = gate()
    const told: string[] = []
    const first = ended((onExit) => pool.runSync(tasks.hold, [held.words], {}, onExit))
    await held.begun()
    const second = pool.runSync(tasks.count, [held.words], {}, () => told.push("told"))
    await new Promise<void>((resolve) => second.leave(resolve))
    held.release()
    expect(await first).toMatchObject({ ok: true })
    expect(await ended((onExit) => pool.runSync(tasks.add, [1, 2], {}, onExit))).toEqual({ ok: true, value: 3 })
    expect(told).toEqual([])
    expect(held.runs()).toBe(1)
    await close(pool)
  })

  test("that runs waits for its end, or not with abandonOnCancel", async () => {
    const pool = await open({ maxThreads: 2 })
    const order: string[] = []
    const waits = gate()
    const run = pool.runSync(tasks.hold, [waits.words], {}, () => order.push("told"))
    await waits.begun()
    const left = new Promise<void>((resolve) => run.leave(() => resolve(void order.push("left"))))
    const goes = gate()
    const alone = pool.runSync(tasks.hold, [goes.words], { abandonOnCancel: true }, () => order.push("told"))
    await goes.begun()
    await new Promise<void>((resolve) => alone.leave(() => resolve(void order.push("abandoned"))))
    order.push("released")
    waits.release()
    await left
    expect(order).toEqual(["abandoned", "released", "left"])
    goes.release()
    await close(pool)
    expect(order).toEqual(["abandoned", "released", "left"])
  })

  test("before it was told that it is refused tells nothing", async () => {
    const pool = await open()
    const told: string[] = []
    await close(pool)
    const run: TaskRun = pool.runSync(tasks.add, [1, 2], {}, () => told.push("told"))
    await new Promise<void>((resolve) => run.leave(resolve))
    await new Promise((resolve) => setImmediate(resolve))
    expect(told).toEqual([])
  })

  test("aborts the signal of an asynchronous one", async () => {
    const pool = await open({ maxThreads: 1 })
    const words = new Int32Array(new SharedArrayBuffer(12))
    const run = pool.run(tasks.untilAborted, [words], {}, () => {})
    const { async, value } = Atomics.waitAsync(words, 1, 0)
    if (async) await value
    await new Promise<void>((resolve) => run.leave(resolve))
    expect(Atomics.load(words, 2)).toBe(1)
    await close(pool)
  })
})

test("a pool by callbacks serves what its tasks ask, by handlers of each task", async () => {
  const pool = await open({ maxThreads: 1 })
  const double = ([n]: [number], respond: (exit: { ok: true; value: number }) => void): void =>
    void setImmediate(() => respond({ ok: true, value: n * 2 }))
  expect(await ended((onExit) => pool.runSync(asking.ask, [4], { handlers: { double } }, onExit))).toEqual({
    ok: true,
    value: 9,
  })
  expect(
    await ended((onExit) => pool.runSync(asking.ask, [4], { placement: "process", handlers: { double } }, onExit)),
  ).toMatchObject({ ok: false, error: { _tag: "UnsupportedPlacementError", placement: "process" } })
  await close(pool)
})

test("a pool by callbacks refuses what makes no sense, typed", async () => {
  await expect(open({ maxThreads: 0 })).rejects.toMatchObject({ _tag: "InvalidPoolOptionsError", option: "maxThreads" })
  await expect(open({ idleTimeout: "soon" as never })).rejects.toMatchObject({ option: "idleTimeout" })
  await expect(open({ processes: { max: 0 } })).rejects.toMatchObject({ option: "processes.max" })
  await expect(open({ processes: { idleTimeout: Number.NaN } })).rejects.toMatchObject({
    option: "processes.idleTimeout",
  })
  const failing: Task.Task<[string], never> = tasks.fail
  const { module, name } = failing
  await expect(
    open({ minThreads: 2, maxThreads: 2, awaitReady: true, warmUp: { module, name, args: ["cold"] } }),
  ).rejects.toMatchObject({ _tag: "WarmUpError" })
  const pool = await open({ backend: "inline" })
  const task = (() => 1) as never as typeof tasks.add
  const exit = await ended((onExit: (exit: CallExit<number, unknown>) => void) =>
    pool.runSync(task, [1, 2], {}, onExit),
  )
  expect(exit).toMatchObject({ ok: false, error: expect.any(NotATaskError) })
  expect(await next(pool.stream(task as never, [], {}))).toMatchObject({ exit: { error: { _tag: "NotATaskError" } } })
  expect(
    await ended((onExit) => pool.runSync(tasks.add, [1, 2], { placement: "thread" as never }, onExit)),
  ).toMatchObject({ ok: false, error: { _tag: "UnsupportedPlacementError", placement: "thread" } })
  expect(pool.stats().blocking).toMatchObject({ name: "offloop", threads: 0 })
  await close(pool)
})

describe("a limiter by callbacks", () => {
  test("lends tokens in order, and says how it is misused", () => {
    const lender = limiter(1)
    const order: string[] = []
    expect(lender.acquire("a", () => order.push("a"))).toBeUndefined()
    expect(order).toEqual(["a"])
    lender.acquire("b", () => order.push("b"))
    lender.acquire("c", () => order.push("c"))
    expect(lender.acquire("b", () => {})).toMatchObject({ _tag: "LimiterError", reason: "AlreadyBorrowing" })
    expect(lender.acquireNowait("d")).toBeInstanceOf(WouldBlockError)
    expect(lender.statistics).toEqual({ borrowedTokens: 1, totalTokens: 1, borrowers: ["a"], tasksWaiting: 2 })
    // It leaves the line.
    expect(lender.release("b")).toBeUndefined()
    lender.release("a")
    expect(order).toEqual(["a", "c"])
    expect(lender.release("a")).toMatchObject({ reason: "NotBorrowing" })
    expect(lender.setTotalTokens(1.5)).toMatchObject({ reason: "InvalidTotalTokens" })
    expect(lender.setTotalTokens(2)).toBeUndefined()
    expect(lender.acquireNowait("d")).toBeUndefined()
    expect(makeLimiter(-1)).toMatchObject({ reason: "InvalidTotalTokens" })
  })

  test("limits the tasks of a pool and its streams", async () => {
    const pool = await open({ maxThreads: 2 })
    const one = limiter(1)
    one.acquire("me", () => {})
    const told: string[] = []
    const waiting = ended((onExit) => pool.runSync(tasks.add, [1, 2], { limiter: one }, onExit))
    const leaves = pool.runSync(tasks.add, [1, 2], { limiter: one }, () => told.push("told"))
    const stream = pool.stream(numbers, [3], { limiter: one })
    expect(one.statistics.tasksWaiting).toBe(3)
    await new Promise<void>((resolve) => leaves.leave(resolve))
    expect(await ended((onEnd) => stream.stop(onEnd))).toEqual({ ok: true, value: undefined })
    expect(one.statistics.tasksWaiting).toBe(1)
    one.release("me")
    expect(await waiting).toEqual({ ok: true, value: 3 })
    expect(one.statistics).toMatchObject({ borrowedTokens: 0, tasksWaiting: 0 })
    expect(pool.defaultLimiter.statistics.borrowedTokens).toBe(0)
    expect(told).toEqual([])
    await close(pool)
  })
})
