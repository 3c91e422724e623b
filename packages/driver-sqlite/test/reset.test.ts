import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { type Conn, call, connect, failureOf, text } from "./connections.ts"
import { temporaryFolder } from "./temporary-folder.ts"

const folder = temporaryFolder()

/** Everything of a session that a query can tell. */
const session = `
  SELECT (SELECT group_concat(name) FROM pragma_database_list), 'a' LIKE 'A',
    ${["foreign_keys", "query_only", "cache_size", "synchronous", "recursive_triggers", "temp_store", "locking_mode"]
      .map((name) => `(SELECT * FROM pragma_${name})`)
      .join(", ")}`

describe.each(["worker", "inline"] as const)("resetting a connection in the placement %s", (placement) => {
  let conn: Conn
  const path = join(folder, `${placement}.db`)
  beforeAll(async () => {
    conn = await connect(path, placement, { cache_size: 77, mmap_size: 65536 })
    await conn.run("CREATE TABLE t (a)")
    await conn.run("CREATE TABLE p (a INTEGER PRIMARY KEY)")
  })
  afterAll(() => conn.close())

  it.each([
    "PRAGMA foreign_keys = OFF",
    "PRAGMA query_only = ON",
    "PRAGMA cache_size = 5",
    "PRAGMA synchronous = OFF",
    "PRAGMA recursive_triggers = ON",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA locking_mode = EXCLUSIVE",
    "PRAGMA case_sensitive_like = ON",
    `ATTACH ':memory:' AS "a ""b"""`,
    "CREATE TEMP TABLE temporary (a REFERENCES p)",
    "CREATE TEMP TABLE counted (a INTEGER PRIMARY KEY AUTOINCREMENT)",
    "CREATE TEMP VIEW v AS SELECT 1",
    "CREATE TEMP TRIGGER r AFTER INSERT ON main.t BEGIN SELECT 1; END",
    "CREATE VIRTUAL TABLE temp.f USING fts5 (x)",
  ])("undoes %s", async (sql) => {
    const before = await conn.cells(session)
    // Twice: some settings are changed when the statement is prepared, and it must be so each time.
    for (let time = 0; time < 2; time++) {
      await conn.execute(text(sql))
      expect(conn.driver.sessionChanged).toBe(true)
      expect(await conn.cells(session)).not.toEqual(before)
      await conn.reset()
      expect(conn.driver.sessionChanged).toBe(false)
      expect(await conn.cells(session)).toEqual(before)
    }
  })

  it.each(["mmap_size", "wal_autocheckpoint"])("undoes a change of %s, which no query tells", async (name) => {
    const now = async (): Promise<unknown> => {
      const { cells } = await conn.execute(text(`PRAGMA ${name}`))
      await conn.reset()
      return cells[0]
    }
    const before = await now()
    await conn.execute(text(`PRAGMA ${name} = 4096`))
    await conn.reset()
    expect(before).not.toBe(4096)
    expect(await now()).toBe(before)
  })

  it("ends a transaction that the program began itself, and gives the lock up", async () => {
    const other = await connect(path, placement, { busy_timeout: 1 })
    await conn.execute(text("BEGIN IMMEDIATE"))
    await conn.execute(text("INSERT INTO t VALUES (1)"))
    expect(conn.driver.transaction).toBe("open")
    await conn.reset()
    expect(conn.driver.transaction).toBe("none")
    await other.run("INSERT INTO t VALUES (2)")
    expect(await conn.cells("SELECT a FROM t")).toEqual([2])
    await conn.run("DELETE FROM t")
    await other.close()
  })

  it("takes temporary objects and attached files away in the middle of a transaction", async () => {
    await conn.execute(text("CREATE TEMP TABLE temporary (a)"))
    await conn.execute(text("ATTACH ':memory:' AS other"))
    await conn.execute(text("INSERT INTO temporary VALUES (1)", { prelude: ["BEGIN"] }))
    await conn.openCursor(call("SELECT * FROM temporary"))
    await conn.reset()
    expect(await failureOf(conn.run("SELECT * FROM temporary"))).toMatchObject({ kind: "ProgrammingError" })
    expect(await conn.cells("SELECT name FROM pragma_database_list")).toEqual(["main"])
  })

  it("is not needed for queries and changes of rows, whoever wrote them", async () => {
    for (const sql of [
      "SELECT 1",
      "/* a */ SELECT a FROM t;",
      "WITH n AS (SELECT 1) SELECT * FROM n",
      "VALUES (1)",
      "INSERT INTO t VALUES (1)",
      "UPDATE t SET a = 2 RETURNING a",
      "REPLACE INTO t VALUES (3)",
      "DELETE FROM t",
    ]) {
      await conn.execute(text(sql))
      expect(conn.driver.sessionChanged, sql).toBe(false)
    }
    for (const sql of ["CREATE TABLE u (a)", "DROP TABLE u", "CREATE TEMP TABLE known (a)", "DROP TABLE known"]) {
      await conn.run(sql)
      expect(conn.driver.sessionChanged, sql).toBe(false)
    }
    await conn.reset()
  })
})
