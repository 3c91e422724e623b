import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as FiberRef from "effect/FiberRef"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import { describe, expect, test } from "vitest"
import { Backend, CapacityLimiter, InlineBackend, OffLoop, Portal, Resident, Task } from "../src/index.ts"
import { fromThread } from "../src/worker.ts"
import type * as callers from "./fixtures/callers.ts"

const tasks = Task.fromModule<typeof callers>(new URL("./fixtures/callers.ts", import.meta.url))
const threads = Layer.orDie(Backend.layer)

const on =
  (backend: Layer.Layer<Backend.Backend>, options: OffLoop.Options = {}) =>
  <A, E>(program: Effect.Effect<A, E, OffLoop.OffLoop | Backend.Backend | Scope.Scope>): Promise<A> =>
    Effect.runPromise(program.pipe(Effect.scoped, Effect.provide(Layer.provideMerge(OffLoop.layer(options), backend))))

const go = on(threads)

const changed = (words: Int32Array<SharedArrayBuffer>, index: number, from: number): Effect.Effect<number> =>
  Effect.promise(async () => {
    const waiting = Atomics.waitAsync(words, index, from)
    if (waiting.async) await waiting.value
    return Atomics.load(words, index)
  })

const words = () => new Int32Array(new SharedArrayBuffer(8))

const double = (n: number) => Effect.succeed(n * 2)

describe.each([
  ["in a thread", threads],
  ["inline", InlineBackend.layer],
] as const)("portal, %s", (_, backend) => {
  const go = on(backend)

  test("code in a worker runs a handler on the loop and gets its value, as with from_thread.run", () =>
    go(
      Effect.gen(function* () {
        const portal = yield* Portal.make({ double })
        expect(yield* OffLoop.runSyncWith({ portal })(tasks.ask, 20)).toBe(41)
        expect(yield* OffLoop.runSyncWith({ portal })(tasks.askSync, 20)).toBe(41)
        expect(yield* OffLoop.runSyncWith({ portal })(tasks.askMany, 1000)).toBe(999_000)
        const caller = yield* Resident.make(tasks.makeCaller, undefined, { portal })
        expect(yield* caller.call("ask", 1)).toBe(3)
      }),
    ))

  test("what is too large for the ring, and what has to be cloned, goes both ways", () =>
    go(
      Effect.gen(function* () {
        const portal = yield* Portal.make({ echo: (value: unknown) => Effect.succeed(value) })
        const large = "ü".repeat(200_000)
        const echo = OffLoop.runSyncWith({ portal })
        expect(yield* echo(tasks.echo, large)).toBe(large)
        expect(yield* echo(tasks.echo, new Map([[1, new Set([large])]]))).toEqual(new Map([[1, new Set([large])]]))
        expect(yield* echo(tasks.echo, undefined)).toBe(undefined)
      }),
    ))

  test("a plain function is a handler", () =>
    go(
      Effect.gen(function* () {
        const portal = yield* Portal.make({ double: (n: number) => n * 2 })
        expect(yield* OffLoop.runSyncWith({ portal })(tasks.ask, 4)).toBe(9)
      }),
    ))

  test("what a handler fails with, throws or dies of is thrown in the worker with its tag and code", () =>
    go(
      Effect.gen(function* () {
        const problem = Object.assign(new Error("no such user"), { _tag: "NoUser", code: "E_USER" })
        const portal = yield* Portal.make({
          fails: () => Effect.fail(problem),
          dies: () => Effect.die(problem),
          throws: (): number => {
            throw problem
          },
          value: () => Effect.fail("plain"),
        })
        const outcome = OffLoop.runSyncWith({ portal })
        for (const name of ["fails", "dies", "throws"]) {
          expect(yield* outcome(tasks.outcome, name)).toBe("Error NoUser E_USER: no such user")
        }
        expect(yield* outcome(tasks.outcome, "value")).toBe("threw plain")
      }),
    ))

  test("each way to have nobody to serve a request is a typed error in the worker", () =>
    go(
      Effect.gen(function* () {
        const portal = yield* Portal.make({ echo: (value: unknown) => value, bad: () => () => {} })
        const outcome = OffLoop.runSyncWith({ portal })
        expect(yield* outcome(tasks.outcome, "missing")).toMatch(/^PortalError UnknownHandler: missing: .*echo, bad/)
        expect(yield* outcome(tasks.sendFunction)).toMatch(/^PortalError Unsendable: echo: args\[0\]\.log: function/)
        expect(yield* outcome(tasks.outcome, "bad")).toMatch(/^PortalError Unsendable: bad: result: function/)
        expect(yield* OffLoop.runSync(tasks.outcome, "echo")).toMatch(/^PortalError NoPortal: echo: .*portal/)
      }),
    ))

  test("a portal whose scope has closed refuses, as anyio's raises RunFinishedError", () =>
    go(
      Effect.gen(function* () {
        const portal = yield* Effect.scoped(Portal.make({ double }))
        expect(yield* OffLoop.runSyncWith({ portal })(tasks.outcome, "double", 1)).toMatch(/^PortalError Closed: /)
      }),
    ))

  test("runSync refuses a handler that waits", () =>
    go(
      Effect.gen(function* () {
        const portal = yield* Portal.make({ wait: () => Effect.never })
        const got = yield* OffLoop.runSyncWith({ portal })(tasks.outcomeSync, "wait")
        expect(got).toMatch(/^PortalError NotSynchronous: wait: /)
      }),
    ))

  test("handlers see the services of the portal and the fiber refs of the call, as anyio copies the context", () =>
    go(
      Effect.gen(function* () {
        class Greeting extends Context.Tag("Greeting")<Greeting, string>() {}
        const ref = yield* FiberRef.make("outside")
        const portal = yield* Portal.make({
          double: (n: number) =>
            Effect.gen(function* () {
              const greeting = yield* Greeting
              const annotations = yield* FiberRef.get(FiberRef.currentLogAnnotations)
              expect([...annotations]).toEqual([["request", "r1"]])
              return (greeting === "hello" && (yield* FiberRef.get(ref)) === "inside" ? n : 0) * 2
            }),
        }).pipe(Effect.provideService(Greeting, "hello"))
        const got = yield* OffLoop.runSyncWith({ portal })(tasks.ask, 5).pipe(
          Effect.locally(ref, "inside"),
          Effect.annotateLogs("request", "r1"),
        )
        expect(got).toBe(11)
      }),
    ))

  test("checkCancelled lets code pass whose caller waits, with a portal or without", () =>
    go(
      Effect.gen(function* () {
        expect(yield* OffLoop.runSync(tasks.check, "passed")).toBe("passed")
        const caller = yield* Resident.make(tasks.makeCaller, undefined)
        expect(yield* caller.call("check", "passed")).toBe("passed")
      }),
    ))

  test("after an await in an async resident a call is not known any more", () =>
    go(
      Effect.gen(function* () {
        const caller = yield* Resident.make(tasks.makeCaller, undefined, { mode: "async" })
        expect(yield* caller.call("check", "passed")).toBe("passed")
        expect(yield* caller.call("later")).toMatch(/^PortalError NotInCall: checkCancelled: /)
      }),
    ))
})

describe("portal inline", () => {
  test("a handler that would make the loop wait for itself is a deadlock, and is interrupted", () =>
    on(InlineBackend.layer)(
      Effect.gen(function* () {
        const interrupted = yield* Deferred.make<void>()
        const portal = yield* Portal.make({
          wait: () => Effect.never.pipe(Effect.onInterrupt(() => Deferred.succeed(interrupted, undefined))),
        })
        const got = yield* OffLoop.runSyncWith({ portal })(tasks.outcome, "wait")
        expect(got).toMatch(/^PortalError Deadlock: wait: .*Backend\.layer/)
        yield* Deferred.await(interrupted)
      }),
    ))
})

describe("portal", () => {
  test("on the loop itself, outside of a call, there is no way back: anyio's NoEventLoopError", () => {
    expect(() => fromThread.run("double", 1)).toThrow(/double: this code does not run for a call/)
    expect(() => fromThread.checkCancelled()).toThrow(/checkCancelled: this code does not run for a call/)
  })

  test("a promise is waited for, while the loop goes on", () =>
    go(
      Effect.gen(function* () {
        const portal = yield* Portal.make({
          double: (n: number) => new Promise<number>((resolve) => setImmediate(() => resolve(n * 2))),
        })
        expect(yield* OffLoop.runSyncWith({ portal })(tasks.ask, 4)).toBe(9)
      }),
    ))

  test("handlers that were started soon run at the same time", () =>
    go(
      Effect.gen(function* () {
        const both = yield* Deferred.make<void>()
        let running = 0
        const portal = yield* Portal.make({
          // Ends only when both have begun.
          double: (n: number) =>
            Effect.suspend(() => (++running === 2 ? Deferred.succeed(both, undefined) : Effect.void)).pipe(
              Effect.zipRight(Deferred.await(both)),
              Effect.as(n * 2),
            ),
        })
        expect(yield* OffLoop.runSyncWith({ portal })(tasks.askTwo)).toEqual([4, 2])
      }),
    ))

  test("cancelling what was started soon interrupts the handler", () =>
    go(
      Effect.gen(function* () {
        const interrupted = yield* Deferred.make<void>()
        const portal = yield* Portal.make({
          never: () => Effect.never.pipe(Effect.onInterrupt(() => Deferred.succeed(interrupted, undefined))),
        })
        const got = yield* OffLoop.runSyncWith({ portal })(tasks.cancelOne)
        expect(got).toMatch(/^CallCancelledError CallCancelledError /)
        yield* Deferred.await(interrupted)
      }),
    ))

  test("interrupting the caller interrupts the handler, and the worker gets CancelledError, before interruption is delivered", () =>
    go(
      Effect.gen(function* () {
        const begun = yield* Deferred.make<void>()
        const interrupted = yield* Deferred.make<void>()
        const portal = yield* Portal.make({
          never: () =>
            Deferred.succeed(begun, undefined).pipe(
              Effect.zipRight(Effect.never),
              Effect.onInterrupt(() => Deferred.succeed(interrupted, undefined)),
            ),
        })
        const told = words()
        const fiber = yield* Effect.fork(OffLoop.runSyncWith({ portal })(tasks.callNever, told))
        yield* Deferred.await(begun)
        yield* Fiber.interrupt(fiber)
        expect(yield* Deferred.isDone(interrupted)).toBe(true)
        expect(Atomics.load(told, 0)).toBe(2)
        // The thread is free again.
        expect(yield* OffLoop.runSync(tasks.check, "next")).toBe("next")
      }),
    ))

  test("the same for a resident, whose caller goes on at once", () =>
    go(
      Effect.gen(function* () {
        const begun = yield* Deferred.make<void>()
        const portal = yield* Portal.make({
          never: () => Deferred.succeed(begun, undefined).pipe(Effect.zipRight(Effect.never)),
        })
        const told = words()
        const caller = yield* Resident.make(tasks.makeCaller, undefined, { portal })
        const fiber = yield* Effect.fork(caller.call("callNever", told))
        yield* Deferred.await(begun)
        yield* Fiber.interrupt(fiber)
        expect(yield* changed(told, 0, 0)).toBe(2)
        expect(yield* caller.call("check", "next")).toBe("next")
      }),
    ))

  test("checkCancelled stops code that keeps its thread busy, when the caller is interrupted", () =>
    go(
      Effect.gen(function* () {
        const told = words()
        const fiber = yield* Effect.fork(OffLoop.runSync(tasks.spin, told))
        yield* changed(told, 0, 0)
        expect(Exit.isInterrupted(yield* Fiber.interrupt(fiber))).toBe(true)
        expect(Atomics.load(told, 1)).toBe(2)
      }),
    ))

  test("checkCancelled stops code that was abandoned", () =>
    go(
      Effect.gen(function* () {
        const told = words()
        const fiber = yield* Effect.fork(OffLoop.runSyncWith({ abandonOnCancel: true })(tasks.spin, told))
        yield* changed(told, 0, 0)
        yield* Fiber.interrupt(fiber)
        expect(yield* changed(told, 1, 0)).toBe(2)
      }),
    ))

  test("a cancelled call of a resident does not cancel the next", () =>
    go(
      Effect.gen(function* () {
        const told = words()
        const caller = yield* Resident.make(tasks.makeCaller, undefined)
        const fiber = yield* Effect.fork(caller.call("spin", told))
        yield* changed(told, 0, 0)
        const next = yield* Effect.fork(caller.call("check", "next"))
        yield* Effect.yieldNow()
        yield* Fiber.interrupt(fiber)
        expect(yield* Fiber.join(next)).toBe("next")
      }),
    ))

  test("closing the scope waits for handlers that run, if it ends well", () =>
    go(
      Effect.gen(function* () {
        const begun = yield* Deferred.make<void>()
        const end = yield* Deferred.make<number>()
        const scope = yield* Scope.make()
        const handlers = {
          double: (n: number) =>
            Deferred.succeed(begun, undefined).pipe(
              Effect.zipRight(Deferred.await(end)),
              Effect.map((f) => f * n),
            ),
        }
        const portal = yield* Scope.extend(Portal.make(handlers), scope)
        const fiber = yield* Effect.fork(OffLoop.runSyncWith({ portal })(tasks.ask, 21))
        yield* Deferred.await(begun)
        const closing = yield* Effect.fork(Scope.close(scope, Exit.void))
        yield* Effect.repeatN(Effect.yieldNow(), 10)
        expect(Option.isNone(yield* Fiber.poll(closing))).toBe(true)
        yield* Deferred.succeed(end, 2)
        expect(yield* Fiber.join(fiber)).toBe(43)
        yield* Fiber.join(closing)
      }),
    ))

  test("closing the scope interrupts handlers that run, if it fails, and the worker gets CancelledError", () =>
    go(
      Effect.gen(function* () {
        const begun = yield* Deferred.make<void>()
        const scope = yield* Scope.make()
        const portal = yield* Scope.extend(
          Portal.make({ never: () => Deferred.succeed(begun, undefined).pipe(Effect.zipRight(Effect.never)) }),
          scope,
        )
        const told = words()
        const fiber = yield* Effect.fork(Effect.exit(OffLoop.runSyncWith({ portal })(tasks.callNever, told)))
        yield* Deferred.await(begun)
        yield* Scope.close(scope, Exit.fail("why"))
        const exit = yield* Fiber.join(fiber)
        expect(Atomics.load(told, 0)).toBe(2)
        const error = Exit.isFailure(exit) ? Option.getOrUndefined(Cause.failureOption(exit.cause)) : undefined
        expect(error).toMatchObject({ _tag: "TaskError", remoteTag: "CallCancelledError" })
      }),
    ))

  test("a worker that dies while its handler runs interrupts the handler", () =>
    go(
      Effect.gen(function* () {
        const begun = yield* Deferred.make<void>()
        const interrupted = yield* Deferred.make<void>()
        const portal = yield* Portal.make({
          never: () =>
            Deferred.succeed(begun, undefined).pipe(
              Effect.zipRight(Effect.never),
              Effect.onInterrupt(() => Deferred.succeed(interrupted, undefined)),
            ),
        })
        const caller = yield* Resident.make(tasks.makeCaller, undefined, { portal })
        const fiber = yield* Effect.fork(Effect.exit(caller.call("callNever", words())))
        yield* Deferred.await(begun)
        yield* caller.terminate
        yield* Deferred.await(interrupted)
        expect(Exit.isFailure(yield* Fiber.join(fiber))).toBe(true)
      }),
    ))

  for (const mode of ["blocking", "async"] as const) {
    test(`a handler that calls the resident which waits for it is told of the deadlock, ${mode}`, () =>
      go(
        Effect.gen(function* () {
          const self = yield* Deferred.make<Resident.Resident<ReturnType<typeof callers.makeCaller>>>()
          const portal = yield* Portal.make({
            nested: (n: number) =>
              Effect.gen(function* () {
                const caller = yield* Deferred.await(self)
                // From a fiber of its own as well: it inherits who waits for it.
                const error = yield* Effect.flip(Fiber.join(yield* Effect.fork(caller.call("ask", n))))
                expect(error._tag).toBe("DeadlockError")
                expect(error.message).toMatch(/^makeCaller\.ask would be waited for forever: /)
                return -n
              }),
          })
          const caller = yield* Resident.make(tasks.makeCaller, undefined, { portal, mode })
          yield* Deferred.succeed(self, caller)
          expect(yield* caller.call("nested", 7)).toBe(-7)
        }),
      ))
  }

  test("a handler can run tasks in threads that do not wait for it", () =>
    on(threads, { maxThreads: 2 })(
      Effect.gen(function* () {
        const offLoop = yield* OffLoop.OffLoop
        const portal = yield* Portal.make({ nested: (n: number) => offLoop.runSyncWith({})(tasks.check, String(n)) })
        expect(yield* OffLoop.runSyncWith({ portal })(tasks.nested, 3)).toBe("3")
      }),
    ))

  test("a handler that needs a thread of a pool whose threads all wait for it is told of the deadlock", () =>
    on(threads, { maxThreads: 1 })(
      Effect.gen(function* () {
        const offLoop = yield* OffLoop.OffLoop
        const portal = yield* Portal.make({ nested: (n: number) => offLoop.runSyncWith({})(tasks.check, String(n)) })
        expect(yield* OffLoop.runSyncWith({ portal })(tasks.outcome, "nested", 3)).toMatch(/DeadlockError.*maxThreads/)
      }),
    ))

  test("a handler that needs a token of a limiter whose tokens all are held by who waits for it is told of the deadlock", () =>
    on(threads, { maxThreads: 4 })(
      Effect.gen(function* () {
        const offLoop = yield* OffLoop.OffLoop
        const limiter = yield* CapacityLimiter.make(1)
        const portal = yield* Portal.make({
          nested: (n: number) => offLoop.runSyncWith({ limiter })(tasks.check, String(n)),
        })
        const run = OffLoop.runSyncWith({ portal, limiter })
        expect(yield* run(tasks.outcome, "nested", 3)).toMatch(/DeadlockError.*another limiter/)
      }),
    ))
})
