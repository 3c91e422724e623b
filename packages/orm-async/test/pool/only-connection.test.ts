import { describe, expect, it } from "vitest"
import { EngineCore } from "../../src/engine/engine-core.ts"
import { engineSettings } from "../../src/engine/engine-settings.ts"
import type { Outcome } from "../../src/operation/outcome.ts"
import { ManualDatabase, ManualTimer } from "../driver/manual-driver.ts"

const reason = "each connection is a database of its own"

const world = () => {
  const database = new ManualDatabase()
  const driver = { ...database.driver, poolDefaults: () => ({ poolSize: 1, maxOverflow: 0, onlyConnection: reason }) }
  const timer = new ManualTimer()
  const logged: Array<string> = []
  const engine = new EngineCore(engineSettings("sqlite://", { driver, poolTimeout: "5 seconds" }), {
    timer,
    log: (_level, message) => logged.push(message),
  })
  const outcomes: Array<Outcome<{ release: () => void }>> = []
  const connect = (): void => engine.connect({}).start((outcome) => outcomes.push(outcome))
  return { timer, logged, outcomes, connect }
}

describe("a database of one connection", () => {
  it("says in the log, and when time is up, why there can be no second", () => {
    const { timer, logged, outcomes, connect } = world()
    connect()
    connect()
    timer.pass(1_000)
    expect(logged).toEqual([expect.stringContaining(reason)])
    timer.pass(4_000)
    expect(outcomes[1]).toMatchObject({
      ok: false,
      error: { _tag: "TimeoutError", message: expect.stringContaining(reason) },
    })
  })

  it("says nothing to callers that wait their turn", () => {
    const { timer, logged, outcomes, connect } = world()
    connect()
    connect()
    timer.pass(900)
    const [first] = outcomes
    if (first?.ok) first.value.release()
    timer.pass(5_000)
    expect(outcomes.map(({ ok }) => ok)).toEqual([true, true])
    expect(logged).toEqual([])
  })
})
