import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { Patience } from "../../../src/internal/transport/patience.ts"

/** What one wait after another cost, in milliseconds: each needs so long for its news, and then so long to be woken. */
const cost = (patience: Patience, waits: ReadonlyArray<number>, wakeUp: number, looksFind = true): number => {
  let spent = 0
  for (const wait of waits) {
    if (!patience.pays) {
      patience.slept(wait + wakeUp)
      spent += wakeUp
    } else if (looksFind && wait < patience.looking) {
      patience.found()
      spent += wait
    } else {
      patience.missed()
      spent += patience.looking + wakeUp
    }
  }
  return spent
}

const waits = (count: number, wait: number): number[] => Array.from({ length: count }, () => wait)

describe("patience", () => {
  test("does not look before it has seen that waits are short", () => {
    expect(new Patience().pays).toBe(false)
  })

  test("where answers come quickly, nearly every wait is spared its sleep", () => {
    expect(cost(new Patience(), waits(1000, 0.005), 0.04)).toBeLessThan(0.15 * 1000 * 0.04)
  })

  test("where they come after a long time, no time is lost with looking", () => {
    expect(cost(new Patience(), waits(1000, 1), 0.04)).toBe(cost(new Patience(), waits(1000, 1), 0.04, false))
  })

  test("when they become slow, it stops looking after a few times", () => {
    const patience = new Patience()
    cost(patience, waits(100, 0.005), 0.04)
    expect(cost(patience, waits(1000, 1), 0.04)).toBeLessThan(1000 * 0.04 + 10 * patience.looking)
    expect(patience.pays).toBe(false)
  })

  test("between short waits a long one now and then does not stop it", () => {
    const bursts = Array.from({ length: 300 }, (_, n) => (n % 3 === 2 ? 1 : 0.005))
    expect(cost(new Patience(), bursts, 0.04)).toBeLessThan(0.9 * 300 * 0.04)
  })

  test("where the other thread cannot run meanwhile, it looks ever more rarely", () => {
    // Every sleep is short, and looking finds nothing.
    const patience = new Patience()
    cost(patience, waits(2048, 0.002), 0.003, false)
    let looked = 0
    for (let n = 0; n < 10_000; n++) {
      if (patience.pays) {
        looked++
        patience.missed()
      } else patience.slept(0.005)
    }
    expect(looked).toBeLessThanOrEqual(20)
  })

  test("whatever the waits are like, it costs at most what always sleeping and always knowing better cost together", () => {
    const wakeUp = new Patience().looking
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 0.2, noNaN: true }), { maxLength: 500 }), (all) => {
        const best = all.reduce((sum, wait) => sum + Math.min(wait, wakeUp), 0)
        const alwaysAsleep = all.length * wakeUp
        const spent = cost(new Patience(), all, wakeUp)
        expect(spent).toBeLessThanOrEqual(best + alwaysAsleep)
      }),
    )
  })

  describe("measures what a wake-up takes", () => {
    /** How long it looks after many wake-ups, in milliseconds. */
    const after = (wakeUps: ReadonlyArray<number>): number => {
      const patience = new Patience()
      for (const wakeUp of wakeUps) patience.woken(wakeUp)
      return patience.looking
    }

    test.each([0.03, 0.06, 0.15])("of %d ms, and looks for as long", (wakeUp) => {
      const looking = after(waits(200, wakeUp))
      expect(looking).toBeGreaterThan(wakeUp / 1.1)
      expect(looking).toBeLessThan(wakeUp * 1.1)
    })

    test("the median counts, not the outliers", () => {
      const looking = after(Array.from({ length: 400 }, (_, n) => (n % 4 === 0 ? 5 : n % 4 === 1 ? 0.001 : 0.08)))
      expect(looking).toBeGreaterThan(0.06)
      expect(looking).toBeLessThan(0.11)
    })

    test("within bounds", () => {
      expect(after(waits(500, 10))).toBe(0.2)
      expect(after(waits(500, 0.001))).toBe(0.02)
    })

    test("clocks that disagree say nothing", () => {
      expect(after(waits(500, -1))).toBe(new Patience().looking)
    })

    test("where wake-ups are slow, answers that take longer than it would look at first are looked for", () => {
      const patience = new Patience()
      const all = waits(2000, 0.1)
      const spent = all.reduce((sum, wait) => {
        if (!patience.pays) patience.woken(0.15)
        return sum + cost(patience, [wait], 0.15)
      }, 0)
      expect(spent).toBeLessThan(0.8 * 2000 * 0.15)
    })
  })
})
