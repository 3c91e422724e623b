import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import { describe, expect, test } from "vitest"
import { Backend, InlineBackend, Resident, Task } from "../src/index.ts"
import type * as uncaught from "./fixtures/uncaught.ts"
import { residentCases, run, tasks } from "./resident.cases.ts"

const threads = Layer.orDie(Backend.layer)

residentCases("in a thread", threads, "blocking")
residentCases("in a thread", threads, "async")
residentCases("inline", InlineBackend.layer, "blocking")
residentCases("inline", InlineBackend.layer, "async")

const failing = Task.fromModule<typeof uncaught>(new URL("./fixtures/uncaught.ts", import.meta.url)).makeFailing
const go = run(threads)

/** Waits, without blocking the loop, until a word is not 0. */
const until = (words: Int32Array<SharedArrayBuffer>, index: number): Effect.Effect<void> =>
  Effect.promise(async () => {
    const waiting = Atomics.waitAsync(words, index, 0)
    if (waiting.async) await waiting.value
  })

describe("resident in a thread", () => {
  test("lives in a thread of its own", () =>
    go(
      Effect.gen(function* () {
        const one = yield* Resident.make(tasks.makeSubject, { start: 0 })
        const two = yield* Resident.make(tasks.makeSubject, { start: 0 })
        const ids = [yield* one.call("threadId"), yield* two.call("threadId")]
        expect(new Set(ids).size).toBe(2)
        expect(one.name).toBe("makeSubject")
      }),
    ))

  test("the loop runs on while the thread is blocked, and the caller of an interrupted call with it", () =>
    go(
      Effect.gen(function* () {
        const words = new Int32Array(new SharedArrayBuffer(8))
        const subject = yield* Resident.make(tasks.makeSubject, { start: 0 })
        const blocked = yield* Effect.fork(subject.call("waitFor", words))
        yield* until(words, 1)
        const after = yield* Effect.fork(subject.call("add", 1))
        yield* Effect.yieldNow()
        yield* Fiber.interrupt(blocked)
        expect(Exit.isInterrupted(yield* Fiber.await(blocked))).toBe(true)
        // The thread is still in it: only now may it go on, and the next call with it.
        Atomics.store(words, 0, 1)
        Atomics.notify(words, 0)
        expect(yield* Fiber.join(after)).toBe(1)
      }),
    ))

  for (const mode of ["blocking", "async"] as const) {
    test(`a thread is not stopped while it opens its object, but closes it and ends by itself, ${mode}`, () =>
      go(
        Effect.gen(function* () {
          const words = new Int32Array(new SharedArrayBuffer(8))
          const closed = new Int32Array(new SharedArrayBuffer(4))
          const init = { words, start: { start: 0, closed } }
          const opening = yield* Effect.fork(Effect.scoped(Resident.make(tasks.makeSlowly, init, { mode })))
          yield* until(words, 1)
          expect(Exit.isInterrupted(yield* Fiber.interrupt(opening))).toBe(true)
          expect(Atomics.load(closed, 0)).toBe(0)
          Atomics.store(words, 0, 1)
          Atomics.notify(words, 0)
          yield* until(closed, 0)
        }),
      ))
  }

  test("arguments and results are copies", () =>
    go(
      Effect.gen(function* () {
        const subject = yield* Resident.make(tasks.makeSubject, { start: 0 })
        const list = [1, 2]
        expect(yield* subject.call("echo", list)).not.toBe(list)
        const shared = new Int32Array(new SharedArrayBuffer(4))
        const back = (yield* subject.call("echo", shared)) as Int32Array<SharedArrayBuffer>
        Atomics.store(back, 0, 7)
        expect(shared[0]).toBe(7)
      }),
    ))

  test("an object within init can move to the worker", () =>
    go(
      Effect.gen(function* () {
        const { port1, port2 } = new MessageChannel()
        const heard = new Promise((resolve) => {
          port1.onmessage = (event) => resolve(event.data)
        })
        const greeter = yield* Resident.make(tasks.greeter, Task.transfer({ port: port2 }, [port2]))
        yield* greeter.call("greet")
        expect(yield* Effect.promise(() => heard)).toBe("hello from the worker")
        port1.close()
      }),
    ))

  for (const mode of ["blocking", "async"] as const) {
    test(`process.exit in the worker fails pending and later calls with the exit code, ${mode}`, () =>
      go(
        Effect.gen(function* () {
          const subject = yield* Resident.make(tasks.makeSubject, { start: 0 }, { mode, name: "leaving" })
          const crash = yield* Effect.fork(Effect.flip(subject.onCrash))
          const pending = yield* Effect.fork(Effect.flip(subject.call("gate")))
          yield* Effect.yieldNow()
          if (mode === "blocking") {
            // A blocking worker would wait for the gate first.
            const other = yield* Resident.make(tasks.makeSubject, { start: 0 }, { name: "leaving" })
            expect(yield* Effect.flip(other.call("exit", 7))).toMatchObject({
              _tag: "WorkerCrashedError",
              exitCode: 7,
              worker: "leaving",
            })
            expect(yield* Effect.flip(other.call("add", 1))).toMatchObject({ _tag: "WorkerCrashedError" })
            expect(yield* Effect.flip(other.onCrash)).toMatchObject({ exitCode: 7 })
            yield* other.closed
            yield* subject.terminate
            yield* Fiber.interrupt(crash)
          } else {
            expect(yield* Effect.flip(subject.call("exit", 7))).toMatchObject({ exitCode: 7 })
            expect(yield* Fiber.join(pending)).toMatchObject({ _tag: "WorkerCrashedError", exitCode: 7 })
            expect(yield* Fiber.join(crash)).toMatchObject({ exitCode: 7 })
          }
        }),
      ))
  }

  test("an uncaught error in the worker is the crash's cause", () =>
    go(
      Effect.gen(function* () {
        const subject = yield* Resident.make(tasks.makeSubject, { start: 0 }, { mode: "async" })
        const pending = yield* Effect.fork(Effect.flip(subject.call("gate")))
        yield* Effect.yieldNow()
        yield* Effect.ignore(subject.call("throwUncaught"))
        const crash = yield* Fiber.join(pending)
        expect(crash).toMatchObject({ _tag: "WorkerCrashedError" })
        expect(crash.message).toContain("uncaught in the worker")
      }),
    ))

  for (const how of ["throw", "reject"] as const) {
    test(`what nobody caught is the crash's cause with its tag, code, stack and cause, ${how}`, () =>
      go(
        Effect.gen(function* () {
          const subject = yield* Resident.make(failing, undefined)
          const { cause } = yield* Effect.flip(subject.call("fail", how))
          expect(cause).toMatchObject({
            name: "TaggedRangeError",
            message: "beyond",
            _tag: "TaggedRangeError",
            code: "E_UNCAUGHT",
            limit: { most: 10 },
            stack: expect.stringContaining("uncaught.ts"),
            cause: { name: "TypeError", message: "root" },
          })
        }),
      ))
  }

  test("an error that code in the worker sees to itself ends nothing", () =>
    go(
      Effect.gen(function* () {
        const subject = yield* Resident.make(failing, undefined, { mode: "async" })
        expect(yield* subject.call("survive")).toEqual(["beyond"])
        expect(yield* Effect.flip(subject.call("exit", 5))).toMatchObject({ exitCode: 5 })
      }),
    ))

  test("a factory that ends its thread fails make", () =>
    go(
      Effect.gen(function* () {
        const error = yield* Effect.flip(Resident.make(tasks.exiting, 3))
        expect(error).toMatchObject({ _tag: "WorkerStartError", worker: "exiting" })
        expect(error.message).toContain("3")
      }),
    ))

  test("a scope that ends after a crash ends without complaint", () =>
    go(
      Effect.gen(function* () {
        const scope = yield* Scope.make()
        const subject = yield* Resident.make(tasks.makeSubject, { start: 0 }).pipe(Scope.extend(scope))
        yield* Effect.ignore(subject.call("exit", 1))
        yield* Scope.close(scope, Exit.void)
      }),
    ))

  test("many opened and closed one after the other", () =>
    go(
      Effect.gen(function* () {
        for (let round = 0; round < 3; round++) {
          yield* Effect.scoped(
            Effect.all(
              Array.from({ length: 10 }, (_, n) =>
                Effect.flatMap(Resident.make(tasks.makeSubject, { start: n }), (subject) => subject.call("add", 1)),
              ),
              { concurrency: 4 },
            ),
          )
        }
      }),
    ))

  test("thousands of calls with random interruption keep answers with their callers", () =>
    go(
      Effect.gen(function* () {
        const subject = yield* Resident.make(tasks.makeSubject, { start: 0 })
        const call = (n: number) =>
          Effect.gen(function* () {
            const fiber = yield* Effect.fork(subject.call("echo", { n, text: "x".repeat((n * 7919) % 3000) }))
            if (n % 3 === 0) yield* Effect.yieldNow()
            if (n % 5 === 0) yield* Fiber.interrupt(fiber)
            else expect(yield* Fiber.join(fiber)).toMatchObject({ n })
          })
        yield* Effect.all(
          Array.from({ length: 3000 }, (_, n) => call(n)),
          { concurrency: 200, discard: true },
        )
        expect(yield* subject.call("add", 1)).toBe(1)
      }),
    ))
})

describe("resident inline", () => {
  test("runs on the loop's thread and does not copy", () =>
    run(InlineBackend.layer)(
      Effect.gen(function* () {
        const subject = yield* Resident.make(tasks.makeSubject, { start: 0 })
        const list = [1, 2]
        expect(yield* subject.call("echo", list)).toBe(list)
      }),
    ))
})

// What must not compile. Never run: the type checker reads it.
export const typeTests = Effect.gen(function* () {
  const subject = yield* Resident.make(tasks.makeSubject, { start: 0 })
  yield* subject.call("add", 1) satisfies Effect.Effect<number, unknown>
  yield* subject.call("addLater", 1) satisfies Effect.Effect<number, unknown>
  // @ts-expect-error: no such method
  yield* subject.call("nope")
  // @ts-expect-error: a wrong argument
  yield* subject.call("add", "1")
  // @ts-expect-error: an argument too few
  yield* subject.call("add")
  // @ts-expect-error: a wrong init
  yield* Resident.make(tasks.makeSubject, { start: "0" })
  // @ts-expect-error: not exported
  yield* Resident.make(tasks.nope, { start: 0 })
  // @ts-expect-error: not a function
  yield* Resident.make(tasks.notAFunction, { start: 0 })
  const task: Task.Task<[number], { a(): void }> = { module: "x", name: "y" }
  // @ts-expect-error: a task of another init
  yield* Resident.make(task, "text")
})
