import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { NumberTable } from "../../src/internal/number-table.ts"

describe("NumberTable", () => {
  it("names what the other side was told, however often numbers are given anew", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 9 })), (keys) => {
        const table = new NumberTable<number>(4)
        const otherSide: Array<number> = []
        for (const key of keys) {
          let number = table.get(key)
          if (number === undefined) {
            number = table.add(key)
            otherSide[number] = key
          }
          expect(otherSide[number]).toBe(key)
          expect(otherSide.length).toBeLessThanOrEqual(4)
        }
      }),
    )
  })

  it("knows nothing when it was cleared", () => {
    const table = new NumberTable<string>(4)
    table.add("a")
    table.clear()
    expect(table.get("a")).toBeUndefined()
    expect(table.add("b")).toBe(0)
  })
})
