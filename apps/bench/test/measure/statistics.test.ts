import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { histogramOf, median, pairedRatio, quantile, summarise } from "../../src/measure/statistics.ts"

const figure = fc.double({ min: 0, max: 1e9, noNaN: true, noDefaultInfinity: true })
const positive = fc.double({ min: 1e-3, max: 1e9, noNaN: true, noDefaultInfinity: true })
const samples = fc.array(figure, { minLength: 1, maxLength: 50 })

describe("quantile", () => {
  it("lies between the smallest and the largest sample", () => {
    fc.assert(
      fc.property(samples, fc.double({ min: 0, max: 1, noNaN: true }), (values, q) => {
        const found = quantile(values, q)
        expect(found).toBeGreaterThanOrEqual(Math.min(...values))
        expect(found).toBeLessThanOrEqual(Math.max(...values))
      }),
    )
  })

  it("never falls as q grows", () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true })
    fc.assert(
      fc.property(samples, share, share, (values, one, other) => {
        expect(quantile(values, Math.min(one, other))).toBeLessThanOrEqual(quantile(values, Math.max(one, other)))
      }),
    )
  })

  it("does not depend on the order of the samples, and leaves them as they were", () => {
    fc.assert(
      fc.property(samples, (values) => {
        const before = [...values]
        expect(quantile(values.toReversed(), 0.95)).toBe(quantile(values, 0.95))
        expect(values).toEqual(before)
      }),
    )
  })

  it("sorts numbers as numbers and interpolates between neighbours", () => {
    expect(quantile([10, 9, 100, 1], 0)).toBe(1)
    expect(quantile([10, 9, 100, 1], 0.5)).toBe(9.5)
    expect(quantile([10, 9, 100, 1], 1)).toBe(100)
    expect(median([3, 1, 2])).toBe(2)
  })

  it("refuses what has no quantile", () => {
    expect(() => quantile([], 0.5)).toThrow("No samples")
    expect(() => quantile([1], 1.5)).toThrow("1.5")
    expect(() => quantile([1, Number.NaN], 0.5)).toThrow("Sample 1 is NaN")
    expect(() => quantile([Number.POSITIVE_INFINITY], 0.5)).toThrow("Sample 0 is Infinity")
  })
})

describe("summarise", () => {
  it("keeps its figures in order, whatever the rounds were", () => {
    fc.assert(
      fc.property(fc.array(samples, { minLength: 1, maxLength: 9 }), (rounds) => {
        const { p95, p99, min, max, median: middle, perRound } = summarise(rounds, "median")
        expect(perRound).toHaveLength(rounds.length)
        expect(min).toBeLessThanOrEqual(p95)
        expect(p95).toBeLessThanOrEqual(p99)
        expect(p99).toBeLessThanOrEqual(max)
        expect(middle).toBeGreaterThanOrEqual(Math.min(...perRound))
        expect(middle).toBeLessThanOrEqual(Math.max(...perRound))
      }),
    )
  })

  it("is not moved by one round that was disturbed", () => {
    expect(summarise([[10], [10], [1_000_000]], "median").median).toBe(10)
  })

  it("compares by the 99th percentile where the case says so", () => {
    const round = Array.from({ length: 101 }, (_, index) => index)
    expect(summarise([round], "p99").perRound).toEqual([99])
    expect(summarise([round], "median").perRound).toEqual([50])
  })
})

describe("pairedRatio", () => {
  const rounds = fc.array(fc.tuple(positive, positive), { minLength: 1, maxLength: 9 })

  it("is above 1 exactly when ours is better in the middle round, for times and for throughput", () => {
    fc.assert(
      fc.property(
        positive,
        fc.double({ min: 1.01, max: 100, noNaN: true }),
        fc.integer({ min: 1, max: 9 }),
        (one, factor, n) => {
          const small = Array.from({ length: n }, () => one)
          const large = small.map((value) => value * factor)
          expect(pairedRatio(small, large, "less")).toBeGreaterThan(1)
          expect(pairedRatio(large, small, "less")).toBeLessThan(1)
          expect(pairedRatio(large, small, "more")).toBeGreaterThan(1)
        },
      ),
    )
  })

  it("is 1 for a subject beside itself", () => {
    fc.assert(
      fc.property(
        rounds,
        (pairs) =>
          pairedRatio(
            pairs.map(([a]) => a),
            pairs.map(([a]) => a),
            "less",
          ) === 1,
      ),
    )
  })

  it("does not change when a machine gets slower in the middle of a run", () => {
    fc.assert(
      fc.property(
        rounds,
        fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 9, maxLength: 9 }),
        (pairs, doublings) => {
          const slowed = pairs.map(([a, b], round) => [a * 2 ** doublings[round]!, b * 2 ** doublings[round]!] as const)
          const before = pairedRatio(
            pairs.map(([a]) => a),
            pairs.map(([, b]) => b),
            "less",
          )
          const after = pairedRatio(
            slowed.map(([a]) => a),
            slowed.map(([, b]) => b),
            "less",
          )
          expect(after).toBe(before)
        },
      ),
    )
  })

  it("refuses rounds that do not pair", () => {
    expect(() => pairedRatio([1, 2], [1], "less")).toThrow("2 rounds do not pair with 1")
  })

  it("is finite where one side took no time at all", () => {
    expect(pairedRatio([0], [0], "less")).toBe(1)
    expect(Number.isFinite(pairedRatio([0], [5], "less"))).toBe(true)
    expect(pairedRatio([5], [0], "less")).toBe(0)
  })
})

describe("histogramOf", () => {
  it("counts every sample once, in a bucket that reaches it and whose predecessor does not", () => {
    fc.assert(
      fc.property(samples, (values) => {
        const buckets = histogramOf(values)
        expect(buckets.reduce((sum, { count }) => sum + count, 0)).toBe(values.length)
        expect(buckets.map(({ upTo }) => upTo)).toEqual(buckets.map(({ upTo }) => upTo).toSorted((a, b) => a - b))
        // Powers of two are not exact at a bucket's edge.
        for (const value of values) expect(buckets.some(({ upTo }) => value <= upTo * 1.000001)).toBe(true)
        expect(buckets.at(-1)!.upTo).toBeLessThanOrEqual(Math.max(...values) * 1.2 + 1e-9)
      }),
    )
  })
})
