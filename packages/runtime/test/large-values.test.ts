/** Values too large for the codec go as a clone, and what a runtime cannot send is refused with the reason. */
import * as Effect from "effect/Effect"
import { expect, test } from "vitest"
import { OffLoop, Task } from "../src/index.ts"
import type * as fixtures from "./fixtures/large-values.ts"
import { on, threads } from "./off-loop.world.ts"

const tasks = Task.fromModule<typeof fixtures>(new URL("./fixtures/large-values.ts", import.meta.url))

/** More characters than the codec takes in one text. */
const units = 2 ** 28 + 1

const node = !("Bun" in globalThis || "Deno" in globalThis)

test("a text of hundreds of millions of characters goes to a thread and comes back", () =>
  on(threads, { maxThreads: 1 })(
    Effect.gen(function* () {
      const described = yield* OffLoop.runSync(tasks.describe, `${"x".repeat(units - 1)}y`)
      expect(described).toEqual({ length: units, first: "x", last: "y" })
      const text = yield* OffLoop.runSync(tasks.text, units)
      expect([text.length, text.at(-1)]).toEqual([units, "y"])
    }),
  ))

// Memory that is only read takes none: the bytes exist once, in the message.
if (node)
  test("more bytes than fit into a message to a process are refused, and the cause says how many fit", () =>
    on(threads, { processes: { max: 1 } })(
      Effect.gen(function* () {
        const runSync = OffLoop.runSyncWith({ placement: "process" })
        const refused = yield* Effect.flip(runSync(tasks.size, new Uint8Array(2 ** 30)))
        expect(refused).toMatchObject({
          _tag: "UnsendableError",
          cause: { message: expect.stringContaining("1073741824 bytes at most") },
        })
        expect(refused.message).toMatch(/in parts, as a stream, or as a file/)
        expect(yield* runSync(tasks.size, new Uint8Array(3))).toBe(3)
      }),
    ))
