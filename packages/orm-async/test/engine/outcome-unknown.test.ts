import { describe, expect, test } from "vitest"
import { EngineCore } from "../../src/engine/engine-core.ts"
import { engineSettings } from "../../src/engine/engine-settings.ts"
import type { Call } from "../../src/operation/call.ts"
import type { Outcome } from "../../src/operation/outcome.ts"
import { integer, table } from "../../src/schema/index.ts"
import { insert, select, textClause } from "../../src/statement/index.ts"
import { failing, ManualDatabase, ManualTimer } from "../driver/manual-driver.ts"

const numbers = table("numbers", { n: integer().primaryKey() })

const outcomeOf = (call: Call<unknown>): Outcome<unknown>[] => {
  const outcomes: Array<Outcome<unknown>> = []
  call.start((outcome) => outcomes.push(outcome))
  return outcomes
}

/** Runs a statement alone, and loses its connection while it is under way. */
const lose = (statement: unknown, fields: Parameters<typeof failing>[0]) => {
  const database = new ManualDatabase()
  const engine = new EngineCore(engineSettings("sqlite://", { driver: database.driver }), {
    timer: new ManualTimer(),
    log: () => {},
  })
  const outcomes = outcomeOf(engine.execute(statement as never, undefined, {}))
  const [connection] = database.connections
  if (fields?.isDisconnect === true && connection !== undefined) connection.isOpen = false
  connection?.pending[0]?.fail(failing(fields))
  return outcomes
}

describe("a statement alone whose connection is lost", () => {
  test.each([
    ["a change", insert(numbers).values({ n: 1 })],
    ["SQL of the program's own", textClause("SELECT 1")],
  ])("has an unknown outcome if it is %s", (_, statement) => {
    expect(lose(statement, { isDisconnect: true, isRetryable: true })).toMatchObject([
      {
        ok: false,
        error: {
          _tag: "OutcomeUnknownError",
          isDisconnect: true,
          isRetryable: false,
          message: expect.stringContaining("may be in the database or not"),
        },
      },
    ])
  })

  test("has none if it only reads", () => {
    expect(lose(select(numbers), { isDisconnect: true })).toMatchObject([
      { ok: false, error: { _tag: "OperationalError", isDisconnect: true } },
    ])
  })

  test("has a known one if the database has refused it", () => {
    expect(lose(insert(numbers).values({ n: 1 }), { kind: "IntegrityError" })).toMatchObject([
      { ok: false, error: { _tag: "IntegrityError" } },
    ])
  })
})
