import { describe, expect, it } from "vitest"
import { warmUpUntilSteady } from "../../src/measure/warm-up.ts"

/** Warms up with windows that give these figures, and the last one from then on; gives how long each window was. */
const lengths = async (figures: ReadonlyArray<number>, limitMs: number): Promise<ReadonlyArray<number>> => {
  const run: Array<number> = []
  let time = 0
  const window = async (ms: number) => {
    time += ms
    run.push(ms)
    return figures[Math.min(run.length, figures.length) - 1]!
  }
  await warmUpUntilSteady(window, limitMs, () => time)
  return run
}

describe("warmUpUntilSteady", () => {
  it("ends when three windows in a row agree, each twice as long as the one before", async () => {
    expect(await lengths([100], 10_000)).toEqual([10, 20, 40])
    expect(await lengths([900, 400, 105, 100, 102], 10_000)).toEqual([10, 20, 40, 80, 160])
  })

  it("goes on while figures still fall, rise or jump", async () => {
    expect(await lengths([100, 94, 88, 83, 83, 83], 10_000)).toHaveLength(6)
    expect(await lengths([83, 88, 94, 100, 100, 100], 10_000)).toHaveLength(6)
    expect(await lengths([100, 100, 150, 100, 100, 100], 10_000)).toHaveLength(6)
  })

  it("ends at the limit when they never agree, with a last window that is cut", async () => {
    const never = Array.from({ length: 40 }, (_, index) => 1 + (index % 2))
    expect(await lengths(never, 250)).toEqual([10, 20, 40, 80, 100])
  })

  it("does nothing without time", async () => {
    expect(await lengths([1], 0)).toEqual([])
  })

  it("fails with its window", async () => {
    await expect(
      warmUpUntilSteady(async () => {
        throw new Error("broken")
      }, 100),
    ).rejects.toThrow("broken")
  })
})
