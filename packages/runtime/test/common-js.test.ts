import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { describe, expect, test } from "vitest"
import { Backend, InlineBackend, OffLoop, Task } from "../src/index.ts"
import { on } from "./off-loop.world.ts"

interface Computed {
  readonly triple: (n: number) => number
  readonly half: (n: number) => number
  readonly toString: () => string
}
interface Callable {
  readonly default: (n: number) => number
  readonly twice: (n: number) => number
}
const computed = Task.fromModule<Computed>(new URL("./fixtures/computed.cjs", import.meta.url))
const callable = Task.fromModule<Callable>(new URL("./fixtures/function.cjs", import.meta.url))

describe.each([
  ["in a thread", Layer.orDie(Backend.layer), "worker"],
  ["in a process", Layer.orDie(Backend.layer), "process"],
  ["inline", InlineBackend.layer, "worker"],
] as const)("a task of a CommonJS module, %s,", (_, backend, placement) => {
  test("is found by its name, though the module computes what it exports", () =>
    on(backend)(
      Effect.gen(function* () {
        const runSync = OffLoop.runSyncWith({ placement })
        expect(yield* runSync(computed.triple, 4)).toBe(12)
        expect(yield* runSync(computed.half, 4)).toBe(2)
        expect(yield* runSync(callable.default, 4)).toBe(5)
        expect(yield* runSync(callable.twice, 4)).toBe(8)
      }),
    ))

  test("is missed by its name, and what every object has is no task", () =>
    on(backend)(
      Effect.gen(function* () {
        const runSync = OffLoop.runSyncWith({ placement })
        const missed = yield* Effect.flip(runSync(computed.toString))
        expect(missed).toMatchObject({ _tag: "TaskExportNotFoundError", exportName: "toString" })
        expect((missed as { readonly available: ReadonlyArray<string> }).available).toEqual(
          expect.arrayContaining(["triple", "half"]),
        )
      }),
    ))
})
