/** What anyio's tests of its bridges expect and no other test here does: recipes of docs/from-anyio.md among it. */
import * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Scope from "effect/Scope"
import { describe, expect, test } from "vitest"
import { Backend, OffLoop, Portal, Task } from "../src/index.ts"
import type * as fixtures from "./fixtures/bridge.ts"
import { level } from "./fixtures/bridge.ts"

const tasks = Task.fromModule<typeof fixtures>(new URL("./fixtures/bridge.ts", import.meta.url))

const go = <A, E>(program: Effect.Effect<A, E, OffLoop.OffLoop | Scope.Scope>): Promise<A> =>
  Effect.runPromise(
    program.pipe(
      Effect.scoped,
      Effect.provide(OffLoop.layer({ processes: { max: 1 } }).pipe(Layer.provide(Layer.orDie(Backend.layer)))),
      Effect.provide(Logger.remove(Logger.defaultLogger)),
    ),
  )

/** `start_task`: forks a task into a scope, and gives what the task says when it has started. */
const startTask = <A, B, E>(
  scope: Scope.Scope,
  task: (started: (value: B) => Effect.Effect<void>) => Effect.Effect<A, E>,
) =>
  Effect.gen(function* () {
    const started = yield* Deferred.make<B, E | Error>()
    yield* task((value) => Deferred.succeed(started, value)).pipe(
      Effect.onExit((exit) =>
        Exit.isFailure(exit)
          ? Deferred.failCause(started, exit.cause)
          : Deferred.fail(started, new Error("the task ended without saying that it has started")),
      ),
      Effect.forkIn(scope),
    )
    return yield* Deferred.await(started)
  })

describe("the recipe for start_task", () => {
  type Body = (started: (value: unknown) => Effect.Effect<void>, value: unknown) => Effect.Effect<unknown, Error>

  const starting = (body: Body, value?: unknown) =>
    Effect.gen(function* () {
      const scope = yield* Effect.scope
      const portal = yield* Portal.make({
        start: (given: unknown) =>
          startTask(scope, (started: (value: unknown) => Effect.Effect<void>) => body(started, given)),
      })
      return yield* OffLoop.runSyncWith({ portal })(tasks.start, value)
    })

  test("gives the value with which the task has started, while the task goes on", () =>
    go(
      Effect.gen(function* () {
        const release = yield* Deferred.make<void>()
        const ended = yield* Deferred.make<string>()
        const body: Body = (started, value) =>
          started(value).pipe(
            Effect.zipRight(Deferred.await(release)),
            Effect.zipRight(Deferred.succeed(ended, "after the call")),
          )
        expect(yield* starting(body, "ready")).toBe("ready")
        yield* Deferred.succeed(release, undefined)
        expect(yield* Deferred.await(ended)).toBe("after the call")
      }),
    ))

  test("gives nothing where the task starts with nothing", () =>
    go(
      Effect.gen(function* () {
        expect(yield* starting((started) => Effect.zipRight(started(undefined), Effect.never))).toBeUndefined()
      }),
    ))

  test("throws in the worker what the task fails with before it has started", () =>
    go(
      Effect.gen(function* () {
        const failed = yield* Effect.flip(starting(() => Effect.fail(new Error("crashed early"))))
        expect(failed).toMatchObject({ _tag: "TaskError", cause: { message: "crashed early" } })
      }),
    ))

  test("has given its value when the task fails after it has started", () =>
    go(
      Effect.gen(function* () {
        const seen = yield* Deferred.make<Cause.Cause<Error>>()
        const body: Body = (started, value) =>
          started(value).pipe(
            Effect.zipRight(Effect.fail(new Error("crashed late"))),
            Effect.tapErrorCause((cause) => Deferred.succeed(seen, cause)),
          )
        expect(yield* starting(body, 3)).toBe(3)
        expect(Cause.pretty(yield* Deferred.await(seen))).toContain("crashed late")
      }),
    ))

  test("throws in the worker when the task ends without having started", () =>
    go(
      Effect.gen(function* () {
        const failed = yield* Effect.flip(starting(() => Effect.void))
        expect(failed).toMatchObject({
          cause: { message: expect.stringContaining("without saying that it has started") },
        })
      }),
    ))
})

describe("the recipe for an async context manager", () => {
  /** Two handlers: one acquires into a scope of its own, one closes that. Those left open close with the portal's. */
  const resources = Effect.gen(function* () {
    const log: string[] = []
    const open = new Map<number, Scope.CloseableScope>()
    const outer = yield* Effect.scope
    const acquire = (name: string) =>
      Effect.acquireRelease(
        Effect.sync(() => log.push(`enter ${name}`)),
        (_, exit) => Effect.sync(() => log.push(`leave ${name}, ${Exit.isSuccess(exit) ? "well" : "failed"}`)),
      )
    const portal = yield* Portal.make({
      enter: (name: string) =>
        Effect.gen(function* () {
          const scope = yield* Scope.fork(outer, outer.strategy)
          yield* Scope.extend(acquire(name), scope)
          const id = open.size + 1
          open.set(id, scope)
          return id
        }).pipe(Effect.uninterruptible),
      leave: (id: number, failed: boolean) => {
        const scope = open.get(id)
        return (
          scope === undefined
            ? Effect.void
            : Scope.close(scope, failed ? Exit.fail("the code within failed") : Exit.void)
        ).pipe(Effect.map(() => log.at(-1) ?? ""))
      },
    })
    return { log, portal }
  })

  test("holds what it acquired while the code in the worker runs", () =>
    go(
      Effect.gen(function* () {
        const { log, portal } = yield* resources
        expect(yield* OffLoop.runSyncWith({ portal })(tasks.within, "db", false)).toBe("leave db, well")
        expect(log).toEqual(["enter db", "leave db, well"])
      }),
    ))

  test("is told that the code within has failed, whose error goes on", () =>
    go(
      Effect.gen(function* () {
        const { log, portal } = yield* resources
        const failed = yield* Effect.flip(OffLoop.runSyncWith({ portal })(tasks.within, "db", true))
        expect(failed).toMatchObject({ cause: { message: "no luck within db" } })
        expect(log).toEqual(["enter db", "leave db, failed"])
      }),
    ))

  test("lets the code within drop its error", () =>
    go(
      Effect.gen(function* () {
        const { portal } = yield* resources
        expect(yield* OffLoop.runSyncWith({ portal })(tasks.withinAndIgnore, "db")).toBe("leave db, failed")
      }),
    ))

  test("is left when the portal's scope closes, though the code in the worker never did", () =>
    go(
      Effect.gen(function* () {
        const { log } = yield* Effect.gen(function* () {
          const made = yield* resources
          yield* OffLoop.runSyncWith({ portal: made.portal })(tasks.enterOnly, "db")
          expect(made.log).toEqual(["enter db"])
          return made
        }).pipe(Effect.scoped)
        expect(log).toEqual(["enter db", "leave db, well"])
      }),
    ))
})

test("a handler gives one item of an iterator after the other", () =>
  go(
    Effect.gen(function* () {
      const items = (async function* () {
        yield 1
        yield 2
      })()
      const portal = yield* Portal.make({ next: async () => (await items.next()).value as number })
      expect(yield* OffLoop.runSyncWith({ portal })(tasks.pull)).toEqual([1, 2])
    }),
  ))

test("a handler that was cancelled in the moment in which it was started never ends otherwise", () =>
  go(
    Effect.gen(function* () {
      const portal = yield* Portal.make({ never: () => Effect.never })
      expect(yield* OffLoop.runSyncWith({ portal })(tasks.cancelAtOnce)).toBe("cancelled")
    }),
  ))

test("a handler can be cancelled while the portal's scope closes and waits for it", () =>
  go(
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const closing = yield* Deferred.make<Fiber.RuntimeFiber<void>>()
      const portal = yield* Portal.make({
        never: () => Effect.never,
        stop: () =>
          Scope.close(scope, Exit.void).pipe(
            Effect.forkDaemon,
            Effect.flatMap((fiber) => Deferred.succeed(closing, fiber)),
          ),
      }).pipe(Scope.extend(scope))
      expect(yield* OffLoop.runSyncWith({ portal })(tasks.cancelAfterStop)).toBe("cancelled")
      yield* Fiber.join(yield* Deferred.await(closing))
    }),
  ))

describe("other than with anyio", () => {
  test("a handler of a call that was abandoned is interrupted, and what it forks elsewhere goes on", () =>
    go(
      Effect.gen(function* () {
        const begun = yield* Deferred.make<void>()
        const interrupted = yield* Deferred.make<void>()
        const release = yield* Deferred.make<void>()
        const completed = yield* Deferred.make<string>()
        const scope = yield* Effect.scope
        const portal = yield* Portal.make({
          never: () =>
            Deferred.await(release).pipe(
              Effect.zipRight(Deferred.succeed(completed, "all the same")),
              Effect.forkIn(scope),
              Effect.zipRight(Deferred.succeed(begun, undefined)),
              Effect.zipRight(Effect.never),
              Effect.onInterrupt(() => Deferred.succeed(interrupted, undefined)),
            ),
        })
        const call = OffLoop.runSyncWith({ portal, abandonOnCancel: true })(tasks.callNever)
        const fiber = yield* Effect.fork(call)
        yield* Deferred.await(begun)
        yield* Fiber.interrupt(fiber)
        yield* Deferred.await(interrupted)
        yield* Deferred.succeed(release, undefined)
        expect(yield* Deferred.await(completed)).toBe("all the same")
      }),
    ))

  test("a handler sees the caller's context, and not what code in the thread has changed in it", () =>
    go(
      Effect.gen(function* () {
        const portal = yield* Portal.make({ level: () => level as Effect.Effect<number> })
        const call = OffLoop.runSyncWith({ portal })(tasks.changeLevel)
        expect(yield* Effect.locally(call, level, 2)).toEqual([6, 2])
        expect(yield* level).toBe(1)
      }),
    ))
})

describe("a process", () => {
  const inProcess = OffLoop.runSyncWith({ placement: "process" })

  test("that writes more to stderr than a pipe holds still answers", () =>
    go(
      Effect.gen(function* () {
        expect(yield* inProcess(tasks.flood)).toBe("answered")
      }),
    ))

  test("runs in the program's folder", () =>
    go(
      Effect.gen(function* () {
        expect(yield* inProcess(tasks.folder)).toBe(process.cwd())
      }),
    ))
})
