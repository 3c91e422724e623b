import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { openConnection } from "../../src/internal/open-connection.ts"
import { databaseOnThisThread } from "../../src/internal/open-databases.ts"
import type { SqliteConfig } from "../../src/internal/sqlite-config.ts"
import type { SqliteConnection } from "../../src/internal/sqlite-connection.ts"
import { temporaryFolder } from "../temporary-folder.ts"

const folder = temporaryFolder()
let opened = 0

const open = (path = ":memory:", options: Partial<SqliteConfig> = {}): SqliteConnection =>
  openConnection({
    id: ++opened,
    path,
    readonly: false,
    create: true,
    busyTimeout: 0,
    statementCacheSize: 16,
    pragmas: [],
    ...options,
  })

const run = (connection: SqliteConnection, sql: string, parameters: ReadonlyArray<unknown> = [], bigints = false) =>
  connection.execute(sql, parameters, [], bigints)

describe("SqliteConnection", () => {
  it("gives rows as flat cells, with duplicate column names", () => {
    const result = run(open(), "SELECT 1 AS a, 'x' AS a, NULL AS b UNION ALL SELECT 2, 'y', 2.5")
    expect(result).toEqual({
      columns: ["a", "a", "b"],
      cells: [1, "x", null, 2, "y", 2.5],
      rowCount: 2,
      inTransaction: false,
    })
  })

  it("counts changed rows where none are returned, and returned rows where they are", () => {
    const connection = open()
    run(connection, "CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT)")
    expect(run(connection, "INSERT INTO t (b) VALUES ('x'), ('y')").rowCount).toBe(2)
    expect(run(connection, "UPDATE t SET b = 'z' RETURNING a").cells).toEqual([1, 2])
    expect(run(connection, "DELETE FROM t WHERE a > 5").rowCount).toBe(0)
  })

  it("gives integers as numbers where those are exact and as bigints where they are not", () => {
    const connection = open()
    const sql = "SELECT 9007199254740991 AS a, 9007199254740993 AS b, -9223372036854775808 AS c, 1e300 AS d, 1 AS e"
    const expected = [9007199254740991, 9007199254740993n, -9223372036854775808n, 1e300, 1]
    expect(run(connection, sql).cells).toEqual(expected)
    expect(run(connection, sql).cells).toEqual(expected)
  })

  it("gives the exact integers that a change returns, having run it once", () => {
    const connection = open()
    run(connection, "CREATE TABLE t (a INTEGER PRIMARY KEY, b INTEGER)")
    const insert = "INSERT INTO t (b) VALUES (9007199254740993) RETURNING a, b"
    expect(run(connection, insert).cells).toEqual([1, 9007199254740993n])
    expect(run(connection, "SELECT count(*) FROM t").cells).toEqual([1])
  })

  it("gives all integers as bigints when asked, and numbers again when not", () => {
    const connection = open()
    const sql = "SELECT 1 AS a, 1.5 AS b, '1' AS c"
    expect(run(connection, sql, [], true).cells).toEqual([1n, 1.5, "1"])
    expect(run(connection, sql).cells).toEqual([1, 1.5, "1"])
  })

  it("gives blobs as plain bytes", () => {
    const [bytes] = run(open(), "SELECT x'00ff'").cells
    expect(bytes).toEqual(new Uint8Array([0, 255]))
    expect(Object.getPrototypeOf(bytes)).toBe(Uint8Array.prototype)
  })

  it("binds a whole number as SQL's integer", () => {
    expect(run(open(), "SELECT typeof(?), typeof(?), ? / 2, ? || ''", [5, 5.5, 5, 5]).cells).toEqual([
      "integer",
      "real",
      2,
      "5",
    ])
  })

  it("names the columns of * anew when the table has changed", () => {
    const connection = open()
    run(connection, "CREATE TABLE t (a INTEGER)")
    expect(run(connection, "SELECT * FROM t").columns).toEqual(["a"])
    run(connection, "ALTER TABLE t ADD COLUMN b INTEGER")
    run(connection, "ALTER TABLE t RENAME COLUMN a TO c")
    expect(run(connection, "SELECT * FROM t").columns).toEqual(["c", "b"])
  })

  it("forgets the least recently used statement when its cache is full, and all when it has none", () => {
    for (const statementCacheSize of [0, 1, 2]) {
      const connection = open(":memory:", { statementCacheSize })
      const answers = [1, 2, 3, 1, 2, 3, 3].map((n) => run(connection, `SELECT ${n}`).cells[0])
      expect(answers).toEqual([1, 2, 3, 1, 2, 3, 3])
    }
  })

  it("runs the prelude first, in order, and says which of it failed", () => {
    const connection = open()
    const result = connection.execute("SELECT 1", [], ["BEGIN", "SAVEPOINT a"], false)
    expect(result.inTransaction).toBe(true)
    expect(() => connection.execute("CREATE TABLE t (a)", [], ["SAVEPOINT b", "BEGIN"], false)).toThrowError(
      expect.objectContaining({ completedPrelude: 1, inTransaction: true }),
    )
    expect(run(connection, "SELECT count(*) FROM sqlite_schema").cells).toEqual([0])
  })

  it("runs a batch in order and gives all of its rows", () => {
    const connection = open()
    run(connection, "CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT)")
    const sets = [["x"], ["y"], ["z"]]
    const result = connection.executeMany("INSERT INTO t (b) VALUES (?) RETURNING a, b", sets, [], false)
    expect(result).toMatchObject({ cells: [1, "x", 2, "y", 3, "z"], rowCount: 3, inTransaction: false })
    const update = connection.executeMany("UPDATE t SET b = ?", [["p"], ["q"]], [], false)
    expect(update).toMatchObject({ columns: [], cells: [], rowCount: 6 })
  })

  it("undoes a whole batch that fails, where no transaction was open", () => {
    const connection = open()
    run(connection, "CREATE TABLE t (a INTEGER PRIMARY KEY)")
    expect(() => connection.executeMany("INSERT INTO t VALUES (?)", [[1], [2], [1], [4]], [], false)).toThrowError(
      expect.objectContaining({ parameterSet: 3, parameterSetCount: 4, inTransaction: false }),
    )
    expect(run(connection, "SELECT count(*) FROM t").cells).toEqual([0])
  })

  it("leaves a transaction open when a batch within it fails", () => {
    const connection = open()
    run(connection, "CREATE TABLE t (a INTEGER PRIMARY KEY)")
    expect(() => connection.executeMany("INSERT INTO t VALUES (?)", [[1], [1]], ["BEGIN"], false)).toThrowError(
      expect.objectContaining({ completedPrelude: 1, inTransaction: true }),
    )
    expect(connection.rollback()).toEqual({ inTransaction: false })
  })

  it("commits and rolls back, and does nothing where no transaction is open", () => {
    const connection = open()
    expect(connection.commit()).toEqual({ inTransaction: false })
    expect(connection.rollback()).toEqual({ inTransaction: false })
    connection.execute("CREATE TABLE t (a)", [], ["BEGIN"], false)
    connection.rollback()
    connection.execute("CREATE TABLE t (a)", [], ["BEGIN"], false)
    connection.commit()
    expect(run(connection, "SELECT count(*) FROM t").cells).toEqual([0])
  })

  it("keeps a transaction whose commit was refused open", () => {
    const connection = open()
    run(connection, "CREATE TABLE p (a INTEGER PRIMARY KEY)")
    run(connection, "CREATE TABLE c (a INTEGER REFERENCES p DEFERRABLE INITIALLY DEFERRED)")
    connection.execute("INSERT INTO c VALUES (1)", [], ["BEGIN"], false)
    expect(() => connection.commit()).toThrowError(expect.objectContaining({ inTransaction: true }))
    expect(connection.rollback()).toEqual({ inTransaction: false })
  })

  it("runs nothing behind a reset that failed, until a rollback has succeeded", () => {
    const connection = open()
    const database = databaseOnThisThread(opened) as unknown as {
      function: (name: string, body: () => unknown) => void
    }
    // In the middle of a statement nothing can be rolled back.
    database.function("reset", () => {
      try {
        connection.resetAhead()
        return "done"
      } catch (error) {
        return String(error)
      }
    })
    run(connection, "CREATE TABLE t (a)")
    connection.execute("INSERT INTO t VALUES (1)", [], ["BEGIN"], false)
    expect(run(connection, "SELECT reset()").cells).toEqual([expect.stringContaining("busy")])
    expect(() => run(connection, "INSERT INTO t VALUES (2)")).toThrowError(
      expect.objectContaining({
        message: expect.stringContaining("busy"),
        completedPrelude: 0,
        inTransaction: true,
      }),
    )
    connection.rollback()
    expect(run(connection, "SELECT a FROM t").cells).toEqual([])
  })

  describe("cursor", () => {
    const counting =
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 10) SELECT i, 'r' || i FROM n"

    it("gives rows in batches and none at the end", () => {
      const connection = open()
      const { id, columns } = connection.openCursor(counting, [], [], false)
      expect(columns).toHaveLength(2)
      expect(connection.fetch(id, 4)).toEqual([1, "r1", 2, "r2", 3, "r3", 4, "r4"])
      expect(connection.fetch(id, 100)).toHaveLength(12)
      expect(connection.fetch(id, 100)).toEqual([])
      connection.closeCursor(id)
      connection.closeCursor(id)
      expect(() => connection.fetch(id, 1)).toThrow("the cursor is closed")
    })

    it("lets its own table be changed while it is read, by the same statement text as well", () => {
      const connection = open()
      run(connection, "CREATE TABLE t (a INTEGER PRIMARY KEY, b INTEGER)")
      connection.executeMany("INSERT INTO t VALUES (?, 0)", [[1], [2], [3]], [], false)
      const select = "SELECT a FROM t ORDER BY a"
      const { id } = connection.openCursor(select, [], ["BEGIN"], false)
      for (const expected of [1, 2, 3]) {
        expect(connection.fetch(id, 1)).toEqual([expected])
        expect(run(connection, "UPDATE t SET b = b + 1 WHERE a = ?", [expected]).rowCount).toBe(1)
        expect(run(connection, select).rowCount).toBe(3)
      }
      connection.commit()
      expect(connection.fetch(id, 1)).toEqual([])
      expect(run(connection, "SELECT sum(b) FROM t").cells).toEqual([3])
    })

    it("ends with a rollback", () => {
      const connection = open()
      const { id } = connection.openCursor(counting, [], ["BEGIN"], false)
      connection.fetch(id, 1)
      connection.rollback()
      expect(() => connection.fetch(id, 1)).toThrow("the cursor is closed")
    })

    it("runs a change to its end at once, so that it holds no lock", () => {
      const connection = open()
      run(connection, "CREATE TABLE t (a INTEGER PRIMARY KEY)")
      const { id } = connection.openCursor("INSERT INTO t VALUES (1), (2) RETURNING a", [], [], false)
      expect(run(connection, "SELECT count(*) FROM t").cells).toEqual([2])
      expect(connection.fetch(id, 5)).toEqual([1, 2])
      const update = connection.openCursor("UPDATE t SET a = a + 5", [], [], false)
      expect(update.columns).toEqual([])
      expect(connection.fetch(update.id, 5)).toEqual([])
    })

    it("gives exact integers", () => {
      const connection = open()
      const { id } = connection.openCursor("SELECT 1, 9007199254740993", [], [], false)
      expect(connection.fetch(id, 1)).toEqual([1, 9007199254740993n])
      const all = connection.openCursor("SELECT 1, 2.5", [], [], true)
      expect(connection.fetch(all.id, 1)).toEqual([1n, 2.5])
    })
  })

  it("knows one location for a file, however it is spelled, and none for memory", () => {
    const path = join(folder, "where.db")
    const direct = open(path)
    const around = open(join(folder, ".", "..", folder.split(/[\\/]/).at(-1) ?? "", "where.db"))
    expect(around.location()).toBe(direct.location())
    expect(open().location()).toBeUndefined()
    direct.close()
    around.close()
  })

  it("gives up its transaction and its cursors when it closes", () => {
    const path = join(folder, "close.db")
    const connection = open(path)
    run(connection, "CREATE TABLE t (a INTEGER)")
    connection.execute("INSERT INTO t VALUES (1)", [], ["BEGIN IMMEDIATE"], false)
    connection.openCursor("SELECT * FROM t", [], [], false)
    connection.close()
    const other = open(path)
    expect(run(other, "SELECT count(*) FROM t").cells).toEqual([0])
    run(other, "INSERT INTO t VALUES (2)")
    other.close()
  })

  it("can be found on its thread while it is open", () => {
    const connection = open()
    expect(databaseOnThisThread(opened)?.inTransaction).toBe(false)
    connection.close()
    expect(databaseOnThisThread(opened)).toBeUndefined()
  })
})
