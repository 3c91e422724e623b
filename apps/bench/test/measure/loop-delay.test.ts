import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { delaysOf, watchLoop } from "../../src/measure/loop-delay.ts"
import { quantile } from "../../src/measure/statistics.ts"

describe("delaysOf", () => {
  it("counts a stall for everything that arrived during it, not once", () => {
    expect(delaysOf(101)).toHaveLength(100)
    expect(Math.max(...delaysOf(101))).toBe(100)
  })

  it("gives one delay for a tick that came in time", () => {
    expect(delaysOf(1)).toEqual([0])
    expect(delaysOf(1.25)).toEqual([0.25])
  })

  it("never gives a delay below nothing or beyond the gap", () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 5_000, noNaN: true }), (gap) => {
        const delays = delaysOf(gap)
        expect(delays.length).toBeGreaterThan(0)
        expect(delays.every((delay) => delay >= 0 && delay <= gap)).toBe(true)
      }),
      { numRuns: 50 },
    )
  })
})

describe("watchLoop", () => {
  it("sees a stall in full", async () => {
    const loop = watchLoop()
    await new Promise((resolve) => setTimeout(resolve, 5))
    const end = performance.now() + 60
    while (performance.now() < end);
    expect(quantile(loop.stop(), 1)).toBeGreaterThanOrEqual(58)
  })
})
