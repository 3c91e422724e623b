import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { describe, expect } from "vitest"
import type { AsyncEngine } from "../effect/async-engine.ts"
import { AsyncSession } from "../effect/async-session.ts"
import { retry } from "../effect/retry.ts"
import { textClause } from "../statement/index.ts"
import { type Contract, failureOf } from "./contract.ts"

const read = textClause("SELECT n FROM counters WHERE id = 1")
const write = textClause("UPDATE counters SET n = :n WHERE id = 1")

const makeCounter = (engine: AsyncEngine) =>
  engine.begin((conn) =>
    Effect.zipRight(
      conn.execDriverSql("CREATE TABLE counters (id INTEGER PRIMARY KEY, n INTEGER NOT NULL)"),
      conn.execDriverSql("INSERT INTO counters VALUES (1, 0)"),
    ),
  )

/** Reads and then writes, so that two at once can lose an update if they are let. */
const increment = (engine: AsyncEngine) =>
  engine.begin((conn) =>
    Effect.gen(function* () {
      const n = Number(yield* conn.scalar(read))
      yield* conn.execute(write, { n: n + 1 })
    }),
  )

const many = 20

/** Transactions that are in each other's way. */
export const contentionContract = ({ subject, test }: Contract): void => {
  const { beginModes, concurrentWriters } = subject.driver.capabilities
  const several = subject.singleConnection !== true

  describe("contention", () => {
    if (beginModes === undefined) {
      test("refuses begin modes, which the database does not have", ({ engine, open }) =>
        Effect.gen(function* () {
          const refusals: ReadonlyArray<Effect.Effect<unknown, unknown, Scope.Scope>> = [
            open({ beginMode: "IMMEDIATE" }),
            open({ executionOptions: { beginMode: "IMMEDIATE" } }),
            Effect.flatMap(engine.connect, (conn) => conn.executionOptions({ beginMode: "IMMEDIATE" })),
            AsyncSession.make(engine, { beginMode: "IMMEDIATE" }),
          ]
          for (const refused of refusals) {
            expect(yield* failureOf(Effect.scoped(refused))).toMatchObject({
              _tag: "ArgumentError",
              message: expect.stringContaining("beginMode"),
            })
          }
        }))
    }

    for (const beginMode of beginModes ?? []) {
      test(`begins ${beginMode}, for engine, connection and session`, ({ engine, open }) =>
        Effect.gen(function* () {
          yield* makeCounter(engine)
          const ofEngine = yield* open({ beginMode })
          // A database in memory is another one for another engine.
          if (!several) yield* makeCounter(ofEngine)
          yield* increment(ofEngine)
          yield* increment(engine.executionOptions({ beginMode }))
          yield* Effect.scoped(
            Effect.gen(function* () {
              const conn = yield* engine.connect
              yield* conn.executionOptions({ beginMode })
              yield* conn.scalar(read)
              expect(yield* failureOf(conn.executionOptions({ beginMode }))).toMatchObject({
                _tag: "InvalidRequestError",
              })
              yield* conn.commit
            }),
          )
          yield* Effect.scoped(
            Effect.gen(function* () {
              const session = yield* AsyncSession.make(engine, { beginMode })
              const n = Number(yield* session.scalar(read))
              yield* session.execute(write, { n: n + 1 })
              yield* session.commit
            }),
          )
          expect(yield* engine.scalar(read)).toBe(several ? 3 : 2)
        }))
    }

    if (beginModes !== undefined && several) {
      test("has those who read and then write wait for each other, where they begin IMMEDIATE", ({ engine }) =>
        Effect.gen(function* () {
          yield* makeCounter(engine)
          const immediate = engine.executionOptions({ beginMode: "IMMEDIATE" })
          yield* Effect.all(
            Array.from({ length: many }, () => increment(immediate)),
            { concurrency: "unbounded" },
          )
          expect(yield* engine.scalar(read)).toBe(many)
        }))
    }

    if (several) {
      test("says of a transaction that met another that it can be tried again", ({ engine }) =>
        Effect.gen(function* () {
          yield* makeCounter(engine)
          const own = concurrentWriters ? engine.executionOptions({ isolationLevel: "SERIALIZABLE" }) : engine
          const error = yield* failureOf(
            own.begin((conn) =>
              Effect.gen(function* () {
                yield* conn.scalar(read)
                yield* increment(engine)
                yield* conn.execute(write, { n: 7 })
              }),
            ),
          )
          expect(error).toMatchObject({ _tag: "OperationalError", isRetryable: true, isDisconnect: false })
          expect(yield* engine.scalar(read)).toBe(1)
        }))

      test("loses no update of transactions that are tried again", ({ engine }) =>
        Effect.gen(function* () {
          yield* makeCounter(engine)
          const own = concurrentWriters ? engine.executionOptions({ isolationLevel: "SERIALIZABLE" }) : engine
          const done = yield* Effect.all(
            Array.from({ length: many }, () => Effect.either(retry(increment(own)))),
            { concurrency: 4 },
          )
          const succeeded = done.filter(({ _tag }) => _tag === "Right").length
          for (const one of done) if (one._tag === "Left") expect(one.left._tag).toBe("RetriesExhaustedError")
          expect(yield* engine.scalar(read)).toBe(succeeded)
          expect(succeeded).toBeGreaterThan(0)
        }))
    }
  })
}
