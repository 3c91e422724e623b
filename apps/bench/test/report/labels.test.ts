import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { placeLabels } from "../../src/report/labels.ts"

const places = fc
  .array(fc.double({ min: 0, max: 1_000, noNaN: true }), { maxLength: 30 })
  .map((values) => values.toSorted((a, b) => a - b))

describe("placeLabels", () => {
  it("keeps names apart and in order, and their middle where it was", () => {
    fc.assert(
      fc.property(places, (wanted) => {
        const placed = placeLabels(wanted, 17)
        expect(placed).toHaveLength(wanted.length)
        for (let index = 1; index < placed.length; index++)
          expect(placed[index]! - placed[index - 1]!).toBeGreaterThanOrEqual(17 - 1e-6)
        const sum = (values: ReadonlyArray<number>) => values.reduce((total, value) => total + value, 0)
        expect(sum(placed)).toBeCloseTo(sum(wanted), 3)
      }),
    )
  })

  it("places nothing before the edge", () => {
    fc.assert(
      fc.property(places, (wanted) => {
        const placed = placeLabels(wanted, 17, 8)
        for (const [index, place] of placed.entries()) expect(place).toBeGreaterThanOrEqual(8 + index * 17 - 1e-6)
      }),
    )
  })

  it("leaves names alone that have room", () => {
    expect(placeLabels([0, 20, 60], 17)).toEqual([0, 20, 60])
  })
})
