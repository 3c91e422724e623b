/** A value that cannot cross costs its own call, wherever it is and wherever it was to go. */
import * as Cause from "effect/Cause"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { describe, expect, test } from "vitest"
import { Backend, InlineBackend, OffLoop, Resident, Task } from "../src/index.ts"
import type * as fixtures from "./fixtures/bad-values.ts"
import { deepOf, makers, type Name } from "./fixtures/bad-values.ts"

const tasks = Task.fromModule<typeof fixtures>(new URL("./fixtures/bad-values.ts", import.meta.url))
const names = Object.keys(makers) as ReadonlyArray<Name>

/** A task's parameters, without the types that would refuse what these tests send. */
type Any = Task.Task<[unknown], unknown>

const places = [
  { name: "in a thread", placement: "worker", backend: Backend.layer },
  { name: "in a process", placement: "process", backend: Backend.layer },
  { name: "inline", placement: "worker", backend: InlineBackend.layer },
] as const

const within =
  (backend: (typeof places)[number]["backend"]) =>
  <A, E>(program: Effect.Effect<A, E, OffLoop.OffLoop>): Promise<A> =>
    Effect.runPromise(
      program.pipe(
        Effect.provide(
          OffLoop.layer({ maxThreads: 1, processes: { max: 1 } }).pipe(Layer.provide(Layer.orDie(backend))),
        ),
        Effect.provide(Logger.remove(Logger.defaultLogger)),
      ),
    )

const tagOf = <A, E>(exit: Exit.Exit<A, E>): string =>
  Exit.isSuccess(exit)
    ? "success"
    : Option.match(Cause.failureOption(exit.cause), {
        onNone: () => `no failure: ${Cause.pretty(exit.cause)}`,
        onSome: (error) => (error as { readonly _tag: string })._tag,
      })

describe.each(places)("a value that throws when it is looked at, $name,", ({ placement, backend }) => {
  const run = OffLoop.runWith({ placement })
  const runSync = OffLoop.runSyncWith({ placement })
  const stream = OffLoop.streamWith({ placement })

  test("is refused as an argument, by a pool that is cold and by one that is warm", () =>
    within(backend)(
      Effect.gen(function* () {
        const ended: Record<string, string> = {}
        for (const name of names) {
          ended[name] = tagOf(yield* Effect.exit(runSync(tasks.kindOf as Any, makers[name]())))
          ended[`${name} with run`] = tagOf(yield* Effect.exit(run(tasks.kindOf as Any, makers[name]())))
          const read = Stream.runDrain(stream(tasks.items as Any, makers[name]()))
          ended[`${name} streamed`] = tagOf(yield* Effect.exit(read))
          expect(yield* runSync(tasks.add, 1, 2)).toBe(3)
        }
        expect(new Set(Object.values(ended))).toEqual(new Set(["UnsendableError"]))
      }),
    ))

  test("is refused as a result", () =>
    within(backend)(
      Effect.gen(function* () {
        const ended: Record<string, string> = {}
        for (const name of names) {
          for (const [how, call] of [
            ["runSync", runSync(tasks.give, name)],
            ["run", run(tasks.give, name)],
            ["later", run(tasks.giveLater, name)],
          ] as const) {
            ended[`${name} ${how}`] = tagOf(yield* Effect.exit(call))
          }
          expect(yield* runSync(tasks.add, 1, 2)).toBe(3)
        }
        expect(Object.entries(ended).filter(([, tag]) => tag !== "UnsendableError")).toEqual([])
      }),
    ))

  test("is refused as an item, after the items before it", () =>
    within(backend)(
      Effect.gen(function* () {
        for (const name of names) {
          for (const task of [tasks.items, tasks.itemsLater as unknown as typeof tasks.items]) {
            const got: unknown[] = []
            const exit = yield* Effect.exit(
              Stream.runForEach(stream(task, name), (item) => Effect.sync(() => got.push(item))),
            )
            expect([name, tagOf(exit), got]).toEqual([name, "UnsendableError", ["first"]])
          }
          expect(yield* runSync(tasks.add, 1, 2)).toBe(3)
        }
      }),
    ))

  test("is told in words when it is thrown", () =>
    within(backend)(
      Effect.gen(function* () {
        for (const name of names) {
          expect([name, tagOf(yield* Effect.exit(runSync(tasks.raise, name)))]).toEqual([name, "TaskError"])
          const failed = yield* Effect.flip(runSync(tasks.raiseWith, name))
          expect(failed).toMatchObject({ _tag: "TaskError", cause: { message: "with it", code: "E_WITH" } })
        }
        expect(yield* Effect.flip(runSync(tasks.raiseShared))).toMatchObject({
          _tag: "TaskError",
          cause: { message: "shared" },
        })
        expect(yield* runSync(tasks.add, 1, 2)).toBe(3)
      }),
    ))

  test("does not keep a call from being made as a log annotation", () =>
    within(backend)(
      Effect.gen(function* () {
        // Effect itself looks at annotations, and fails where there is nothing to see.
        for (const name of ["getter", "getterInClass", "thenGetter", "tagGetter", "bareThrower", "function"] as const) {
          const call = runSync(tasks.add, 1, 2).pipe(Effect.annotateLogs("about", makers[name]()))
          expect([name, yield* call]).toEqual([name, 3])
        }
        const shared = Effect.annotateLogs("about", new SharedArrayBuffer(8))
        expect(yield* runSync(tasks.add, 1, 2).pipe(shared)).toBe(3)
      }),
    ))

  test("is refused by a resident, which keeps its state", () =>
    Effect.runPromise(
      Effect.gen(function* () {
        const keeper = yield* Resident.make(tasks.makeKeeper, 40, { placement })
        for (const name of names) {
          const taken = yield* Effect.exit(keeper.call("take", makers[name]() as never))
          const given = yield* Effect.exit(keeper.call("give", name))
          expect([name, tagOf(taken), tagOf(given)]).toEqual([name, "UnsendableError", "UnsendableError"])
        }
        expect(yield* keeper.call("add", 2)).toBe(42)
        const init = yield* Effect.exit(Resident.make(tasks.makeKeeper as never, makers.revokedObject(), { placement }))
        expect(tagOf(init)).toBe("UnsendableError")
      }).pipe(Effect.scoped, Effect.provide(backend)),
    ))
})

describe.each(places)("a value that is nested deeper than engines can read, $name,", ({ placement, backend }) => {
  const depths = [300, 700, 1500, 2000, 2500, 3500, 10_000]

  test("costs its own call: one that is beside it ends as it should", () =>
    within(backend)(
      Effect.gen(function* () {
        const runSync = OffLoop.runSyncWith({ placement })
        for (const depth of depths) {
          const [given, taken, beside] = yield* Effect.all(
            [
              Effect.exit(runSync(tasks.giveDeep, depth)),
              Effect.exit(runSync(tasks.depthOf as Any, deepOf(depth))),
              runSync(tasks.add, depth, 1),
            ],
            { concurrency: "unbounded" },
          )
          expect(beside).toBe(depth + 1)
          if (Exit.isFailure(given)) expect([depth, tagOf(given)]).toEqual([depth, "UnsendableError"])
          if (Exit.isFailure(taken)) expect([depth, tagOf(taken)]).toEqual([depth, "UnsendableError"])
          else expect(taken.value).toBe(depth)
        }
      }),
    ))

  test("costs its own stream, and leaves a resident its state", () =>
    Effect.runPromise(
      Effect.gen(function* () {
        const keeper = yield* Resident.make(tasks.makeKeeper, 0, { placement })
        let calls = 0
        for (const depth of depths) {
          const [items, exit] = yield* Effect.all(
            [
              Effect.exit(Stream.runCollect(keeper.stream("deepItems", depth))),
              Effect.exit(keeper.call("giveDeep", depth)),
            ],
            { concurrency: "unbounded" },
          )
          if (Exit.isFailure(exit)) expect([depth, tagOf(exit)]).toEqual([depth, "UnsendableError"])
          if (Exit.isFailure(items)) expect([depth, tagOf(items)]).toEqual([depth, "UnsendableError"])
          else expect(Chunk.size(items.value)).toBe(2)
          expect(yield* keeper.call("add", 1)).toBe(++calls)
        }
      }).pipe(Effect.scoped, Effect.provide(backend)),
    ))
})

test("a message of a process that cannot be read costs the call in whose name it came", () =>
  within(Backend.layer)(
    Effect.gen(function* () {
      const run = OffLoop.runWith({ placement: "process" })
      // Every kind of answer, as its bytes say and as the engine's: nonsense, and what is something else.
      const texts = [new Uint8Array(0), Uint8Array.of(255, 1, 2, 3), Uint8Array.of(1), Uint8Array.of(13, 200)]
      for (const kind of [6, 7, 8, 9, 14, 15, 17, 99] as const) {
        for (const way of [0, 2 << 8]) {
          for (const bytes of texts) {
            const exit = yield* Effect.exit(run(tasks.corrupt, kind | way, bytes, kind === 17 ? 1 : 200))
            const tag = tagOf(exit)
            expect([kind, way, tag]).toEqual([
              kind,
              way,
              tag === "success" || tag === "TaskError" ? tag : "UnsendableError",
            ])
            // What came in the name of calls that were not made yet costs those.
            yield* Effect.eventually(run(tasks.add, 1, 2))
            expect(yield* run(tasks.add, 1, 2)).toBe(3)
          }
        }
      }
    }),
  ))
