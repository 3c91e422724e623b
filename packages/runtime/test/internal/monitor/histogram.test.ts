import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { Histogram } from "../../../src/internal/monitor/histogram.ts"

describe("histogram", () => {
  test("is all zeros when empty, and after a reset", () => {
    const histogram = new Histogram()
    const zeros = () => [histogram.count, histogram.mean, histogram.max, histogram.quantile(0.5), histogram.quantile(1)]
    expect(zeros()).toEqual([0, 0, 0, 0, 0])
    histogram.record(5)
    histogram.reset()
    expect(zeros()).toEqual([0, 0, 0, 0, 0])
  })

  test("knows every quantile to within 1/64, and count, mean and maximum exactly", () => {
    const millis = fc.double({ min: 0, max: 1e6, noNaN: true })
    fc.assert(
      fc.property(fc.array(millis, { minLength: 1 }), fc.double({ min: 0, max: 1, noNaN: true }), (values, share) => {
        const histogram = new Histogram()
        for (const value of values) histogram.record(value)
        const sorted = values.toSorted((a, b) => a - b)
        const exact = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] as number
        const found = histogram.quantile(share)
        expect(found).toBeGreaterThanOrEqual(exact * (1 - 1e-9))
        expect(found).toBeLessThanOrEqual(Math.max(exact * (1 + 1 / 64) + 1e-9, exact + 0.0011))
        expect(histogram.count).toBe(values.length)
        expect(histogram.max).toBe(Math.max(...values))
      }),
    )
  })

  test("counts what is beyond its range as its largest", () => {
    const histogram = new Histogram()
    histogram.record(1e12)
    expect(histogram.max).toBe(1e12)
    expect(histogram.quantile(0.5)).toBeGreaterThan(6e7)
  })
})
