/** What a resident does wherever it lives. Every placement and mode passes the same cases. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import type * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import { describe, expect, test } from "vitest"
import { type Backend, Resident, Task } from "../src/index.ts"
import type * as residents from "./fixtures/residents.ts"

export const tasks = Task.fromModule<typeof residents>(new URL("./fixtures/residents.ts", import.meta.url))

/** Runs a program on a backend and throws what it fails with. */
export const run =
  (layer: Layer.Layer<Backend.Backend>) =>
  <A, E>(program: Effect.Effect<A, E, Backend.Backend | Scope.Scope>): Promise<A> =>
    Effect.runPromise(program.pipe(Effect.scoped, Effect.provide(layer)))

export const residentCases = (
  placement: string,
  layer: Layer.Layer<Backend.Backend>,
  mode: "blocking" | "async",
): void => {
  const options = { mode, name: "subject" }
  const open = (start = 0) => Resident.make(tasks.makeSubject, { start }, options)
  const go = run(layer)

  describe(`resident, ${placement}, ${mode}`, () => {
    test("a call gives what the method returns, and the object keeps its state between calls", () =>
      go(
        Effect.gen(function* () {
          const subject = yield* open(40)
          expect(yield* subject.call("add", 2)).toBe(42)
          expect(yield* subject.call("add", 1)).toBe(43)
          expect(yield* subject.call("addLater", 1)).toBe(44)
          expect(subject.name).toBe("subject")
        }),
      ))

    test("a factory that returns a promise is awaited", () =>
      go(
        Effect.gen(function* () {
          const subject = yield* Resident.make(tasks.makeLater, { start: 1 }, options)
          expect(yield* subject.call("add", 1)).toBe(2)
        }),
      ))

    test("values of every kind go there and back", () =>
      go(
        Effect.gen(function* () {
          const subject = yield* open()
          const value = {
            text: "é😀\ud800",
            numbers: [1.5, -0, Number.NaN, 2 ** 40],
            big: 2n ** 80n,
            when: new Date(5),
            bytes: new Uint8Array([1, 2]),
            map: new Map([[{ a: 1 }, new Set(["x"])]]),
            floats: new Float64Array([1, 2]),
            nothing: [null, undefined],
          }
          expect(yield* subject.call("echo", value)).toStrictEqual(value)
          const huge = "x".repeat(3_000_000)
          expect(yield* subject.call("echo", huge)).toBe(huge)
          expect(yield* subject.call("give", "huge")).toHaveLength(100_000)
          expect(yield* subject.call("give", "map")).toEqual(new Map([["a", new Set([1])]]))
        }),
      ))

    test("calls arrive in the order in which they were made, small and large, coded and cloned", () =>
      go(
        Effect.gen(function* () {
          const subject = yield* open()
          const seen: number[] = []
          const all = Array.from({ length: 300 }, (_, n) => {
            const value = n % 50 === 7 ? "x".repeat(400_000) : n % 10 === 3 ? new Map([[n, n]]) : n
            return Effect.async<void>((resume) => {
              subject.unsafeCall("echo", [value], () => {
                seen.push(n)
                resume(Effect.void)
              })
            })
          })
          yield* Effect.all(all, { concurrency: "unbounded" })
          expect(seen).toEqual(Array.from({ length: 300 }, (_, n) => n))
        }),
      ))

    test("the callback of unsafeCall comes after the call has returned, also when the call is refused", () =>
      go(
        Effect.gen(function* () {
          const subject = yield* open()
          const order: string[] = []
          yield* Effect.async<void>((resume) => {
            subject.unsafeCall("echo", [() => 1], () => order.push("refused"))
            order.push("returned")
            subject.unsafeCall("echo", [1], (exit) => {
              order.push(`ok ${exit.ok}`)
              resume(Effect.void)
            })
            order.push("returned")
          })
          expect(order).toEqual(["returned", "returned", "refused", "ok true"])
        }),
      ))

    test("thousands of calls, each made from the callback of the one before, do not grow the stack", () =>
      go(
        Effect.gen(function* () {
          const subject = yield* open()
          yield* Effect.async<void>((resume) => {
            let left = 20_000
            const next = (): void => {
              subject.unsafeCall("add", [1], () => (--left === 0 ? resume(Effect.void) : next()))
            }
            next()
          })
          expect(yield* subject.call("add", 0)).toBe(20_000)
        }),
      ))

    test("an argument that cannot cross is refused with its index and path, and nothing is called", () =>
      go(
        Effect.gen(function* () {
          const subject = yield* open()
          const refused = yield* Effect.flip(subject.call("echo", { user: { onDone: () => 1 } }))
          expect(refused).toMatchObject({
            _tag: "UnsendableError",
            path: "args[0].user.onDone",
            kind: "function",
            target: "echo",
          })
          expect(refused.message).toContain("Task.fromModule")
          expect(yield* Effect.flip(subject.call("echo", Symbol("s")))).toMatchObject({ kind: "symbol" })
          expect(yield* Effect.flip(subject.call("echo", [new WeakMap()]))).toMatchObject({
            path: "args[0][0]",
            kind: "WeakMap",
          })
          expect(yield* subject.call("echo", "next")).toBe("next")
        }),
      ))

    test("a result that cannot cross fails the call and leaves the resident usable", () =>
      go(
        Effect.gen(function* () {
          const subject = yield* open()
          expect(yield* Effect.flip(subject.call("give", "function"))).toMatchObject({
            _tag: "UnsendableError",
            path: "result.handlers[0]",
            kind: "function",
            target: "give",
          })
          expect(yield* Effect.flip(subject.call("give", "promised function"))).toMatchObject({ path: "result" })
          expect(yield* subject.call("add", 1)).toBe(1)
        }),
      ))

    test("what a method throws arrives with name, message, code, tag, properties, stack and causes", () =>
      go(
        Effect.gen(function* () {
          const subject = yield* open()
          const error = yield* Effect.flip(subject.call("throwError"))
          if (error._tag !== "TaskError") throw error
          expect(error).toMatchObject({ target: "throwError", code: "E_NUMBER", remoteTag: "NumberError" })
          expect(error.message).toBe("throwError failed: NumberError: too many")
          const cause = error.cause as RangeError & { limit: unknown }
          // Its class cannot cross; inline it does not either, or code would work there alone.
          expect(Object.getPrototypeOf(cause)).toBe(Error.prototype)
          expect(cause.name).toBe("NumberError")
          expect(cause.limit).toEqual({ most: 10 })
          expect(cause.stack).toContain("residents.ts")
          expect((cause.cause as Error).message).toBe("root")
          expect((cause.cause as Error).cause).toBe("deep")
          expect(yield* Effect.flip(subject.call("rejectLater"))).toMatchObject({ code: "E_NUMBER" })
          expect(yield* subject.call("add", 1)).toBe(1)
        }),
      ))

    test("an error says where in the worker it was thrown, and in which span of the loop the call was made", () =>
      go(
        Effect.gen(function* () {
          const subject = yield* open()
          const load = subject.call("throwError").pipe(Effect.withSpan("load cities"))
          const exit = yield* Effect.exit(load)
          const text = Exit.isFailure(exit) ? Cause.pretty(exit.cause, { renderErrorCause: true }) : ""
          expect(text).toContain("at load cities")
          expect(text).toContain("resident.cases.ts")
          expect(text).toContain("residents.ts")
        }),
      ))

    test("thrown values that are no errors arrive as they are", () =>
      go(
        Effect.gen(function* () {
          const subject = yield* open()
          for (const value of ["text", 42, null, { a: 1 }]) {
            expect(yield* Effect.flip(subject.call("throwValue", value))).toMatchObject({ cause: value })
          }
        }),
      ))

    test("calling a method that the object does not have fails and says so", () =>
      go(
        Effect.gen(function* () {
          const subject = (yield* open()) as unknown as Resident.Resident<{ nope(): void }>
          expect((yield* Effect.flip(subject.call("nope"))).message).toContain('no method "nope"')
        }),
      ))

    test("a factory that throws, a missing export and a missing module each fail make with their own error", () =>
      go(
        Effect.gen(function* () {
          const failed = yield* Effect.flip(Resident.make(tasks.failing, "bad init", options))
          expect(failed).toMatchObject({ _tag: "TaskError", code: "E_OPEN" })
          expect(failed.message).toContain("bad init")

          const { module } = tasks.makeSubject
          const missing = { module, name: "nope" } as typeof tasks.makeSubject
          const noExport = yield* Effect.flip(Resident.make(missing, { start: 0 }, options))
          expect(noExport).toMatchObject({ _tag: "TaskExportNotFoundError", exportName: "nope" })
          expect(noExport.message).toContain("makeSubject")
          const notAFunction = { module, name: "notAFunction" } as typeof tasks.makeSubject
          expect(yield* Effect.flip(Resident.make(notAFunction, { start: 0 }, options))).toMatchObject({
            _tag: "TaskExportNotFoundError",
          })

          for (const nowhere of ["./relative.js", new URL("./nowhere.ts", import.meta.url).href]) {
            const lost = { module: nowhere, name: "make" } as typeof tasks.makeSubject
            expect(yield* Effect.flip(Resident.make(lost, { start: 0 }, options))).toMatchObject({
              _tag: "TaskModuleNotFoundError",
              module: nowhere,
            })
          }
        }),
      ))

    test("a module that fails to load gives its message and code, not a missing module", () =>
      go(
        Effect.gen(function* () {
          for (const [file, code] of [
            ["broken", "ERR_DLOPEN_FAILED"],
            ["broken-import", "ERR_MODULE_NOT_FOUND"],
          ]) {
            const module = new URL(`./fixtures/${file}.ts`, import.meta.url).href
            const task = { module, name: "make" } as Task.Task<[number], object>
            expect(yield* Effect.flip(Resident.make(task, 1, options))).toMatchObject({ _tag: "TaskError", code })
          }
        }),
      ))

    test("an init that cannot cross is refused before anything runs", () =>
      go(
        Effect.gen(function* () {
          const init = { start: 0, log: () => 1 }
          expect(yield* Effect.flip(Resident.make(tasks.makeSubject, init, options))).toMatchObject({
            _tag: "UnsendableError",
            path: "init.log",
          })
        }),
      ))

    test("closing the scope lets the calls made so far finish, runs close, and refuses later calls", () =>
      go(
        Effect.gen(function* () {
          const closed = new Int32Array(new SharedArrayBuffer(4))
          const scope = yield* Scope.make()
          const subject = yield* Resident.make(tasks.makeSubject, { start: 0, closed }, options).pipe(
            Scope.extend(scope),
          )
          const pending = yield* Effect.fork(subject.call("add", 5))
          yield* Effect.yieldNow()
          yield* Scope.close(scope, Exit.void)
          expect(Atomics.load(closed, 0)).toBe(1)
          expect(yield* Fiber.join(pending)).toBe(5)
          yield* subject.closed
          expect(yield* Effect.flip(subject.call("add", 1))).toMatchObject({ _tag: "ResidentClosedError" })
        }),
      ))

    test("a close that throws is a defect of the scope, not silence", () =>
      go(
        Effect.gen(function* () {
          const program = Resident.make(tasks.makeSubject, { start: 0, failClose: true }, options)
          const exit = yield* Effect.exit(Effect.scoped(program))
          expect(Exit.isFailure(exit) && Cause.pretty(exit.cause)).toContain("close failed")
        }),
      ))

    test("an interrupted call returns to its caller at once, and the calls after it come in order", () =>
      go(
        Effect.gen(function* () {
          const subject = yield* open()
          const gate = yield* Effect.fork(subject.call("gate"))
          yield* Effect.yieldNow()
          if (mode === "blocking") {
            const next = yield* Effect.fork(subject.call("add", 1))
            yield* Effect.yieldNow()
            yield* Fiber.interrupt(next)
            expect(Exit.isInterrupted(yield* Fiber.await(next))).toBe(true)
            yield* Fiber.interrupt(gate)
            yield* subject.terminate
          } else {
            yield* Fiber.interrupt(gate)
            expect(Exit.isInterrupted(yield* Fiber.await(gate))).toBe(true)
            expect(yield* subject.call("add", 1)).toBe(1)
          }
        }),
      ))

    test(mode === "blocking" ? "calls never overlap" : "calls start in order and overlap", () =>
      go(
        Effect.gen(function* () {
          const subject = yield* open()
          yield* Effect.all([subject.call("step", "a"), subject.call("step", "b")], { concurrency: "unbounded" })
          expect(yield* subject.call("log")).toEqual(
            mode === "blocking" ? ["start a", "end a", "start b", "end b"] : ["start a", "start b", "end a", "end b"],
          )
        }),
      ),
    )

    test("terminate fails what is pending and what comes later, without close", () =>
      go(
        Effect.gen(function* () {
          const closed = new Int32Array(new SharedArrayBuffer(4))
          const subject = yield* Resident.make(tasks.makeSubject, { start: 0, closed }, options)
          const pending = yield* Effect.fork(Effect.flip(subject.call("gate")))
          yield* Effect.yieldNow()
          yield* subject.terminate
          expect(yield* Fiber.join(pending)).toMatchObject({ _tag: "ResidentClosedError", worker: "subject" })
          expect(yield* Effect.flip(subject.call("add", 1))).toMatchObject({ _tag: "ResidentClosedError" })
          yield* subject.closed
          yield* subject.terminate
          expect(Atomics.load(closed, 0)).toBe(0)
        }),
      ))

    test("interrupting make while the object is not there yet leaves nothing behind", () =>
      go(
        Effect.gen(function* () {
          const opening = yield* Effect.fork(
            Effect.scoped(Resident.make(tasks.never as unknown as typeof tasks.makeSubject, { start: 0 }, options)),
          )
          yield* Effect.yieldNow()
          expect(Exit.isInterrupted(yield* Fiber.interrupt(opening))).toBe(true)
        }),
      ))

    if (mode === "async") {
      test("a call can be answered by what a later call does", () =>
        go(
          Effect.gen(function* () {
            const subject = yield* open()
            const gate = yield* Effect.fork(subject.call("gate"))
            yield* Effect.yieldNow()
            yield* subject.call("open")
            expect(yield* Fiber.join(gate)).toBe("opened")
          }),
        ))

      test("more pending calls than the ring has room for still all start", () =>
        go(
          Effect.gen(function* () {
            const subject = yield* open()
            const text = "x".repeat(2000)
            const waiting = Array.from({ length: 500 }, () => subject.call("gate"))
            yield* Effect.forkScoped(Effect.ignore(Effect.all(waiting, { concurrency: "unbounded" })))
            const large = Array.from({ length: 500 }, () => subject.call("echo", text))
            const echoed = yield* Effect.all(large, { concurrency: "unbounded" })
            expect(echoed.every((value) => value === text)).toBe(true)
            yield* subject.terminate
          }),
        ))
    }
  })
}
