import { describe, expect, it } from "vitest"
import { runtimes } from "../../../scripts/runtimes.ts"
import { estimateMs, inWords } from "../src/estimate.ts"
import { suites } from "../src/suites/index.ts"

const minutes = (quick: boolean): number =>
  suites.reduce(
    (sum, suite) =>
      sum +
      estimateMs(
        suite,
        quick,
        runtimes.map((runtime) => suite.entrants.filter(({ absent }) => absent?.[runtime] === undefined).length),
      ),
    0,
  ) / 60_000

describe("estimateMs", () => {
  it("expects everything on three runtimes to end within 45 minutes", () => {
    expect(minutes(false)).toBeLessThan(45)
    expect(minutes(true)).toBeLessThan(minutes(false) / 2)
  })

  it("expects a quick run of one suite on one runtime to end within 40 seconds", () => {
    for (const suite of suites)
      expect(estimateMs(suite, true, [suite.entrants.length]), suite.name).toBeLessThan(40_000)
  })

  it("counts nothing where nobody takes part", () => {
    expect(estimateMs(suites[0]!, false, [0, 0])).toBe(0)
  })
})

describe("inWords", () => {
  it("counts seconds first and minutes then", () => {
    expect([200, 40_000, 89_000, 100_000, 1_980_000].map(inWords)).toEqual([
      "1 s",
      "40 s",
      "89 s",
      "2 minutes",
      "33 minutes",
    ])
  })
})
