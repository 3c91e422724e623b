import { describe, expect, test } from "vitest"
import { postgresqlDialect, sqliteDialect } from "../../src/index.ts"
import { thrownBy } from "../compiler/sql.ts"

describe("beginning a transaction", () => {
  test("SQLite takes its write lock at once where the first statement writes", () => {
    expect(sqliteDialect.beginStatement({ isWrite: true })).toBe("BEGIN IMMEDIATE")
    expect(sqliteDialect.beginStatement({ isWrite: false })).toBe("BEGIN")
  })

  test("SQLite has no other isolation than its own", () => {
    expect(sqliteDialect.beginStatement({ isWrite: false, isolationLevel: "serializable" })).toBe("BEGIN")
    expect(
      thrownBy(() => sqliteDialect.beginStatement({ isWrite: false, isolationLevel: "READ COMMITTED" }))._tag,
    ).toBe("ArgumentError")
    expect(thrownBy(() => sqliteDialect.beginStatement({ isWrite: false, readOnly: true }))._tag).toBe("ArgumentError")
  })

  test("PostgreSQL says isolation and access", () => {
    expect(postgresqlDialect.beginStatement({ isWrite: true })).toBe("BEGIN")
    expect(postgresqlDialect.beginStatement({ isWrite: true, isolationLevel: "repeatable_read", readOnly: true })).toBe(
      "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
    )
    expect(
      thrownBy(() => postgresqlDialect.beginStatement({ isWrite: true, isolationLevel: "x; DROP TABLE t" }))._tag,
    ).toBe("ArgumentError")
  })

  test("names of savepoints are quoted", () => {
    expect(sqliteDialect.savepoint('a"b')).toBe('SAVEPOINT "a""b"')
    expect(postgresqlDialect.rollbackToSavepoint("s1")).toBe('ROLLBACK TO SAVEPOINT "s1"')
    expect(postgresqlDialect.releaseSavepoint("s1")).toBe('RELEASE SAVEPOINT "s1"')
  })
})
