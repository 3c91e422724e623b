import { describe, expect, it } from "vitest"
import { drawTable } from "../../src/terminal/table.ts"

describe("drawTable", () => {
  it("has a column for each key and a line for each row, numbers to the right", () => {
    const drawn = drawTable([
      { name: "Shanghai", population: 22_315_474 },
      { name: "Oslo", population: 580_000 },
    ]).split("\n")
    expect(drawn[1]).toBe("│ name     │ population │")
    expect(drawn[3]).toBe("│ Shanghai │   22315474 │")
    expect(drawn[4]).toBe("│ Oslo     │     580000 │")
  })

  it("says so when there is nothing to draw", () => {
    expect(drawTable([])).toBe("(no rows)")
  })

  it("tells NULL from an empty text and writes dates in UTC", () => {
    const drawn = drawTable([{ a: null, b: "", c: new Date(0) }])
    expect(drawn).toContain("│ NULL │   │ 1970-01-01T00:00:00.000Z │")
  })
})
