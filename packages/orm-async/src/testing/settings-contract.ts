import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { describe, expect } from "vitest"
import type { AsyncEngine } from "../effect/async-engine.ts"
import { textClause } from "../statement/index.ts"
import type { Contract } from "./contract.ts"

const one = textClause("SELECT 1")

/** Ways for a program to run SQL of its own; each gives its connection back. */
const ways: Readonly<
  Record<string, (engine: AsyncEngine, sql: string) => Effect.Effect<unknown, unknown, Scope.Scope>>
> = {
  "in a transaction": (engine, sql) => engine.begin((conn) => conn.execDriverSql(sql)),
  "as text in a transaction": (engine, sql) => engine.begin((conn) => conn.execute(textClause(sql))),
  "as text under AUTOCOMMIT": (engine, sql) =>
    Effect.scoped(
      Effect.gen(function* () {
        const conn = yield* engine.connect
        yield* conn.executionOptions({ isolationLevel: "AUTOCOMMIT" })
        yield* conn.execute(textClause(sql))
      }),
    ),
  "as text alone": (engine, sql) => engine.execute(textClause(sql)),
  "as text alone, with others waiting": (engine, sql) =>
    Effect.all([engine.execute(one), engine.execute(textClause(sql)), engine.execute(one)], {
      concurrency: "unbounded",
    }),
  "as a stream": (engine, sql) => Stream.runDrain(engine.stream(textClause(sql))),
  "in a list of statements": (engine, sql) => engine.executeAll([one, textClause(sql)]),
  "in a savepoint": (engine, sql) => engine.begin((conn) => conn.beginNested(() => conn.execute(textClause(sql)))),
  "behind a query of the same text": (engine, sql) =>
    engine.begin((conn) => Effect.zipRight(conn.execDriverSql("SELECT 1"), conn.execDriverSql(`/* SELECT */ ${sql}`))),
}

/** Nothing of one borrower of a connection reaches the next. */
export const settingsContract = ({ subject, test }: Contract): void => {
  const { change, show } = subject.sql.setting

  describe("settings", () => {
    for (const [way, run] of Object.entries(ways)) {
      test(
        `takes back what a borrower has set ${way}`,
        ({ engine }) =>
          Effect.gen(function* () {
            const before = yield* engine.scalar(textClause(show))
            yield* Effect.scoped(run(engine, change))
            const shown = yield* Effect.all([
              engine.scalar(textClause(show)),
              engine.begin((conn) => conn.scalar(textClause(show))),
            ])
            expect(shown).toEqual([before, before])
            expect(engine.pool.statistics().opened).toBe(1)
          }),
        { poolSize: 1, maxOverflow: 0 },
      )
    }

    test("lets a borrower keep what it has set for as long as it has the connection", ({ engine }) =>
      Effect.gen(function* () {
        const before = yield* engine.scalar(textClause(show))
        const conn = yield* engine.connect
        yield* conn.executionOptions({ isolationLevel: "AUTOCOMMIT" })
        yield* conn.execDriverSql(change)
        expect(yield* conn.scalar(textClause(show))).not.toEqual(before)
      }))
  })
}
