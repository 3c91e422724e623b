import { describe, expect, it } from "vitest"
import { SessionState } from "../../src/internal/session-state.ts"

const after = (...ran: ReadonlyArray<readonly [sql: string, command: string]>): SessionState => {
  const state = new SessionState()
  for (const [sql, command] of ran) state.ran(sql, command)
  return state
}

describe("SessionState", () => {
  it("knows whether a transaction is open", () => {
    expect(after().inTransaction).toBe(false)
    expect(after(["BEGIN", "BEGIN"]).inTransaction).toBe(true)
    expect(after(["START TRANSACTION", "START TRANSACTION"]).inTransaction).toBe(true)
    expect(after(["BEGIN", "BEGIN"], ["COMMIT", "COMMIT"]).inTransaction).toBe(false)
    expect(after(["BEGIN", "BEGIN"], ["COMMIT", "ROLLBACK"]).inTransaction).toBe(false)
    expect(after(["BEGIN", "BEGIN"], ["PREPARE TRANSACTION 'x'", "PREPARE TRANSACTION"]).inTransaction).toBe(false)
  })

  it.each([
    "ROLLBACK TO a",
    "rollback to savepoint a",
    "ROLLBACK WORK TO a",
    "ROLLBACK AND CHAIN",
    "COMMIT AND CHAIN;",
  ])("knows that %s leaves a transaction open", (sql) => {
    const command = sql.toUpperCase().startsWith("COMMIT") ? "COMMIT" : "ROLLBACK"
    expect(after(["BEGIN", "BEGIN"], [sql, command]).inTransaction).toBe(true)
  })

  it("has nothing to undo after queries and changes", () => {
    const state = after(
      ["SELECT 1", "SELECT"],
      ["INSERT INTO t VALUES (1)", "INSERT"],
      ["CREATE TABLE t (a int)", "CREATE TABLE"],
    )
    expect(state.undo()).toEqual([])
  })

  it.each([
    ["SET search_path = a", "SET", "RESET ALL"],
    ["LISTEN news", "LISTEN", "UNLISTEN *"],
    ["SELECT pg_advisory_lock(1)", "SELECT", "SELECT pg_catalog.pg_advisory_unlock_all()"],
    ["SELECT pg_try_advisory_lock(1)", "SELECT", "SELECT pg_catalog.pg_advisory_unlock_all()"],
    ["CREATE TEMP TABLE t (a int)", "CREATE TABLE", "DISCARD TEMP"],
    ["CREATE TEMPORARY TABLE t AS SELECT 1", "SELECT", "DISCARD TEMP"],
  ])("undoes %s", (sql, command, undo) => {
    const state = after([sql, command])
    expect(state.undo()).toEqual([undo])
    state.undone()
    expect(state.undo()).toEqual([])
  })
})
