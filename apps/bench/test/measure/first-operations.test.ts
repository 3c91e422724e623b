import * as Effect from "effect/Effect"
import { describe, expect, it } from "vitest"
import { firstOperations } from "../../src/measure/first-operations.ts"
import { effectOperation, promise, sync } from "../../src/measure/operation.ts"

/** A clock that goes on by a millisecond with each operation that ends. */
const ticking = () => {
  let time = 0
  return { tick: () => void time++, now: () => time }
}

describe("firstOperations", () => {
  it("times each by itself when one follows another", async () => {
    const { tick, now } = ticking()
    const operation = promise(async (index) => {
      tick()
      return index * 2
    })
    expect(await firstOperations(operation, 3, 1, now)).toEqual({
      answers: [0, 2, 4],
      waits: [1_000, 1_000, 1_000],
      totalMs: 3,
    })
  })

  it("counts the turns of all others for callers that are blocked", async () => {
    const { tick, now } = ticking()
    const { waits, totalMs } = await firstOperations(
      sync(() => tick()),
      6,
      3,
      now,
    )
    expect(waits).toEqual([1_000, 2_000, 3_000, 3_000, 3_000, 3_000])
    expect(totalMs).toBe(6)
  })

  it("counts from a caller's last answer, whoever is answered first", async () => {
    let time = 0
    // Started at 0, 0, 1 and 2: each caller asks again in the moment in which it is answered.
    const answeredAt = [2, 1, 3, 4]
    const waiting = new Map<number, () => void>()
    const operation = promise(
      (index) => new Promise<number>((resolve) => waiting.set(answeredAt[index]!, () => resolve(index))),
    )
    const done = firstOperations(operation, 4, 2, () => time)
    for (const moment of [1, 2, 3, 4]) {
      time = moment
      waiting.get(moment)!()
      // Until the answer has come to its caller, and the caller has asked again.
      for (let turn = 0; turn < 5; turn++) await Promise.resolve()
    }
    const { answers, waits } = await done
    expect(answers).toEqual([0, 1, 2, 3])
    expect(waits).toEqual([2_000, 1_000, 2_000, 2_000])
  })

  it("is told of an Effect's answers as well", async () => {
    const { tick, now } = ticking()
    const operation = effectOperation(Effect, (index) =>
      Effect.zipRight(
        Effect.yieldNow(),
        Effect.sync(() => {
          tick()
          return index
        }),
      ),
    )
    const { answers, waits, totalMs } = await firstOperations(operation, 4, 2, now)
    expect(answers).toEqual([0, 1, 2, 3])
    expect(waits).toHaveLength(4)
    expect(totalMs).toBe(4)
  })

  it("fails when one of them fails", async () => {
    const failing = promise(async (index) => {
      if (index === 2) throw new Error("the third")
    })
    await expect(firstOperations(failing, 4, 2)).rejects.toThrow("the third")
  })
})
