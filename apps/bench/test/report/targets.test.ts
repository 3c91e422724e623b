import { describe, expect, it } from "vitest"
import type { Result } from "../../src/model.ts"
import { askedBy, evaluate } from "../../src/report/targets.ts"
import { suites } from "../../src/suites/index.ts"
import type { Target } from "../../src/targets/target.ts"
import { targets } from "../../src/targets.ts"

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

/** At most twice the one and half the other taken off. */
const sum: Target = {
  kind: "sum",
  suite: "hop",
  case: "sequential",
  runtime: "node",
  statement: "little more",
  ours: "offloop",
  terms: [
    { times: 2, suite: "memory", case: "an idle worker", subject: "piscina" },
    { times: -0.5, suite: "hop", case: "sequential", subject: "postMessage" },
  ],
  goal: 1,
}

const across: Target = {
  kind: "across",
  suite: "hop",
  case: "sequential",
  runtime: "bun",
  statement: "everywhere",
  ours: "offloop",
  against: ["piscina", "postMessage"],
  goal: 0.8,
}

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

  it("meets a sum that is not exceeded and misses one that is", () => {
    const terms = (one: number, other: number) => [
      result({}),
      result({ suite: "memory", case: "an idle worker", subject: "piscina", median: one, ratios: {} }),
      result({ subject: "postMessage", median: other, ratios: {} }),
    ]
    expect(evaluate([sum], terms(7, 8), all)[0]).toMatchObject({ measured: 1, met: true })
    expect(evaluate([sum], terms(6, 8), all)[0]).toMatchObject({ measured: 0.8, met: false })
    expect(evaluate([sum], terms(7, 8).slice(0, 2), all)[0]).toMatchObject({ measured: null, met: false })
  })

  it("compares a runtime with Node by the worst of the peers that both have", () => {
    const ratios = { piscina: 4, postMessage: 2 }
    const onNode = [
      result({ ratios: { piscina: 5, postMessage: 1 } }),
      result({ subject: "piscina", ratios: {} }),
      result({ subject: "postMessage", ratios: {} }),
    ]
    const own = result({ runtime: "bun", ratios })
    const slow = result({ runtime: "bun", ratios: { ...ratios, piscina: 3.9 } })
    const peer = (subject: string) => result({ runtime: "bun", subject, ratios: {} })
    const both = [peer("piscina"), peer("postMessage")]
    expect(evaluate([across], [...onNode, own, ...both], all)[0]).toMatchObject({ measured: 0.8, met: true })
    expect(evaluate([across], [...onNode, slow, ...both], all)[0]).toMatchObject({ measured: 0.78, met: false })
    // A peer that Bun does not have is no peer there, but ours has to be.
    expect(evaluate([across], [...onNode, slow, peer("postMessage")], all)[0]).toMatchObject({ measured: 2, met: true })
    expect(evaluate([across], [...onNode, own], all)).toEqual([])
    expect(evaluate([across], [...onNode, ...both], all)[0]).toMatchObject({ measured: null, met: false })
  })

  it("says nothing of what the run was not asked for", () => {
    expect(evaluate([ratio(1)], [result({})], () => false)).toEqual([])
  })
})

describe("the targets", () => {
  it.each(targets.map((target) => [`${target.runtime}: ${target.statement}`, target] as const))(
    "can be measured: %s",
    (_, target) => {
      for (const asked of askedBy(target)) {
        const suite = suites.find((one) => one.name === asked.suite)
        expect(suite, `there is no suite ${asked.suite}`).toBeDefined()
        expect(suite!.cases.map((one) => one.name)).toContain(asked.case)
        const names = suite!.entrants.filter((one) => one.absent?.[asked.runtime] === undefined).map((one) => one.name)
        expect(names).toContain(asked.subject)
      }
    },
  )

  it("say each thing once", () => {
    const said = targets.map(({ runtime, statement }) => `${runtime}: ${statement}`)
    expect(said.toSorted()).toEqual([...new Set(said)].toSorted())
  })
})
