import { describe, expect, test } from "vitest"
import type { ThreadExit, ThreadHandle } from "../../../src/internal/backend/thread.ts"
import type { CallExit } from "../../../src/internal/link/link.ts"
import { ThreadLink } from "../../../src/internal/link/thread-link.ts"
import { lineBytes } from "../../../src/internal/portal/memory.ts"
import { Doorbell } from "../../../src/internal/transport/doorbell.ts"
import { Inbox } from "../../../src/internal/transport/inbox.ts"
import { layout } from "../../../src/internal/transport/memory.ts"
import { Outbox } from "../../../src/internal/transport/outbox.ts"
import * as Protocol from "../../../src/internal/transport/protocol.ts"
import { RingReader, RingWriter } from "../../../src/internal/transport/ring.ts"

/** A link whose worker is played by the test, one step at a time, on the same thread. */
const open = (capacity = 1 << 16) => {
  const sizes = { requests: capacity, responses: capacity }
  const places = layout(sizes)
  const memory = new SharedArrayBuffer(places.bytes)
  const toWorker: unknown[] = []
  const toLoop: unknown[] = []
  let refs = 0
  let exit: (exit: ThreadExit) => void = () => {}
  const thread: ThreadHandle = {
    port: { postMessage: (value) => void toWorker.push(structuredClone(value)) },
    receive: () => (toLoop.length === 0 ? undefined : { message: toLoop.shift() }),
    backPort: { postMessage: () => {} },
    receiveBack: () => undefined,
    ref: () => void refs++,
    unref: () => void refs--,
    terminate: () => {},
    release: () => {},
    onExit: (listener) => {
      exit = listener
    },
    onGone: () => {},
  }
  const link = new ThreadLink("played", thread, memory, sizes, new SharedArrayBuffer(lineBytes))
  const bell = new Doorbell(memory, places.workerBell)
  const loopBell = new Doorbell(memory, places.loopBell)
  const inbox = new Inbox(
    new RingReader(memory, places.requests),
    () => (toWorker.length === 0 ? undefined : { message: toWorker.shift() }),
    () => void loopBell.ring(),
  )
  const outbox = new Outbox(
    new RingWriter(memory, places.responses),
    { postMessage: (value) => void toLoop.push(structuredClone(value)) },
    () => void loopBell.ring(),
  )
  return {
    link,
    bell,
    exit: (how: ThreadExit) => exit(how),
    /** How often the thread was kept alive more than it was let go; -1 when it may end. */
    refs: () => refs,
    /** What the worker finds now. */
    received: () => {
      const calls: Array<{ id: number; args: unknown }> = []
      while (inbox.refresh()) {
        while (inbox.next()) {
          if (inbox.kind === Protocol.CALL) calls.push({ id: inbox.id, args: inbox.value() })
          else if (inbox.kind === Protocol.DEFINE) inbox.value()
          inbox.release()
        }
      }
      return calls
    },
    answer: (id: number, value: unknown) => {
      outbox.send(Protocol.RESULT, id, 0, value)
      outbox.flush()
    },
  }
}

/** After the microtasks of this turn. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe("thread link", () => {
  test("all calls of one turn ring one doorbell", async () => {
    const played = open()
    played.bell.arm()
    for (let n = 0; n < 64; n++) played.link.call("add", [n], () => {})
    // Also those that a promise callback of the same turn makes.
    await Promise.resolve().then(() => played.link.call("add", [64], () => {}))
    expect(played.received()).toHaveLength(65)
    expect(played.bell.count).toBe(1)
  })

  test("nothing is shown to the worker before the turn ends", async () => {
    const played = open()
    played.link.call("add", [1], () => {})
    expect(played.received()).toEqual([])
    await turn()
    expect(played.received().map((call) => call.args)).toEqual([[1]])
  })

  test("the thread keeps the program alive exactly while calls are pending", async () => {
    const played = open()
    expect(played.refs()).toBe(-1)
    const exits: unknown[] = []
    const done = Promise.withResolvers<void>()
    const onExit = (exit: CallExit<unknown>): void => {
      if (exits.push(exit) === 3) done.resolve()
    }
    for (let n = 0; n < 3; n++) played.link.call("add", [n], onExit)
    expect(played.refs()).toBe(0)
    await turn()
    for (const { id } of played.received()) played.answer(id, id)
    await done.promise
    expect(played.refs()).toBe(-1)
  })

  test("answers in any order go to their callers", async () => {
    const played = open()
    const got: string[] = []
    const done = Promise.withResolvers<void>()
    for (const name of ["a", "b", "c"]) {
      played.link.call("x", [name], (exit) => {
        got.push(`${name}:${exit.ok ? exit.value : exit.error._tag}`)
        if (got.length === 3) done.resolve()
      })
    }
    await turn()
    for (const { id, args } of played.received().reverse()) played.answer(id, (args as string[])[0]?.toUpperCase())
    await done.promise
    expect(got).toEqual(["c:C", "b:B", "a:A"])
  })

  test("calls beyond the ring wait, arrive in order, and one withdrawn meanwhile never arrives", async () => {
    const played = open(256)
    const done = Promise.withResolvers<void>()
    const ids: number[] = []
    const answered: number[] = []
    for (let n = 0; n < 50; n++) {
      ids.push(
        played.link.call("add", [n, "x".repeat(20)], () => {
          if (answered.push(n) === 48) done.resolve()
        }),
      )
    }
    played.link.abandon(ids[10] as number)
    played.link.abandon(ids[49] as number)
    const seen: number[] = []
    const work = async (): Promise<void> => {
      while (seen.length < 48) {
        await turn()
        for (const { id, args } of played.received()) {
          seen.push((args as [number])[0])
          played.answer(id, null)
        }
      }
    }
    await Promise.all([work(), done.promise])
    const expected = Array.from({ length: 49 }, (_, n) => n).filter((n) => n !== 10)
    expect(seen).toEqual(expected)
    expect(answered).toEqual(expected)
    expect(played.refs()).toBe(-1)
  })

  test("calls that found no space go on when there is some, though no answer has come", async () => {
    const played = open(256)
    const pending = Array.from({ length: 40 }, (_, n) => n)
    // The loop is asleep already when the ring becomes full.
    played.link.call("gate", [], () => {})
    await turn()
    for (const n of pending) played.link.call("gate", [n], () => {})
    const seen: unknown[] = []
    while (seen.length < 41) {
      await turn()
      for (const { args } of played.received()) seen.push((args as number[])[0])
    }
    expect(seen).toEqual([undefined, ...pending])
  })

  test("a callback that throws is the program's error and does not keep others from being told", async () => {
    const played = open()
    const uncaught = Promise.withResolvers<unknown>()
    const others = process.listeners("uncaughtException")
    process.removeAllListeners("uncaughtException")
    process.once("uncaughtException", uncaught.resolve)
    try {
      const told = Promise.withResolvers<void>()
      played.link.call("a", [], () => {
        throw new Error("in the callback")
      })
      played.link.call("a", [], () => told.resolve())
      await turn()
      for (const { id } of played.received()) played.answer(id, null)
      await told.promise
      expect(((await uncaught.promise) as Error).message).toBe("in the callback")
    } finally {
      for (const listener of others) process.on("uncaughtException", listener)
    }
  })

  test("answers given before the thread died are delivered, the rest fails, and later calls fail at once", async () => {
    const played = open()
    const exits = new Map<string, CallExit<unknown>>()
    for (const name of ["a", "b"]) played.link.call("x", [name], (exit) => exits.set(name, exit))
    await turn()
    const [first] = played.received()
    played.answer(first?.id as number, "kept")
    played.exit({ code: 7, cause: new Error("uncaught") })
    expect(exits.get("a")).toEqual({ ok: true, value: "kept" })
    const lost = exits.get("b")
    expect(lost).toMatchObject({ ok: false, error: { _tag: "WorkerCrashedError", exitCode: 7, worker: "played" } })
    played.link.call("x", [], (exit) => exits.set("late", exit))
    await turn()
    expect(exits.get("late")).toEqual(lost)
  })
})
