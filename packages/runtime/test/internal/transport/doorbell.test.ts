import { describe, expect, test } from "vitest"
import { Doorbell } from "../../../src/internal/transport/doorbell.ts"
import { layout } from "../../../src/internal/transport/memory.ts"

const open = (): [sleeper: Doorbell, ringer: Doorbell] => {
  const places = layout({ requests: 256, responses: 256 })
  const memory = new SharedArrayBuffer(places.bytes)
  return [new Doorbell(memory, places.loopBell), new Doorbell(memory, places.loopBell)]
}

describe("doorbell", () => {
  test("ringing wakes who sleeps", async () => {
    const [sleeper, ringer] = open()
    const rung = sleeper.sleepAsync(sleeper.arm())
    expect(ringer.ring()).toBe(true)
    await rung
    expect(sleeper.count).toBe(1)
  })

  test("ringing where nobody sleeps does nothing", () => {
    const [sleeper, ringer] = open()
    expect(ringer.ring()).toBe(false)
    sleeper.arm()
    sleeper.disarm()
    expect(ringer.ring()).toBe(false)
    expect(sleeper.count).toBe(0)
  })

  test("it rings once for one sleeper, however often it is rung", () => {
    const [sleeper, ringer] = open()
    sleeper.arm()
    expect([ringer.ring(), ringer.ring(), ringer.ring()]).toEqual([true, false, false])
    expect(sleeper.count).toBe(1)
  })

  test("a ring between arming and sleeping is not lost", () => {
    const [sleeper, ringer] = open()
    const ticket = sleeper.arm()
    ringer.ring()
    expect(sleeper.sleepAsync(ticket)).toBeUndefined()
  })

  test("says since when it rings, by a clock that both sides share", () => {
    const [sleeper, ringer] = open()
    sleeper.arm()
    const before = performance.now()
    ringer.ring()
    const since = sleeper.sinceRung
    expect(since).toBeGreaterThanOrEqual(0)
    expect(since).toBeLessThanOrEqual(performance.now() - before + 0.01)
  })
})
