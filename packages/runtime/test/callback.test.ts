/** Residents by callbacks, wherever they live. */
import { describe, expect, test } from "vitest"
import {
  type CallExit,
  type Handler,
  openResident,
  type ResidentHandle,
  type ResidentOptions,
  Task,
} from "../src/callback.ts"
import type * as callers from "./fixtures/callers.ts"
import type * as residents from "./fixtures/residents.ts"

const tasks = Task.fromModule<typeof residents>(new URL("./fixtures/residents.ts", import.meta.url))
const asking = Task.fromModule<typeof callers>(new URL("./fixtures/callers.ts", import.meta.url))

const open = <Init, I extends object>(
  task: Task.Task<[Init], I | Promise<I>>,
  init: Init,
  options: ResidentOptions = {},
): Promise<ResidentHandle<I>> =>
  new Promise((resolve, reject) =>
    openResident<Init, I>(task, init, options, (exit) => (exit.ok ? resolve(exit.value) : reject(exit.error))),
  )

/** How it ended, as a promise. */
const ended = <A, E>(start: (onExit: (exit: CallExit<A, E>) => void) => unknown): Promise<CallExit<A, E>> =>
  new Promise((resolve) => void start(resolve))

const closed = (resident: ResidentHandle<object>): Promise<CallExit<void>> =>
  ended((onDone: (exit: CallExit<void>) => void) => resident.close(onDone))

/** Waits in another turn of the loop until a word is not 0. */
const nonZero = async (words: Int32Array<SharedArrayBuffer>, index: number): Promise<void> => {
  const { async, value } = Atomics.waitAsync(words, index, 0)
  if (async) await value
}

const words = (length: number): Int32Array<SharedArrayBuffer> => new Int32Array(new SharedArrayBuffer(length * 4))

describe.each(["worker", "inline", "process"] as const)("a resident by callbacks, %s", (placement) => {
  test("answers its calls in order, each after the function that made it has returned", async () => {
    const subject = await open(tasks.makeSubject, { start: 40 }, { placement, name: "subject" })
    expect(subject.name).toBe("subject")
    const order: unknown[] = []
    await new Promise<void>((resolve) => {
      subject.call("add", [2], (exit) => order.push(exit))
      subject.call("addLater", [1], (exit) => order.push(exit))
      subject.call("add", [1], (exit) => resolve(void order.push(exit)))
      order.push("returned")
    })
    expect(order).toEqual(["returned", { ok: true, value: 42 }, { ok: true, value: 43 }, { ok: true, value: 44 }])
    expect(await closed(subject)).toEqual({ ok: true, value: undefined })
    expect(subject.ended).toMatchObject({ _tag: "ResidentClosedError" })
  })

  test("fails typed", async () => {
    const subject = await open(tasks.makeSubject, { start: 0 }, { placement })
    expect(await ended((onExit) => subject.call("throwError", [], onExit))).toMatchObject({
      ok: false,
      error: { _tag: "TaskError", code: "E_NUMBER", target: "throwError" },
    })
    expect(await ended((onExit) => subject.call("echo", [() => 1], onExit))).toMatchObject({
      ok: false,
      error: { _tag: "UnsendableError", path: "args[0]" },
    })
    await closed(subject)
    expect(await ended((onExit) => subject.call("add", [1], onExit))).toMatchObject({
      ok: false,
      error: { _tag: "ResidentClosedError" },
    })
  })

  test("says typed why there is none", async () => {
    await expect(open(tasks.failing, "no", { placement })).rejects.toMatchObject({ _tag: "TaskError", code: "E_OPEN" })
    const missing: Task.Task<[number], object> = { module: tasks.makeSubject.module, name: "missing" }
    await expect(open(missing, 1, { placement })).rejects.toMatchObject({ _tag: "TaskExportNotFoundError" })
    const module: Task.Task<[number], object> = { module: new URL("./nowhere.ts", import.meta.url).href, name: "a" }
    await expect(open(module, 1, { placement })).rejects.toMatchObject({ _tag: "TaskModuleNotFoundError" })
    // @ts-expect-error a function cannot cross
    await expect(open(tasks.failing, () => 1, { placement })).rejects.toMatchObject({
      _tag: "UnsendableError",
      path: "init",
    })
  })

  test("tells its end to those who wait for calls, then to those who listen", async () => {
    const subject = await open(tasks.makeSubject, { start: 0 }, { placement, mode: "async" })
    const told: unknown[] = []
    const gone = new Promise<void>((resolve) => {
      subject.onEnd(() => told.push("never"))()
      subject.onEnd(({ _tag }) => resolve(void told.push(_tag)))
    })
    subject.call("gate", [], (exit) => told.push(exit.ok ? exit.value : exit.error._tag))
    subject.terminate()
    await gone
    expect(told).toEqual(["ResidentClosedError", "ResidentClosedError"])
    subject.onEnd(({ _tag }) => told.push(`${_tag}, late`))
    expect(told[2]).toBe("ResidentClosedError, late")
  })

  test("streams what a method returns, no further than it is asked to", async () => {
    const source = await open(tasks.makePlace, 0, { placement })
    const items: number[] = []
    const exit = await ended((onExit) => {
      const stream = source.stream(
        "numbers",
        [100],
        { bufferSize: 4 },
        (batch) => {
          items.push(...batch)
          stream.acknowledge()
        },
        onExit,
      )
    })
    expect(exit).toMatchObject({ ok: true })
    expect(items).toEqual(Array.from({ length: 100 }, (_, index) => index))
    const left = await ended((onExit) => {
      const stream = source.stream("numbers", [100], { bufferSize: 4 }, () => void stream.stop(), onExit)
    })
    expect(left).toMatchObject({ ok: true })
    expect(await ended((onExit) => source.stream("numbers", [1], { bufferSize: 0 }, () => {}, onExit))).toMatchObject({
      ok: false,
      error: { _tag: "InvalidResidentOptionsError", option: "bufferSize" },
    })
    await closed(source)
  })
})

describe.each(["blocking", "async"] as const)("a worker's resident by callbacks, %s", (mode) => {
  test("gives a call back that has not begun: it never runs, and nobody is told", async () => {
    const state = words(2)
    const subject = await open(tasks.makeSubject, { start: 0 }, { mode })
    const told: string[] = []
    const blocking = ended((onExit) => subject.call("waitFor", [state], onExit))
    const first = subject.call("add", [1], () => told.push("first"))
    await nonZero(state, 1)
    // The worker is in the call before, and both of these are where it could see them.
    const second = subject.call("add", [10], () => told.push("second"))
    await new Promise((resolve) => setImmediate(resolve))
    const third = subject.call("add", [100], () => told.push("third"))
    expect([first, second, third].map((id) => subject.retract(id))).toEqual([true, true, true])
    expect(subject.retract(second)).toBe(false)
    Atomics.store(state, 0, 1)
    Atomics.notify(state, 0)
    expect(await blocking).toEqual({ ok: true, value: "done" })
    expect(await ended((onExit) => subject.call("add", [1000], onExit))).toEqual({ ok: true, value: 1000 })
    expect(told).toEqual([])
    await closed(subject)
  })

  test("does not give a call back that has begun or ended: it is told as ever", async () => {
    const state = words(2)
    const subject = await open(tasks.makeSubject, { start: 0 }, { mode })
    let id = 0
    const running = ended((onExit) => {
      id = subject.call("waitFor", [state], onExit)
    })
    await nonZero(state, 1)
    expect(subject.retract(id)).toBe(false)
    Atomics.store(state, 0, 1)
    Atomics.notify(state, 0)
    expect(await running).toEqual({ ok: true, value: "done" })
    expect(subject.retract(id)).toBe(false)
    await closed(subject)
    let late = 0
    const refused = ended((onExit) => {
      late = subject.call("add", [1], onExit)
    })
    expect(subject.retract(late)).toBe(false)
    expect(await refused).toMatchObject({ ok: false, error: { _tag: "ResidentClosedError" } })
  })

  test("does not give calls back of which each is being told that the thread is gone", async () => {
    const state = words(2)
    const subject = await open(tasks.makeSubject, { start: 0 }, { mode })
    const told: unknown[] = []
    let second = 0
    subject.call("waitFor", [state], (exit) => told.push([exit.ok, subject.retract(second)]))
    await nonZero(state, 1)
    const last = ended((onExit) => {
      second = subject.call("add", [1], onExit)
    })
    subject.terminate()
    Atomics.store(state, 0, 1)
    Atomics.notify(state, 0)
    expect(await last).toMatchObject({ ok: false, error: { _tag: "ResidentClosedError" } })
    expect(told).toEqual([[false, false]])
  })

  test("forgets an abandoned call, and does not run one that finds no space", async () => {
    const state = words(2)
    const subject = await open(tasks.makeSubject, { start: 0 }, { mode })
    const told: string[] = []
    const blocking = ended((onExit) => subject.call("waitFor", [state], onExit))
    await nonZero(state, 1)
    subject.abandon(subject.call("add", [1], () => told.push("add")))
    // Larger than all memory between the two sides.
    const large = "x".repeat(64 * 1024 * 1024)
    const filling = ended((onExit) =>
      subject.call("echo", [large], (exit) => onExit({ ok: exit.ok, value: 0 } as never)),
    )
    subject.abandon(subject.call("add", [10], () => told.push("no space")))
    Atomics.store(state, 0, 1)
    Atomics.notify(state, 0)
    await blocking
    expect(await filling).toMatchObject({ ok: true })
    expect(await ended((onExit) => subject.call("add", [100], onExit))).toEqual({ ok: true, value: 101 })
    expect(told).toEqual([])
    await closed(subject)
  })
})

test("a queue of a blocking inline resident gives calls back that wait in it", async () => {
  const subject = await open(tasks.makeSubject, { start: 0 }, { placement: "inline" })
  const told: string[] = []
  const later = ended((onExit) => subject.call("addLater", [1], onExit))
  const id = subject.call("add", [10], () => told.push("add"))
  expect(subject.retract(id)).toBe(true)
  expect(await later).toEqual({ ok: true, value: 1 })
  expect(await ended((onExit) => subject.call("add", [100], onExit))).toEqual({ ok: true, value: 101 })
  expect(told).toEqual([])
  await closed(subject)
})

describe("options of a resident by callbacks", () => {
  const cases: ReadonlyArray<readonly [option: string, options: object]> = [
    ["placement", { placement: "somewhere" }],
    ["mode", { mode: "sync" }],
    ["name", { name: 1 }],
    ["handlers", { handlers: { look: 1 } }],
    ["handlers", { handlers: "look" }],
    ["env", { env: { A: 1 } }],
    ["env", { placement: "inline", env: { A: "1" } }],
    ["cwd", { cwd: "/" }],
    ["cwd", { placement: "inline", cwd: "/" }],
    ["resourceLimits", { placement: "process", resourceLimits: {} }],
    ["handlers", { placement: "process", handlers: {} }],
  ]
  test.each(cases)("%s that makes no sense is refused: %o", async (option, options) => {
    await expect(open(tasks.makeSubject, { start: 0 }, options)).rejects.toMatchObject({
      _tag: "InvalidResidentOptionsError",
      option,
    })
  })

  test("what is no task is refused, after the call has returned", async () => {
    const order: string[] = []
    const exit = await ended((onExit: (exit: CallExit<unknown, Error>) => void) => {
      // @ts-expect-error not a task
      openResident(() => ({}), 1, {}, onExit)
      order.push("returned")
    })
    order.push("told")
    expect(order).toEqual(["returned", "told"])
    expect(exit).toMatchObject({ ok: false, error: { _tag: "NotATaskError" } })
  })
})

describe("handlers", () => {
  const answer =
    <A>(get: (...args: ReadonlyArray<never>) => A): Handler<ReadonlyArray<never>, A> =>
    (args, respond) => {
      try {
        respond({ ok: true, value: get(...args) })
      } catch (error) {
        respond({ ok: false, error })
      }
    }
  const double = answer((n: number) => n * 2)

  test.each(["worker", "inline"] as const)("that answer at once serve code in a resident, %s", async (placement) => {
    const asker = await open(asking.makeAsker, undefined, { placement, handlers: { double } })
    expect(await ended((onExit) => asker.call("ask", [20], onExit))).toEqual({ ok: true, value: 41 })
    expect(await ended((onExit) => asker.call("askSync", [20], onExit))).toEqual({ ok: true, value: 41 })
    await closed(asker)
  })

  test("that answer later do so too; one that is to answer at once is refused", async () => {
    const later: Handler<[number], number> = ([n], respond) =>
      void setImmediate(() => respond({ ok: true, value: n * 2 }))
    const asker = await open(asking.makeAsker, undefined, { handlers: { double: later } })
    expect(await ended((onExit) => asker.call("ask", [20], onExit))).toEqual({ ok: true, value: 41 })
    expect(await ended((onExit) => asker.call("askTwo", [], onExit))).toEqual({ ok: true, value: [4, 2] })
    expect(await ended((onExit) => asker.call("askSync", [20], onExit))).toMatchObject({
      ok: false,
      error: { _tag: "TaskError", remoteTag: "PortalError", cause: { reason: "NotSynchronous" } },
    })
    await closed(asker)
    const inline = await open(asking.makeAsker, undefined, { placement: "inline", handlers: { double: later } })
    expect(await ended((onExit) => inline.call("ask", [20], onExit))).toMatchObject({
      ok: false,
      error: { remoteTag: "PortalError", cause: { reason: "Deadlock" } },
    })
    await closed(inline)
  })

  test("answer once: what they throw or say first", async () => {
    const wrong = new RangeError("too far")
    const handlers = {
      double: ((_args, respond) => {
        respond({ ok: false, error: wrong })
        respond({ ok: true, value: 1 })
      }) as Handler<[number], number>,
      echo: (() => {
        throw wrong
      }) as Handler<[unknown], unknown>,
    }
    const asker = await open(asking.makeAsker, undefined, { handlers })
    for (const method of ["ask", "echo"] as const) {
      expect(await ended((onExit) => asker.call(method, [1], onExit))).toMatchObject({
        ok: false,
        error: { _tag: "TaskError", cause: { name: "RangeError", message: "too far" } },
      })
    }
    await closed(asker)
  })

  test("that a worker does not find are named to it", async () => {
    const asker = await open(asking.makeAsker, undefined, { handlers: { double } })
    expect(await ended((onExit) => asker.call("echo", [1], onExit))).toMatchObject({
      ok: false,
      error: { cause: { reason: "UnknownHandler", message: expect.stringContaining("double") } },
    })
    const none = await open(asking.makeAsker, undefined, {})
    expect(await ended((onExit) => none.call("ask", [1], onExit))).toMatchObject({
      ok: false,
      error: { cause: { reason: "NoPortal" } },
    })
    await closed(asker)
    await closed(none)
  })

  test("stop when the call on whose behalf they run is abandoned, and when the worker cancels them", async () => {
    const stopped: string[] = []
    let begun: () => void = () => {}
    const never: Handler<[], never> = (_args, _respond, onCancel) => {
      onCancel(() => void stopped.push("stopped"))
      begun()
    }
    const asker = await open(asking.makeAsker, undefined, { handlers: { never } })
    expect(await ended((onExit) => asker.call("cancelOne", [], onExit))).toEqual({
      ok: true,
      value: expect.stringContaining("CallCancelledError"),
    })
    expect(stopped).toEqual(["stopped"])
    const state = words(1)
    const started = new Promise<void>((resolve) => {
      begun = resolve
    })
    const id = asker.call("callNever", [state], () => stopped.push("told"))
    await started
    asker.abandon(id)
    await nonZero(state, 0)
    expect(state[0]).toBe(2)
    expect(stopped).toEqual(["stopped", "stopped"])
    await closed(asker)
  })
})
