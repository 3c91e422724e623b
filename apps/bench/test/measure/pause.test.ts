import * as Effect from "effect/Effect"
import { describe, expect, test } from "vitest"
import { drive, effectOperation, type Operation, promise, sync } from "../../src/measure/operation.ts"
import { paused } from "../../src/measure/pause.ts"

/** A clock that goes on by a microsecond whenever it is read, and notes what happens when. */
const recorder = () => {
  let time = 0
  const runs: Array<number> = []
  return {
    now: () => ++time / 1000,
    run: (index: number) => {
      runs.push(time)
      return index * 2
    },
    runs,
  }
}

const kinds: ReadonlyArray<[string, (run: (index: number) => number) => Operation<number>]> = [
  ["sync", sync],
  ["promise", (run) => promise(async (index) => run(index))],
  ["effect", (run) => effectOperation(Effect, (index) => Effect.sync(() => run(index)))],
]

describe.each(kinds)("pause between operations: %s", (_, operation) => {
  test("the thread works as long as it says between two of them", async () => {
    const { now, run, runs } = recorder()
    const answers: Array<number> = []
    await drive(paused(operation(run), 100, now), 3, 4, 1, (_index, answer) => answers.push(answer))
    expect(answers).toEqual([6, 8, 10, 12])
    const gaps = runs.slice(1).map((at, index) => at - (runs[index] as number))
    for (const gap of gaps) expect(gap).toBeGreaterThanOrEqual(100)
    for (const gap of gaps) expect(gap).toBeLessThan(110)
  })
})
