/** The event loop of a thread that blocks turns now and then, whether the thread has nothing to do or always something. */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { describe, expect, test } from "vitest"
import { OffLoop, Resident, Task } from "../src/index.ts"
import type * as fixtures from "./fixtures/left-behind.ts"
import { on, threads } from "./off-loop.world.ts"

const tasks = Task.fromModule<typeof fixtures>(new URL("./fixtures/left-behind.ts", import.meta.url))

/** Runs a program until it has written the lines that are expected; only then its input ends, and it with it. */
const linesOf = async (name: string, count: number): Promise<ReadonlyArray<string>> => {
  const program = fileURLToPath(new URL(`./fixtures/programs/${name}.ts`, import.meta.url))
  const flags = "Deno" in globalThis ? ["run", "-A", "--node-modules-dir=manual"] : []
  const child = spawn(process.execPath, [...flags, program], { stdio: ["pipe", "pipe", "inherit"] })
  const ended = once(child, "exit")
  const lines: string[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line)
    if (lines.length === count) child.stdin.end()
  }
  await ended
  return lines
}

test("what each of several tasks prints appears while their thread waits for the next", async () => {
  const lines = await linesOf("speaking", 5)
  expect(lines).toEqual(["line 1", "line 2", "line 3", "line 4", "line 5"])
})

describe("what nothing refers to any more", () => {
  const count = 200

  test("is freed, and told of, while a thread of a pool has one task after the other", () =>
    on(threads, { maxThreads: 1 })(
      Effect.gen(function* () {
        yield* OffLoop.runSync(tasks.makeWeak, count)
        const { references, finalized } = yield* OffLoop.runSync(tasks.collected).pipe(
          Effect.repeat({ until: (left) => left.references >= count - 1 && left.finalized >= count - 1 }),
        )
        expect([references, finalized].every((freed) => freed >= count - 1)).toBe(true)
      }),
    ))

  test("is freed while a blocking resident works", () =>
    on(threads)(
      Effect.scoped(
        Effect.gen(function* () {
          const residue = yield* Resident.make(tasks.makeResidue, 0)
          yield* residue.call("makeWeak", count)
          const freed = yield* residue
            .call("collected")
            .pipe(Effect.repeat({ until: (left) => left.references >= count - 1 && left.finalized >= count - 1 }))
          expect(freed.finalized).toBeGreaterThanOrEqual(count - 1)
        }),
      ).pipe(Effect.provide(threads)),
    ))
})

test("what a blocking resident's code has put off is done while many calls are under way", () =>
  on(threads)(
    Effect.scoped(
      Effect.gen(function* () {
        const residue = yield* Resident.make(tasks.makeResidue, 0)
        yield* residue.call("note")
        // There is always a call in the line, so that the thread never waits.
        const busy = yield* Effect.fork(
          Effect.forever(
            Effect.all(
              Array.from({ length: 64 }, () => residue.call("noted")),
              { concurrency: "unbounded" },
            ),
          ),
        )
        expect(yield* residue.call("noted").pipe(Effect.repeat({ until: (noted) => noted }))).toBe(true)
        yield* Fiber.interrupt(busy)
      }),
    ).pipe(Effect.provide(threads)),
  ))

describe("a rejection that a task leaves behind", () => {
  for (const [kind, next] of [
    ["that give a value", tasks.thread],
    ["that turn the loop", tasks.later as unknown as typeof tasks.thread],
  ] as const) {
    test(`costs none of the tasks after it, ${kind}: they go to another thread`, () =>
      on(threads, { maxThreads: 1 })(
        Effect.gen(function* () {
          for (let round = 0; round < 3; round++) {
            const before = yield* OffLoop.runSync(tasks.reject, `left behind ${round}`)
            const after = yield* OffLoop.runSync(next).pipe(Effect.repeat({ until: (thread) => thread !== before }))
            expect(after).not.toBe(before)
          }
          expect((yield* OffLoop.stats).blocking).toMatchObject({ retired: { crashed: 3 }, tasks: { failed: 0 } })
        }),
      ))

    test(`costs none of those that are in the line behind it, ${kind}`, () =>
      on(threads, { maxThreads: 1 })(
        Effect.gen(function* () {
          const before = yield* OffLoop.runSync(tasks.thread)
          const [left, ...others] = yield* Effect.all(
            [OffLoop.runSync(tasks.reject, "left behind"), ...Array.from({ length: 20 }, () => OffLoop.runSync(next))],
            { concurrency: "unbounded" },
          )
          expect(left).toBe(before)
          expect(others).toHaveLength(20)
        }),
      ))
  }

  test("is told as a warning, since nobody waits any more", () =>
    on(threads, { maxThreads: 1 })(
      Effect.gen(function* () {
        const warned = once(process, "warning")
        yield* OffLoop.runSync(tasks.reject, "nobody waits")
        const [warning] = yield* Effect.promise(() => warned)
        expect(warning).toMatchObject({ name: "OffloopWarning", cause: { message: "nobody waits" } })
        expect(warning.message).toContain("left-behind.ts#reject")
      }),
    ))
})
