import { describe, expect, it } from "vitest"
import type { Result } from "../../src/model.ts"
import { evaluate } from "../../src/report/targets.ts"
import { suites } from "../../src/suites/index.ts"
import { type Target, targets } from "../../src/targets.ts"

const result = (figures: Partial<Result>): Result => ({
  suite: "hop",
  case: "sequential",
  runtime: "node",
  subject: "offloop",
  unit: "µs",
  median: 10,
  p95: 12,
  p99: 20,
  min: 8,
  max: 40,
  rounds: 1,
  perRound: [10],
  operationsPerSample: 1,
  ratios: { piscina: 5 },
  ...figures,
})

const ratio = (goal: number): Target => ({
  kind: "ratio",
  suite: "hop",
  case: "sequential",
  runtime: "node",
  statement: "fast",
  ours: "offloop",
  against: "piscina",
  goal,
})

const ceiling = (goal: number): Target => ({
  kind: "ceiling",
  suite: "hop",
  case: "sequential",
  runtime: "node",
  statement: "steady",
  ours: "offloop",
  figure: "p99",
  goal,
})

const all = () => true

describe("evaluate", () => {
  it("meets a ratio that is reached and misses one that is not", () => {
    expect(evaluate([ratio(5)], [result({})], all)[0]).toMatchObject({ measured: 5, met: true })
    expect(evaluate([ratio(5.1)], [result({})], all)[0]).toMatchObject({ measured: 5, met: false })
  })

  it("meets a ceiling that is kept and misses one that is not", () => {
    expect(evaluate([ceiling(20)], [result({})], all)[0]).toMatchObject({ measured: 20, met: true })
    expect(evaluate([ceiling(19)], [result({})], all)[0]).toMatchObject({ measured: 20, met: false })
  })

  it("does not count a target as met when a side of it was not measured", () => {
    const missing = { measured: null, met: false }
    expect(evaluate([ratio(0)], [], all)[0]).toMatchObject(missing)
    expect(evaluate([ratio(0)], [result({ ratios: {} })], all)[0]).toMatchObject(missing)
    expect(evaluate([ceiling(100)], [result({ runtime: "bun" })], all)[0]).toMatchObject(missing)
  })

  it("says nothing of what the run was not asked for", () => {
    expect(evaluate([ratio(1)], [result({})], () => false)).toEqual([])
  })
})

describe("the targets", () => {
  it.each(targets.map((target) => [`${target.runtime}: ${target.statement}`, target] as const))(
    "can be measured: %s",
    (_, target) => {
      const suite = suites.find((one) => one.name === target.suite)
      expect(suite, `there is no suite ${target.suite}`).toBeDefined()
      expect(suite!.cases.map((one) => one.name)).toContain(target.case)
      const names = suite!.entrants.filter((one) => one.absent?.[target.runtime] === undefined).map((one) => one.name)
      expect(names).toContain(target.ours)
      if (target.kind === "ratio") expect(names).toContain(target.against)
    },
  )
})
