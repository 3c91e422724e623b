/** A pool keeps nothing of a task that has ended, whatever the task was started for. */
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import * as Effect from "effect/Effect"
import { describe, expect, test } from "vitest"
import { OffLoop } from "../src/index.ts"
import { on, tasks, threads } from "./off-loop.world.ts"

const { Bun } = globalThis as { Bun?: { gc(force: boolean): void } }
let gc: (() => void) | undefined
const collectGarbage = (): void => {
  if (Bun !== undefined) {
    Bun.gc(true)
    return
  }
  if (gc === undefined) {
    setFlagsFromString("--expose-gc")
    gc = runInNewContext("gc") as () => void
  }
  gc()
}

/** Waits until an object was collected. Other tasks run meanwhile, as in a pool that lives on. */
const collected = (reference: WeakRef<object>): Effect.Effect<boolean, OffLoop.RunError, OffLoop.OffLoop> =>
  Effect.sync(() => {
    collectGarbage()
    return reference.deref() === undefined
  }).pipe(
    Effect.zipLeft(OffLoop.runSync(tasks.add, 1, 2)),
    Effect.zipLeft(OffLoop.run(tasks.add, 1, 2)),
    Effect.repeat({ until: (gone) => gone }),
  )

describe("a thread that lives on does not keep", () => {
  for (const [kind, run] of [
    ["runSync", OffLoop.runSync],
    ["run", OffLoop.run],
  ] as const) {
    test(`the argument and the result of the task that it was started for: ${kind}`, () =>
      on(threads, { maxThreads: 1 })(
        Effect.gen(function* () {
          const references = yield* Effect.suspend(() => {
            const argument = { large: new Array(1000).fill("argument") }
            return Effect.map(run(tasks.identity, argument), (result) => [
              new WeakRef(argument),
              new WeakRef(result as object),
            ])
          })
          for (const reference of references) expect(yield* collected(reference)).toBe(true)
        }),
      ))
  }
})
