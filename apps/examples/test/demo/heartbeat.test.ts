import { describe, expect, it } from "vitest"
import { drawHeartbeat, heartbeatMs } from "../../src/demo/heartbeat.ts"

const every = (fromMs: number, toMs: number) =>
  Array.from({ length: Math.floor((toMs - fromMs) / heartbeatMs) }, (_, i) => fromMs + i * heartbeatMs + 1)

describe("drawHeartbeat", () => {
  it("is full where every tick came", () => {
    expect(drawHeartbeat({ startedAt: 100, ticks: every(100, 600) }, 500, 10)).toBe("██████████")
  })

  it("shows the time in which no tick came as dots", () => {
    const ticks = [...every(0, 200), ...every(300, 500)]
    expect(drawHeartbeat({ startedAt: 0, ticks }, 500, 5)).toBe("██·██")
  })

  it("shows late ticks as lower marks, never as nothing", () => {
    expect(drawHeartbeat({ startedAt: 0, ticks: [1, 51] }, 200, 2)).toBe("▁·")
  })
})
