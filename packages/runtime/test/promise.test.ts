import * as Effect from "effect/Effect"
import { describe, expect, expectTypeOf, test, vi } from "vitest"
import {
  CapacityLimiter,
  LimiterError,
  LoopMonitor,
  NotATaskError,
  OffLoop,
  Portal,
  Resident,
  Task,
  TaskError,
  UnsendableError,
  WouldBlockError,
} from "../src/promise.ts"
import type * as callers from "./fixtures/callers.ts"
import type * as residents from "./fixtures/residents.ts"
import type * as streams from "./fixtures/streams.ts"
import type * as fixtures from "./fixtures/tasks.ts"
import type * as transfers from "./fixtures/transfers.ts"
import { gate } from "./off-loop.world.ts"

const file = (name: string): URL => new URL(`./fixtures/${name}.ts`, import.meta.url)
const tasks = Task.fromModule<typeof fixtures>(file("tasks"))
const { makePhoenix } = Task.fromModule<typeof residents>(file("residents"))
const { makeSubject } = Task.fromModule<typeof residents>(file("residents"))
const { failingToEnd, numbers, stalling } = Task.fromModule<typeof streams>(file("streams"))
const { makeStore } = Task.fromModule<typeof transfers>(file("transfers"))

describe("the program's own pool", () => {
  test("starts when it is first used, and again after it was closed", async () => {
    expect(await OffLoop.runSync(tasks.add, 1, 2)).toBe(3)
    expect((await OffLoop.stats()).blocking.threads).toBeGreaterThan(0)
    expect(await OffLoop.run(tasks.later, "a")).toBe("a")
    await OffLoop.close()
    expect(await OffLoop.calls(tasks).add(2, 3)).toBe(5)
    await OffLoop.close()
    await OffLoop.close()
  })

  test("rejects with the tagged errors themselves, which point at who awaits the call", async () => {
    const failing = async (): Promise<unknown> => {
      try {
        return await OffLoop.runSync(tasks.fail, "no")
      } catch (error) {
        return error
      }
    }
    const error = await failing()
    expect(error).toBeInstanceOf(TaskError)
    expect(error).toMatchObject({ _tag: "TaskError", code: "E_TASK", cause: { message: "no" } })
    expect((error as Error).stack).toMatch(/^TaskError: .*\n\s+at .*promise\.test\.ts/)
    await expect(OffLoop.runSync(tasks.identity, { f: () => 1 })).rejects.toBeInstanceOf(UnsendableError)
    const notATask = OffLoop.runSync((() => 1) as never)
    await expect(notATask).rejects.toBeInstanceOf(NotATaskError)
    await expect(notATask).rejects.toThrow(/Task\.fromModule\(new URL/)
    await OffLoop.close()
  })
})

describe("a pool", () => {
  test("a call that is aborted before it starts never runs; one that runs is waited for, or left with abandonOnCancel", async () => {
    await using pool = await OffLoop.open({ maxThreads: 1 })
    const held = gate()
    const waits = new AbortController()
    const leaves = new AbortController()
    const reason = new Error("enough")
    const order: string[] = []
    const first = pool
      .runSyncWith({ signal: waits.signal })(tasks.hold, held.words)
      .catch((error) => {
        order.push("rejected")
        return error
      })
    await Effect.runPromise(held.begun)
    const second = pool.runSyncWith({ signal: leaves.signal, abandonOnCancel: true })(tasks.count, held.words)
    leaves.abort(reason)
    await expect(second).rejects.toBe(reason)
    waits.abort(reason)
    await pool.run(tasks.later, "a turn of the loop")
    order.push("released")
    await Effect.runPromise(held.release)
    expect(await first).toBe(reason)
    expect(order).toEqual(["released", "rejected"])
    expect(held.runs()).toBe(1)
    await expect(pool.runSyncWith({ signal: AbortSignal.abort(reason) })(tasks.add, 1, 2)).rejects.toBe(reason)
    const third = gate()
    const abandoned = new AbortController()
    const third_ = pool.runSyncWith({ signal: abandoned.signal, abandonOnCancel: true })(tasks.hold, third.words)
    await Effect.runPromise(third.begun)
    abandoned.abort(reason)
    await expect(third_).rejects.toBe(reason)
    await Effect.runPromise(third.release)
  })

  test("streams as far as it is read, and ends the iterator when the loop is left", async () => {
    await using pool = await OffLoop.open({ maxThreads: 1 })
    const seen: number[] = []
    for await (const chunk of pool.streamWith({ bufferSize: 1 })(
      Task.fromModule<typeof transfers>(file("transfers")).chunks,
      Number.POSITIVE_INFINITY,
      4,
    )) {
      seen.push(chunk.length)
      if (seen.length === 3) break
    }
    expect(seen).toEqual([4, 4, 4])
    // Its only thread is free again.
    expect(await pool.runSync(tasks.add, 1, 1)).toBe(2)
    const controller = new AbortController()
    const reason = new Error("enough")
    const { chunks } = Task.fromModule<typeof transfers>(file("transfers"))
    const iterator = pool
      .streamWith({ signal: controller.signal, bufferSize: 1 })(chunks, 100, 4)
      [Symbol.asyncIterator]()
    await iterator.next()
    controller.abort(reason)
    await expect(iterator.next()).rejects.toBe(reason)
    expect(await iterator.next()).toEqual({ done: true, value: undefined })
    expect(await pool.runSync(tasks.add, 1, 1)).toBe(2)
    const bad = pool.stream(tasks.add as never)[Symbol.asyncIterator]()
    await expect(bad.next()).rejects.toBeInstanceOf(TaskError)
  })

  test("what its iterator throws when it cleans up rejects the end of the loop, unless nobody waits for it", async () => {
    await using pool = await OffLoop.open({ maxThreads: 1 })
    const leave = async (stream: AsyncIterable<number>): Promise<void> => {
      for await (const n of stream) expect(n).toBe(0)
    }
    const broken = pool.streamWith({ bufferSize: 1 })(failingToEnd)
    const iterator = broken[Symbol.asyncIterator]()
    await iterator.next()
    await expect(iterator.return?.()).rejects.toMatchObject({
      _tag: "TaskError",
      cause: { message: "cannot clean up" },
    })
    await leave(pool.streamWith({ bufferSize: 1 })(numbers, 1))
    const abandoned = pool.streamWith({ bufferSize: 1, abandonOnCancel: true })(failingToEnd)[Symbol.asyncIterator]()
    await abandoned.next()
    expect(await abandoned.return?.()).toEqual({ done: true, value: undefined })
  })

  test("return does not wait for a next that waits, and each iteration begins anew", async () => {
    await using pool = await OffLoop.open({ maxThreads: 1 })
    const words = new Int32Array(new SharedArrayBuffer(4))
    const stream = pool.stream(stalling, words)
    const iterator = stream[Symbol.asyncIterator]()
    expect([await iterator.next(), await iterator.next()]).toEqual([
      { done: false, value: 1 },
      { done: false, value: 2 },
    ])
    const waiting = iterator.next()
    const returned = iterator.return?.()
    expect(await waiting).toEqual({ done: true, value: undefined })
    // The iterator's own end is waited for.
    Atomics.store(words, 0, 1)
    Atomics.notify(words, 0)
    expect(await returned).toEqual({ done: true, value: undefined })
    const all: number[] = []
    for await (const n of stream) all.push(n)
    expect(all).toEqual([1, 2])
  })

  test("a bad size of a stream's buffer, and what is no task, reject its first next", async () => {
    await using pool = await OffLoop.open({ maxThreads: 1 })
    const bad = pool.streamWith({ bufferSize: 0 })(numbers, 1)[Symbol.asyncIterator]()
    await expect(bad.next()).rejects.toBeInstanceOf(RangeError)
    expect(await bad.next()).toEqual({ done: true, value: undefined })
    const none = pool.stream((() => []) as never)[Symbol.asyncIterator]()
    await expect(none.next()).rejects.toBeInstanceOf(NotATaskError)
  })

  test("aborts many calls with one listener of their signal, which it leaves when they have ended", async () => {
    await using pool = await OffLoop.open({ maxThreads: 1 })
    const held = gate()
    const controller = new AbortController()
    const { signal } = controller
    const add = vi.spyOn(signal, "addEventListener")
    const remove = vi.spyOn(signal, "removeEventListener")
    const run = pool.runSyncWith({ signal })
    const holding = pool.runSync(tasks.hold, held.words)
    await Effect.runPromise(held.begun)
    const ended = Array.from({ length: 10 }, (_, n) => run(tasks.add, n, 1))
    const left = Array.from({ length: 10 }, () => pool.runSyncWith({ signal, abandonOnCancel: true })(tasks.add, 1, 1))
    expect(add).toHaveBeenCalledTimes(1)
    const reason = new Error("enough")
    controller.abort(reason)
    const outcomes = await Promise.allSettled([...left, ...ended])
    expect(outcomes).toEqual(Array.from({ length: 20 }, () => ({ status: "rejected", reason })))
    await Effect.runPromise(held.release)
    await holding
    const other = new AbortController()
    const removed = vi.spyOn(other.signal, "removeEventListener")
    expect(await pool.runSyncWith({ signal: other.signal })(tasks.add, 1, 2)).toBe(3)
    expect(removed).toHaveBeenCalledTimes(1)
    expect(remove).toHaveBeenCalledTimes(1)
  })

  test("that cannot start, or is not waited for, is closed", async () => {
    const { module, name } = tasks.fail
    const cold = { minThreads: 1, maxThreads: 1, awaitReady: true }
    const failing = OffLoop.open({ ...cold, warmUp: { module, name, args: ["cold"] } })
    await expect(failing).rejects.toMatchObject({ _tag: "WarmUpError", cause: { cause: { message: "cold" } } })
    const held = gate()
    const controller = new AbortController()
    const warming = { module, name: "hold", args: [held.words] }
    const waiting = OffLoop.open({ ...cold, signal: controller.signal, shutdownTimeout: 1, warmUp: warming })
    await Effect.runPromise(held.begun)
    const reason = new Error("enough")
    controller.abort(reason)
    await Effect.runPromise(held.release)
    await expect(waiting).rejects.toBe(reason)
  })

  test("refuses a placement that there is not, and a portal in a process", async () => {
    await using pool = await OffLoop.open({ maxThreads: 1 })
    await expect(pool.runSyncWith({ placement: "thread" as never })(tasks.add, 1, 2)).rejects.toMatchObject({
      _tag: "UnsupportedPlacementError",
      placement: "thread",
    })
    await using portal = await Portal.open({ double: (n: number) => n * 2 })
    await expect(pool.runWith({ placement: "process", portal })(tasks.later, "a")).rejects.toMatchObject({
      _tag: "UnsupportedPlacementError",
      placement: "process",
    })
  })

  test("refuses a size that makes no sense", async () => {
    await expect(OffLoop.open({ maxThreads: 0 })).rejects.toMatchObject({ _tag: "InvalidPoolOptionsError" })
  })

  test("has the types of its tasks", () => {
    expectTypeOf(OffLoop.runSync(tasks.later, "a")).toEqualTypeOf<Promise<string>>()
    // @ts-expect-error A number is wanted.
    const wrong = () => OffLoop.runSync(tasks.add, 1, "2")
    expect(wrong).toBeTypeOf("function")
  })
})

describe("the rest with promises", () => {
  test("a limiter lends tokens, and limits a pool", async () => {
    const limiter = await CapacityLimiter.make(1)
    await expect(CapacityLimiter.make(-1)).rejects.toBeInstanceOf(LimiterError)
    const borrower = {}
    await limiter.acquireOnBehalfOf(borrower)
    await expect(limiter.acquireOnBehalfOfNowait({})).rejects.toBeInstanceOf(WouldBlockError)
    const reason = new Error("enough")
    await expect(limiter.use(() => 1, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    const waiting = limiter.use(async () => "mine")
    expect((await limiter.statistics()).tasksWaiting).toBe(1)
    await limiter.releaseOnBehalfOf(borrower)
    expect(await waiting).toBe("mine")
    await expect(limiter.use(() => Promise.reject(reason))).rejects.toBe(reason)
    {
      await using _token = await limiter.scoped()
      expect(await limiter.borrowedTokens()).toBe(1)
    }
    expect(await limiter.availableTokens()).toBe(1)
    await using pool = await OffLoop.open({ backend: "inline" })
    expect(await pool.runSyncWith({ limiter })(tasks.add, 1, 2)).toBe(3)
    expect(await pool.defaultLimiter.borrowedTokens()).toBe(0)
  })

  test("a resident is called in order, and closed by its block", async () => {
    const initial = new Uint8Array(8)
    let ended: Promise<void>
    {
      await using store = await Resident.open(makeStore, Task.transfer(initial, [initial.buffer]))
      ended = store.closed()
      expect(await store.call("size")).toBe(8)
      expect((await store.call("swap", new Uint8Array(2))).length).toBe(8)
      const reason = new Error("enough")
      await expect(store.callWith({ signal: AbortSignal.abort(reason) })("size")).rejects.toBe(reason)
    }
    await ended
    const inline = await Resident.open(makeStore, new Uint8Array(1), { backend: "inline" })
    await inline.terminate()
    await expect(inline.call("size")).rejects.toMatchObject({ _tag: "ResidentClosedError" })
    await inline.close()
  })

  test("a limiter that is aborted while its function runs waits for that, and gives the token back", async () => {
    const limiter = await CapacityLimiter.make(1)
    const controller = new AbortController()
    const reason = new Error("enough")
    let end: () => void = () => {}
    const running = limiter.use(() => new Promise<void>((resolve) => (end = resolve)), { signal: controller.signal })
    const held = await limiter.borrowedTokens()
    controller.abort(reason)
    end()
    await expect(running).rejects.toBe(reason)
    expect([held, await limiter.borrowedTokens()]).toEqual([1, 0])
    const waits = new AbortController()
    const borrower = {}
    await limiter.acquireOnBehalfOf(borrower)
    const waiting = limiter.acquireOnBehalfOf({}, { signal: waits.signal })
    waits.abort(reason)
    await expect(waiting).rejects.toBe(reason)
    expect((await limiter.statistics()).tasksWaiting).toBe(0)
    // Refusing a second token leaves the first alone.
    await expect(limiter.useOnBehalfOf(borrower)(() => 1)).rejects.toMatchObject({ reason: "AlreadyBorrowing" })
    expect(await limiter.borrowedTokens()).toBe(1)
    await limiter.releaseOnBehalfOf(borrower)
    await expect(limiter.releaseOnBehalfOf(borrower)).rejects.toMatchObject({ reason: "NotBorrowing" })
    await expect(limiter.setTotalTokens(0.5)).rejects.toMatchObject({ reason: "InvalidTotalTokens" })
  })

  test("errors of residents and limiters point at who awaits the call", async () => {
    await using subject = await Resident.open(makeSubject, { start: 0 })
    const stack = async (call: () => Promise<unknown>): Promise<string | undefined> => {
      try {
        await call()
      } catch (error) {
        return (error as Error).stack
      }
      return undefined
    }
    expect(await stack(async () => await subject.call("throwError"))).toMatch(
      /^TaskError: .*\n\s+at .*promise\.test\.ts/,
    )
    expect(await stack(async () => await CapacityLimiter.make(-1))).toMatch(/promise\.test\.ts/)
  })

  test("what calls were to move that were aborted before they were made is copied later", async () => {
    const signal = AbortSignal.abort(new Error("enough"))
    const { echoMove } = Task.fromModule<typeof transfers>(file("transfers"))
    await using pool = await OffLoop.open({ maxThreads: 1 })
    await using store = await Resident.open(makeStore, new Uint8Array(1))
    const bytes = new Uint8Array(8)
    const aborted: ReadonlyArray<() => Promise<unknown>> = [
      () => pool.runSyncWith({ signal })(echoMove, Task.transfer(bytes, [bytes.buffer])),
      () => store.callWith({ signal })("swap", Task.transfer(bytes, [bytes.buffer])),
      () => Resident.open(makeStore, Task.transfer(bytes, [bytes.buffer]), { signal }),
      () =>
        pool
          .streamWith({ signal })(echoMove as never, Task.transfer(bytes, [bytes.buffer]) as never)
          [Symbol.asyncIterator]()
          .next(),
      () => pool.runSyncWith({ placement: "thread" as never })(echoMove, Task.transfer(bytes, [bytes.buffer])),
    ]
    for (const call of aborted) {
      await expect(call()).rejects.toBeInstanceOf(Error)
      expect(await pool.runSync(echoMove, bytes)).toHaveLength(8)
      expect(bytes).toHaveLength(8)
    }
  })

  test("what close() of a resident throws rejects its close, and only the first", async () => {
    const subject = await Resident.open(makeSubject, { start: 0, failClose: true })
    await expect(subject.close()).rejects.toMatchObject({ _tag: "TaskError", target: "close" })
    await subject.close()
    await expect(Resident.open(makeSubject, { start: 0 }, { mode: "sync" as never })).rejects.toMatchObject({
      _tag: "InvalidResidentOptionsError",
      option: "mode",
    })
    const reason = new Error("enough")
    const opening = Resident.open(makeSubject, { start: 0 }, { signal: AbortSignal.abort(reason) })
    await expect(opening).rejects.toBe(reason)
  })

  test("a resident's crash is told, its call left, its streams read", async () => {
    const subject = await Resident.open(makeSubject, { start: 0 }, { mode: "async" })
    const crash = subject.onCrash()
    const controller = new AbortController()
    const reason = new Error("enough")
    const waiting = subject.callWith({ signal: controller.signal })("gate")
    const closed = subject.closed({ signal: controller.signal })
    controller.abort(reason)
    await expect(waiting).rejects.toBe(reason)
    await expect(closed).rejects.toBe(reason)
    await expect(subject.call("exit", 7)).rejects.toMatchObject({ _tag: "WorkerCrashedError", exitCode: 7 })
    await expect(crash).rejects.toMatchObject({ _tag: "WorkerCrashedError", exitCode: 7 })
    await subject.closed()
  })

  test("a portal that is closed refuses, after what runs has ended", async () => {
    let end: (n: number) => void = () => {}
    let begun: () => void = () => {}
    const started = new Promise<void>((resolve) => (begun = resolve))
    const portal = await Portal.open({
      double: () =>
        new Promise<number>((resolve) => {
          end = resolve
          begun()
        }),
    })
    await using pool = await OffLoop.open({ maxThreads: 1 })
    const { ask, outcome } = Task.fromModule<typeof callers>(file("callers"))
    const asking = pool.runSyncWith({ portal })(ask, 4)
    await started
    const order: string[] = []
    const closing = portal.close().then(() => order.push("closed"))
    order.push("ends")
    end(8)
    expect(await asking).toBe(9)
    await closing
    expect(order).toEqual(["ends", "closed"])
    expect(await pool.runSyncWith({ portal })(outcome, "double")).toMatch(/PortalError Closed/)
  })

  test("a portal answers with plain functions", async () => {
    await using portal = await Portal.open({ double: async (n: number) => n * 2, plus: (n: number) => n + 1 })
    await using pool = await OffLoop.open({ maxThreads: 1 })
    const { ask } = Task.fromModule<typeof callers>(file("callers"))
    expect(await pool.runSyncWith({ portal })(ask, 4)).toBe(9)
    expect(portal.names).toEqual(["double", "plus"])
  })

  test("a monitor tells delays", async () => {
    await using monitor = await LoopMonitor.open({ resolution: 1 })
    await monitor.reset()
    expect(await monitor.snapshot()).toMatchObject({ max: expect.any(Number) })
  })
})

describe("a supervised resident", () => {
  test("is opened again as its schedule says, tells what happens to it, and rejects when the schedule is done", async () => {
    const words = new Int32Array(new SharedArrayBuffer(16))
    const asked: unknown[] = []
    const options: Resident.SupervisedOptions = {
      name: "ada",
      schedule: (reason, restarts) => {
        asked.push([reason._tag, restarts])
        return restarts < 2 ? 1 : undefined
      },
    }
    const phoenix = await Resident.supervised(makePhoenix, words, options)
    const seen: string[] = []
    const ended = (async () => {
      for await (const event of phoenix.events) seen.push(`${event._tag} ${event.restarts}`)
    })()
    expect(await phoenix.call("count")).toBe(1)
    await expect(phoenix.call("exit", 7)).rejects.toMatchObject({ _tag: "WorkerCrashedError", exitCode: 7 })
    expect(await phoenix.call("count")).toBe(1)
    expect(await phoenix.restarts()).toBe(1)
    // The next opening fails, and after that there is none.
    Atomics.store(words, 1, 1)
    const gone = expect(phoenix.onCrash()).rejects.toMatchObject({ restarts: 2, exitCode: 8 })
    await expect(phoenix.callWith({})("exit", 8)).rejects.toMatchObject({ exitCode: 8 })
    await gone
    await expect(phoenix.call("count")).rejects.toMatchObject({ cause: { _tag: "TaskError" } })
    await phoenix.close()
    await ended
    expect(seen).toEqual(["Crashed 0", "Reopened 1", "Crashed 1", "ReopenFailed 2", "GaveUp 2"])
    expect(asked).toEqual([
      ["WorkerCrashedError", 0],
      ["WorkerCrashedError", 1],
      ["TaskError", 2],
    ])
    expectTypeOf(phoenix.events).toEqualTypeOf<AsyncIterable<Resident.SupervisorEvent>>()
  })

  test("that is terminated is not opened again, and is closed while it waits to be", async () => {
    const words = new Int32Array(new SharedArrayBuffer(16))
    const first = await Resident.supervised(makePhoenix, words)
    await first.terminate()
    await expect(first.call("count")).rejects.toMatchObject({ _tag: "ResidentClosedError" })
    await first.close()
    let asked: () => void = () => {}
    const waiting = new Promise<void>((resolve) => (asked = resolve))
    const second = await Resident.supervised(makePhoenix, words, {
      schedule: () => {
        asked()
        return 2 ** 30
      },
    })
    await expect(second.call("exit", 7)).rejects.toMatchObject({ exitCode: 7 })
    await waiting
    const late = second.call("count")
    await second.close()
    await expect(late).rejects.toMatchObject({ _tag: "ResidentClosedError" })
    expect(words[0]).toBe(2)
  })

  test("whose schedule throws is not opened again", async () => {
    const words = new Int32Array(new SharedArrayBuffer(16))
    const wrong = new TypeError("no schedule")
    const phoenix = await Resident.supervised(makePhoenix, words, {
      schedule: () => {
        throw wrong
      },
    })
    const gone = phoenix.onCrash()
    await expect(phoenix.call("exit", 7)).rejects.toMatchObject({ exitCode: 7 })
    await expect(gone).rejects.toMatchObject({ _tag: "WorkerCrashedError", cause: wrong })
    await phoenix.close()
  })

  test("whose first opening fails rejects with that", async () => {
    const words = new Int32Array(new SharedArrayBuffer(16))
    words[1] = 1
    await expect(Resident.supervised(makePhoenix, words)).rejects.toMatchObject({ _tag: "TaskError", code: "E_NEST" })
  })

  test("whose init can be sent only once is refused", async () => {
    const bytes = new Uint8Array(1)
    const opening = Resident.supervised(makeStore, Task.transfer(bytes, [bytes.buffer]))
    await expect(opening).rejects.toMatchObject({ _tag: "InitNotRepeatableError" })
  })
})
