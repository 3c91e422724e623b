import { describe, expect, it } from "vitest"
import { textClause } from "../../src/promise.ts"
import { setUp } from "./world.ts"

const one = textClause("SELECT 1")

describe("answers that come before the call returns", () => {
  it("follow each other for a while, then the loop gets a turn", async () => {
    const { database, engine } = await setUp()
    await using _ = engine
    let hasTicked = false
    setTimeout(() => {
      hasTicked = true
    }, 0)
    // Ends by a timer alone, which a loop of microtasks would never let run.
    let calls = 0
    for (; !hasTicked; calls++) await engine.execute(one)
    expect(database.log).toHaveLength(calls + 1)
  })

  it("give the loop a turn also when they are errors, or come in blocks", async () => {
    const { database, engine } = await setUp()
    await using _ = engine
    for (const call of [
      () => {
        database.fail("SELECT 1")
        return engine.execute(one).catch(() => {})
      },
      () => engine.begin((conn) => conn.execute(one)),
    ]) {
      let hasTicked = false
      setTimeout(() => {
        hasTicked = true
      }, 0)
      while (!hasTicked) await call()
      expect(hasTicked).toBe(true)
    }
  })
})
