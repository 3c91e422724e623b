import * as Effect from "effect/Effect"
import { describe, expect } from "vitest"
import type { AsyncConnection } from "../effect/effect-connection.ts"
import { createAll, insert, select } from "../statement/index.ts"
import { type Contract, failureOf } from "./contract.ts"
import { authors, books, everything } from "./sample-tables.ts"

/** Tests that a refusal of the database arrives as the right error, and leaves the connection usable. */
export const errorsContract = ({ subject, test }: Contract): void => {
  const placeholder = subject.driver.dialect.placeholder(1)

  /** The failure of one statement in a savepoint, so that the transaction goes on. */
  const refusal = <A, E>(conn: AsyncConnection, statement: Effect.Effect<A, E>) =>
    failureOf(conn.beginNested(() => statement))

  describe("errors", () => {
    test("tells violated constraints apart and names them", ({ engine }) =>
      engine.begin((conn) =>
        Effect.gen(function* () {
          yield* conn.execute(createAll([authors, books]))
          yield* conn.execute(insert(authors).values({ id: 1, name: "ann" }))
          const unique = yield* refusal(conn, conn.execute(insert(authors).values({ id: 2, name: "ann" })))
          const primary = yield* refusal(conn, conn.execute(insert(authors).values({ id: 1, name: "bo" })))
          const foreign = yield* refusal(conn, conn.execute(insert(books).values({ authorId: 9, title: "x" })))
          const notNull = yield* refusal(conn, conn.execDriverSql("INSERT INTO books (author_id, pages) VALUES (1, 1)"))
          const check = yield* refusal(conn, conn.execute(insert(books).values({ authorId: 1, title: "x", pages: 0 })))
          for (const error of [unique, primary, foreign, notNull, check]) {
            expect(error).toMatchObject({ _tag: "IntegrityError", isRetryable: false, isDisconnect: false })
            expect(error.message).toContain("[SQL: ")
          }
          expect(unique).toMatchObject({ constraint: expect.stringContaining("name") })
          expect(notNull).toMatchObject({ constraint: expect.stringContaining("title") })
          expect(check).toMatchObject({ constraint: expect.stringContaining("pages") })
        }),
      ))

    test("calls wrong SQL a ProgrammingError", ({ engine }) =>
      engine.begin((conn) =>
        Effect.gen(function* () {
          const wrong = [
            "SELEC 1",
            "SELECT nope FROM everything",
            "SELECT * FROM no_such_table",
            "SELECT no_such_function(1)",
            "SELECT 1; SELECT 2",
          ]
          yield* conn.execute(createAll([everything]))
          for (const sql of wrong) {
            const error = yield* refusal(conn, conn.execDriverSql(sql))
            expect(error, sql).toMatchObject({ _tag: "ProgrammingError", statement: sql })
          }
        }),
      ))

    test("calls a wrong number of parameters a typed error", ({ engine }) =>
      engine.begin((conn) =>
        Effect.gen(function* () {
          yield* conn.execute(createAll([authors]))
          const sql = `SELECT * FROM authors WHERE name = ${placeholder}`
          for (const parameters of [[], ["a", "b"]]) {
            const error = yield* refusal(conn, conn.execDriverSql(sql, parameters))
            expect(error).toMatchObject({ _tag: "ProgrammingError", isDisconnect: false })
          }
          expect((yield* conn.execDriverSql(sql, ["a"])).all()).toEqual([])
        }),
      ))

    const unsendable: ReadonlyArray<readonly [name: string, value: unknown]> = [
      ["a function", () => 1],
      ["a symbol", Symbol("s")],
      ["undefined", undefined],
      ["an object", { a: 1 }],
      ["a Map", new Map()],
      ["half of a surrogate pair", "\ud800"],
    ]
    for (const [name, value] of unsendable) {
      test(`refuses ${name} as a parameter of plain SQL and says which it is`, ({ engine }) =>
        engine.begin((conn) =>
          Effect.gen(function* () {
            yield* conn.execute(createAll([everything]))
            const [one, two] = [1, 2].map(subject.driver.dialect.placeholder)
            const sql = `SELECT id FROM everything WHERE an_int = ${one} AND words = ${two}`
            const error = yield* failureOf(conn.beginNested(() => conn.execDriverSql(sql, [1, value])))
            expect(["InterfaceError", "DataError"]).toContain(error._tag)
            expect(error.message).toContain("Parameter 2")
            expect((yield* conn.execDriverSql(sql, [1, "x"])).all()).toEqual([])
          }),
        ))
    }

    test("says which set of a batch failed", ({ engine }) =>
      engine.begin((conn) =>
        Effect.gen(function* () {
          yield* conn.execute(createAll([authors]))
          const values = ["a", "b", "c", "b", "d"].map((name) => ({ name }))
          const error = yield* refusal(conn, conn.execute(insert(authors).values(values)))
          expect(error._tag).toBe("IntegrityError")
          expect(error.message).toContain("parameter set 4 of 5")
          expect((yield* conn.execute(select(authors))).all()).toEqual([])
        }),
      ))

    test(
      "hides values on request",
      ({ engine }) =>
        engine.begin((conn) =>
          Effect.gen(function* () {
            yield* conn.execute(createAll([authors]))
            const values = [{ name: "a secret" }, { name: "a secret" }]
            const error = yield* refusal(conn, conn.execute(insert(authors).values(values)))
            expect(error._tag).toBe("IntegrityError")
            expect(error.message).not.toContain("a secret")
            expect(error.message).toContain("parameters hidden")
          }),
        ),
      { hideParameters: true },
    )

    test("leaves the connection usable after a failure outside of any block", ({ engine }) =>
      Effect.gen(function* () {
        const conn = yield* engine.connect
        yield* failureOf(conn.execDriverSql("SELECT * FROM no_such_table"))
        yield* conn.rollback
        expect((yield* conn.execDriverSql("SELECT 1 AS a")).all()).toEqual([{ a: 1 }])
      }))
  })
}
