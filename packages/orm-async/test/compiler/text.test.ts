import { describe, expect, test } from "vitest"
import {
  bigint,
  boolean,
  compile,
  integer,
  postgresqlDialect,
  sqliteDialect,
  text,
  textClause,
} from "../../src/index.ts"
import { postgresql, sqlite, thrownBy } from "./sql.ts"

describe("SQL text", () => {
  test("named places become parameters; strings, comments and casts stay", () => {
    const statement = textClause(
      "SELECT ':a', \"x:a\", 'it''s :a' /* :a */, :a::text, \\:a, $q$ :a $q$ -- :a\nWHERE b = :b AND c = :a",
      { a: 1, b: "x" },
    )
    expect(postgresql(statement)).toEqual([
      "SELECT ':a', \"x:a\", 'it''s :a' /* :a */, $1::text, :a, $q$ :a $q$ -- :a\nWHERE b = $2 AND c = $3",
      [1, "x", 1],
    ])
  })

  test("a list becomes a placeholder for each element", () => {
    expect(sqlite(textClause("SELECT 1 WHERE 1 IN (:ids)", { ids: [1, 2] }))).toEqual([
      "SELECT 1 WHERE 1 IN (?, ?)",
      [1, 2],
    ])
    expect(sqlite(textClause("SELECT 1 WHERE 1 IN (:ids)"), { ids: [] })).toEqual(["SELECT 1 WHERE 1 IN (NULL)", []])
  })

  test.each([
    "SELECT 1",
    "INSERT INTO t VALUES (1)",
    "/* INSERT */ PRAGMA user_version = 5",
    "WITH x AS (DELETE FROM t RETURNING id) SELECT * FROM x",
    "SELECT * INTO copy FROM t",
    "SET ROLE other",
  ])("only the database tells whether %s writes or returns rows", (sql) => {
    expect(compile(textClause(sql), sqliteDialect)).toMatchObject({ isWrite: undefined, returnsRows: true })
  })

  test("rows have the names that the database gives, and the types that are stated", () => {
    const statement = textClause("SELECT id, ok, big, other FROM t").columns({
      id: integer(),
      ok: boolean(),
      big: bigint(),
    })
    const compiled = compile(statement, sqliteDialect)
    expect(compiled.bigints).toBe(true)
    expect(compiled.decodeRows(["id", "ok", "big", "other"], [1n, 1n, 9007199254740993n, 7n])).toEqual([
      { id: 1, ok: true, big: 9007199254740993n, other: 7 },
    ])
    expect(thrownBy(() => compiled.decodeRows(["id"], [1])).message).toContain('"ok"')
    expect(
      thrownBy(() => compile(textClause("SELECT 1"), sqliteDialect).decodeRows(["a", "a"], [1, 2])).message,
    ).toContain('two columns named "a"')
  })

  test("a missing, unknown or unsendable value is an error", () => {
    expect(thrownBy(() => sqlite(textClause("SELECT :id"))).message).toContain('"id"')
    expect(thrownBy(() => textClause("SELECT :id", { ib: 1 })).message).toContain('did you mean ":id"')
    expect(thrownBy(() => sqlite(textClause("SELECT :id"), { id: 1, extra: 2 })).message).toContain(
      'no parameter "extra"',
    )
    expect(thrownBy(() => sqlite(textClause("SELECT :id", { id: { a: 1 } })))).toMatchObject({ _tag: "StatementError" })
  })

  test("types do not leak between statements of one text", () => {
    const plain = textClause("SELECT a FROM t")
    const typed = plain.columns({ a: text() })
    expect(compile(plain, postgresqlDialect).keys).toEqual([])
    expect(compile(typed, postgresqlDialect).keys).toEqual(["a"])
  })
})
