import { describe, expect, it } from "vitest"
import { type Comparison, drawChart, drawNumbers } from "../../src/demo/comparison.ts"
import { heartbeatMs } from "../../src/demo/heartbeat.ts"

const alive = (fromMs: number, toMs: number) =>
  Array.from({ length: (toMs - fromMs) / heartbeatMs }, (_, i) => fromMs + i * heartbeatMs + 1)

const comparison: Comparison = {
  inline: {
    loopDelayMs: { p50: 500, p99: 999.96, max: 1000 },
    aggregateMs: 1000,
    queriesPerSecond: 500,
    elapsedMs: 2000,
    heartbeat: { startedAt: 0, ticks: alive(1000, 2000) },
  },
  worker: {
    loopDelayMs: { p50: 0.123, p99: 2, max: 7.25 },
    aggregateMs: 900,
    queriesPerSecond: 1000,
    elapsedMs: 1000,
    heartbeat: { startedAt: 0, ticks: alive(0, 1000) },
  },
}

describe("the comparison of the placements", () => {
  it("has the numbers of both side by side", () => {
    const [, head, , inline, worker] = drawNumbers(comparison).split("\n")
    expect(head).toMatch(/placement.*p50.*p99.*max.*queries\/s.*aggregate/)
    expect(inline).toMatch(/inline +│ +500\.0 │ +1000\.0 │ +1000\.0 │ +500 │ +1000 │/)
    expect(worker).toMatch(/worker +│ +0\.1 │ +2\.0 │ +7\.3 │ +1000 │ +900 │/)
  })

  it("draws both on one time line: the one that took half the time is half as long", () => {
    const [, inline, worker] = drawChart(comparison, 52).split("\n")
    expect(inline).toBe(`  inline  ${"·".repeat(20)}${"█".repeat(20)}`)
    expect(worker).toBe(`  worker  ${"█".repeat(20)}`)
  })

  it("draws throughput as bars, the larger one the longest", () => {
    const [, , , , inline, worker] = drawChart(comparison, 52).split("\n")
    expect(inline).toBe(`  inline  ${"█".repeat(15)} 500`)
    expect(worker).toBe(`  worker  ${"█".repeat(30)} 1000`)
  })

  it("fits a narrow terminal", () => {
    for (const line of drawChart(comparison, 20).split("\n").slice(1, 3)) expect([...line].length).toBeLessThan(40)
  })
})
