import fc from "fast-check"
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

  test("quotes and comments are those of the database", () => {
    const everywhere = "SELECT :a, '-- :x', \"/* :x\", 'it''s :x' -- ':x\n, :a /* ' :x */, :a"
    for (const of of [sqlite, postgresql]) expect(of(textClause(everywhere), { a: 1 })?.[1]).toEqual([1, 1, 1])
    const own = [
      String.raw`SELECT E'it\'s :x', e'\\', :a`,
      String.raw`SELECT name'\', :a`,
      "SELECT $$ :x $$, $tag$ $$ :x $tag$, a$b, :a, a$$ FROM t",
      "SELECT /* /* :x */ :x */ :a",
      "SELECT x[1:2], y[:a]",
    ]
    for (const sql of own) expect(postgresql(textClause(sql), { a: 1 })?.[1], sql).toEqual([1])
    const sqlites = ["SELECT [a:x], `b:x`, `c``:x`, :a", String.raw`SELECT E'\', :a`, "SELECT /* /* :x */ :a"]
    for (const sql of sqlites) expect(sqlite(textClause(sql), { a: 1 })?.[1], sql).toEqual([1])
    expect(sqlite(textClause("SELECT $$, :a, $$"), { a: 1 })?.[1]).toEqual([1])
    expect(thrownBy(() => sqlite(textClause("SELECT ':a'", { a: 1 }))).message).toContain('no parameter "a"')
  })

  test("nothing in quotes or comments is a place, whatever stands in them", () => {
    const piece = fc.constantFrom(
      "'",
      '"',
      "--",
      "/*",
      "*/",
      "$$",
      "$t$",
      "\\",
      ":x",
      "[",
      "]",
      "`",
      "\n",
      "E",
      "a",
      "::",
      " ",
    )
    const inside = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(""))
    fc.assert(
      fc.property(inside, inside, (first, second) => {
        const quoted = `SELECT '${first.replaceAll("'", "''")}', :a, "${second.replaceAll('"', '""')}", :a`
        for (const of of [sqlite, postgresql])
          expect(of(textClause(quoted), { a: 1 })).toEqual([expect.any(String), [1, 1]])
      }),
    )
  })

  test("a list becomes a placeholder for each element", () => {
    expect(sqlite(textClause("SELECT 1 WHERE 1 IN (:ids)", { ids: [1, 2] }))).toEqual([
      "SELECT 1 WHERE 1 IN (?, ?)",
      [1, 2],
    ])
    expect(sqlite(textClause("SELECT 1 WHERE 1 IN (:ids)"), { ids: [] })).toEqual(["SELECT 1 WHERE 1 IN ()", []])
    expect(postgresql(textClause("SELECT 1 WHERE 1 IN (:ids) AND 1 not  in ( :ids)"), { ids: [] })).toEqual([
      "SELECT 1 WHERE 1 IN (NULL) IS TRUE AND (TRUE) AND 1 not  in ( NULL) IS NOT FALSE AND (TRUE)",
      [],
    ])
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
