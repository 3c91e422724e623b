/** Values that lie about themselves, or change while they are sent, arrive as what they are, and bring nothing else along. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { describe, expect, test } from "vitest"
import { Backend, OffLoop, Task } from "../src/index.ts"
import type * as fixtures from "./fixtures/odd-values.ts"
import { makers, type Name } from "./fixtures/odd-values.ts"
import { on } from "./off-loop.world.ts"

const tasks = Task.fromModule<typeof fixtures>(new URL("./fixtures/odd-values.ts", import.meta.url))

/** A task's parameters, without the types that would refuse what these tests send. */
type Any = Task.Task<[unknown], unknown>

const program = on(Layer.orDie(Backend.layer))

class Point {
  readonly x = 1
}

describe.each(["worker", "process"] as const)("placement %s", (placement) => {
  const runSync = OffLoop.runSyncWith({ placement })
  /** As an argument and back, and as a result. */
  const arrived = (name: Name) => Effect.all([runSync(tasks.echo as Any, makers[name]()), runSync(tasks.give, name)])
  const both = (value: unknown) => [value, value]

  test("a view that says that it is longer brings its own bytes, and none of messages before it", () =>
    program(
      Effect.gen(function* () {
        const views = yield* arrived("longView")
        expect(views).toEqual(both(new Uint8Array([1, 2, 3])))
        expect(yield* arrived("longViewInClass")).toEqual(both(new Uint8Array([1, 2, 3])))
        expect(yield* arrived("otherBuffer")).toEqual(both(new Float64Array([1.5, 2])))
      }),
    ))

  test("an array that its items change while it is sent does not shift what comes after them", () =>
    program(
      Effect.gen(function* () {
        expect(yield* arrived("growing")).toEqual(both([{ x: 1 }, 2]))
        expect(yield* arrived("changing")).toEqual(both([{ x: 1 }, 1, 2, 3, 4, 5, 6, 7, { y: 1 }, "last"]))
        const [there, given] = (yield* arrived("changingAccessor")) as [unknown[], unknown[]]
        for (const items of [there, given]) {
          expect([items.length, items[0], items[6], items.at(-1)]).toEqual([8, 0, { z: 1 }, "last"])
        }
      }),
    ))

  test("an array with holes takes no longer than its items, however long it is", () =>
    program(
      Effect.gen(function* () {
        const places = (value: unknown): unknown => [(value as unknown[]).length, Object.entries(value as unknown[])]
        const huge = [2 ** 32 - 1, [["4294967294", { x: 1 }]]]
        expect((yield* arrived("huge")).map(places)).toEqual(both(huge))
        expect((yield* arrived("empty")).map(places)).toEqual(both([2 ** 32 - 1, []]))
        const sparse = [
          4,
          [
            ["1", { x: 1 }],
            ["3", { x: 1 }],
          ],
        ]
        expect((yield* arrived("sparse")).map(places)).toEqual(both(sparse))
        const [there] = (yield* arrived("sparse")) as [unknown[], unknown[]]
        expect(there[1]).toBe(there[3])
        const thrown = yield* Effect.flip(runSync(tasks.raise, "huge"))
        expect(thrown).toMatchObject({ _tag: "TaskError", message: expect.stringContaining("an array of 4294967295") })
      }),
    ))

  test("maps and sets have the items that they have, whatever their iterators say", () =>
    program(
      Effect.gen(function* () {
        expect(yield* arrived("map")).toEqual(both(new Map([["k", { x: 1 }]])))
        expect(yield* arrived("setInClass")).toEqual(both(new Set([1, 2])))
      }),
    ))

  test("what only has the prototype of a date or of a regular expression is a plain object", () =>
    program(
      Effect.gen(function* () {
        expect(yield* arrived("noDate")).toEqual(both({}))
        expect(yield* arrived("noRegExp")).toEqual(both({}))
        expect(yield* arrived("noMap")).toEqual(both({}))
        expect(yield* arrived("otherSource")).toEqual(both(/a+/g))
      }),
    ))

  test("errors of any class arrive with message and cause", () =>
    program(
      Effect.gen(function* () {
        for (const error of (yield* arrived("errors")) as ReadonlyArray<Error>) {
          expect(error).toMatchObject({ message: "outer", cause: { message: "mine", cause: { message: "many" } } })
        }
        for (const error of (yield* arrived("domException")) as ReadonlyArray<DOMException>) {
          expect(error).toBeInstanceOf(DOMException)
          expect(error).toMatchObject({ name: "AbortError", message: "stopped" })
        }
      }),
    ))

  test("a thrown error keeps its message beside what is nested too deep, and tells a platform object in words", () =>
    program(
      Effect.gen(function* () {
        for (const name of ["deepMaps", "deepSets", "deepObjects"] as const) {
          const error = yield* Effect.flip(runSync(tasks.raiseWith, name))
          expect([name, error]).toMatchObject([
            name,
            { _tag: "TaskError", cause: { message: "with it", code: "E_WITH" } },
          ])
          expect(yield* Effect.flip(runSync(tasks.raise, name))).toMatchObject({ _tag: "TaskError" })
        }
        expect(yield* Effect.flip(runSync(tasks.raiseWith, "url"))).toMatchObject({
          cause: { detail: "https://example.org/" },
        })
      }),
    ))
})

test("a value that goes on for ever is refused while something else is marked to move", () =>
  program(
    Effect.gen(function* () {
      const bytes = new Uint8Array([1, 2])
      Task.transfer(bytes, [bytes.buffer])
      const echo = OffLoop.runSync(tasks.echo as Any, makers.endless())
      expect(yield* Effect.flip(echo)).toMatchObject({ _tag: "UnsendableError" })
      expect(yield* OffLoop.runSync(tasks.echo as Any, bytes)).toEqual(new Uint8Array([1, 2]))
      expect(bytes.buffer.detached).toBe(true)
      const point = OffLoop.runSync(tasks.echo as Any, new Point())
      expect(yield* point).toEqual({ x: 1 })
    }),
  ))
