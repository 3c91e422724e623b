import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { databaseLocation } from "../../src/internal/sqlite-config.ts"
import { temporaryFolder } from "../temporary-folder.ts"
import { DirectConnection } from "./direct-connection.ts"

const folder = temporaryFolder()

const open = (path = ":memory:", statementCacheSize = 16): DirectConnection =>
  new DirectConnection(path, { statementCacheSize })

describe("SqliteConnection", () => {
  it("gives rows as flat cells, with duplicate column names", () => {
    const conn = open()
    expect(conn.run("SELECT 1 AS a, 'x' AS a, NULL AS b UNION ALL SELECT 2, 'y', 2.5")).toEqual({
      columns: ["a", "a", "b"],
      cells: [1, "x", null, 2, "y", 2.5],
      rowCount: 2,
    })
    expect(conn.connection.inTransaction).toBe(false)
  })

  it("counts changed rows where none are returned, and returned rows where they are", () => {
    const conn = open()
    conn.run("CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT)")
    expect(conn.run("INSERT INTO t (b) VALUES ('x'), ('y')").rowCount).toBe(2)
    expect(conn.run("UPDATE t SET b = 'z' RETURNING a").cells).toEqual([1, 2])
    expect(conn.run("DELETE FROM t WHERE a > 5").rowCount).toBe(0)
  })

  it("gives integers as numbers where those are exact and as bigints where they are not", () => {
    const conn = open()
    const sql = "SELECT 9007199254740991 AS a, 9007199254740993 AS b, -9223372036854775808 AS c, 1e300 AS d, 1 AS e"
    const expected = [9007199254740991, 9007199254740993n, -9223372036854775808n, 1e300, 1]
    expect(conn.run(sql).cells).toEqual(expected)
    expect(conn.run(sql).cells).toEqual(expected)
    const rows = "SELECT 9007199254740993 AS a, x'01' AS b UNION ALL SELECT 1, x'02'"
    expect(conn.run(rows).cells).toEqual([9007199254740993n, new Uint8Array([1]), 1, new Uint8Array([2])])
  })

  it("gives the exact integers that a change returns, having run it once", () => {
    const conn = open()
    conn.run("CREATE TABLE t (a INTEGER PRIMARY KEY, b INTEGER)")
    const insert = "INSERT INTO t (b) VALUES (9007199254740993) RETURNING a, b"
    expect(conn.run(insert).cells).toEqual([1, 9007199254740993n])
    expect(conn.run("SELECT count(*) FROM t").cells).toEqual([1])
  })

  it("gives all integers as bigints when asked, and numbers again when not", () => {
    const conn = open()
    const sql = "SELECT 1 AS a, 1.5 AS b, '1' AS c"
    expect(conn.run(sql, [], [], true).cells).toEqual([1n, 1.5, "1"])
    expect(conn.run(sql).cells).toEqual([1, 1.5, "1"])
  })

  it("gives blobs as plain bytes", () => {
    const conn = open()
    for (const sql of ["SELECT x'00ff'", "SELECT x'00ff' UNION ALL SELECT x'00ff'"]) {
      for (const bytes of conn.run(sql).cells) {
        expect(bytes).toEqual(new Uint8Array([0, 255]))
        expect(Object.getPrototypeOf(bytes)).toBe(Uint8Array.prototype)
      }
    }
  })

  it("binds a whole number as SQL's integer", () => {
    expect(open().run("SELECT typeof(?), typeof(?), ? / 2, ? || ''", [5, 5.5, 5, 5]).cells).toEqual([
      "integer",
      "real",
      2,
      "5",
    ])
  })

  it("forgets statements when its cache is full, and all when it has none", () => {
    for (const statementCacheSize of [0, 1, 2]) {
      const conn = open(":memory:", statementCacheSize)
      const answers = [1, 2, 3, 1, 2, 3, 3].map((n) => conn.run(`SELECT ${n}`).cells[0])
      expect(answers).toEqual([1, 2, 3, 1, 2, 3, 3])
    }
  })

  it("runs the prelude first, in order, and says which of it failed", () => {
    const conn = open()
    conn.run("SELECT 1", [], ["BEGIN", "SAVEPOINT a"])
    expect(conn.connection.inTransaction).toBe(true)
    expect(() => conn.run("CREATE TABLE t (a)", [], ["SAVEPOINT b", "BEGIN"])).toThrowError(
      expect.objectContaining({ completedPrelude: 1, inTransaction: true }),
    )
    expect(conn.run("SELECT count(*) FROM sqlite_schema").cells).toEqual([0])
  })

  it("runs no prelude for what is no statement", () => {
    const conn = open()
    conn.run("CREATE TABLE t (a)", [], ["BEGIN"])
    conn.connection.rollback()
    expect(() => conn.run("nonsense", [], ["BEGIN"])).toThrowError(
      expect.objectContaining({ completedPrelude: 0, inTransaction: false }),
    )
  })

  it("runs a batch in order and gives all of its rows", () => {
    const conn = open()
    conn.run("CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT)")
    const result = conn.runMany("INSERT INTO t (b) VALUES (?) RETURNING a, b", [["x"], ["y"], ["z"]])
    expect(result).toMatchObject({ cells: [1, "x", 2, "y", 3, "z"], rowCount: 3 })
    expect(conn.connection.inTransaction).toBe(false)
    expect(conn.runMany("UPDATE t SET b = ?", [["p"], ["q"]])).toEqual({ columns: [], cells: [], rowCount: 6 })
    expect(conn.runMany("SELECT b FROM t WHERE a = ?", [[1], [9], [3]]).cells).toEqual(["q", "q"])
    expect(conn.runMany("SELECT b FROM t WHERE a = ?", []).cells).toEqual([])
  })

  it("undoes a whole batch that fails, where no transaction was open", () => {
    const conn = open()
    conn.run("CREATE TABLE t (a INTEGER PRIMARY KEY)")
    expect(() => conn.runMany("INSERT INTO t VALUES (?)", [[1], [2], [1], [4]])).toThrowError(
      expect.objectContaining({ parameterSet: 3, parameterSetCount: 4, inTransaction: false }),
    )
    expect(conn.run("SELECT count(*) FROM t").cells).toEqual([0])
  })

  it("undoes a whole batch that fails within a transaction, and nothing else of that", () => {
    const conn = open()
    conn.run("CREATE TABLE t (a INTEGER PRIMARY KEY)")
    conn.run("INSERT INTO t VALUES (7)", [], ["BEGIN"])
    expect(() => conn.runMany("INSERT INTO t VALUES (?)", [[1], [2], [1]], ["SAVEPOINT a"])).toThrowError(
      expect.objectContaining({ completedPrelude: 1, inTransaction: true }),
    )
    conn.connection.commit()
    expect(conn.run("SELECT a FROM t").cells).toEqual([7])
  })

  it("has nothing to undo where SQLite has ended the transaction by itself", () => {
    const conn = open()
    conn.run("CREATE TABLE t (a INTEGER PRIMARY KEY)")
    expect(() => conn.runMany("INSERT OR ROLLBACK INTO t VALUES (?)", [[1], [1]], ["BEGIN"])).toThrowError(
      expect.objectContaining({ code: "SQLITE_CONSTRAINT_PRIMARYKEY", inTransaction: false }),
    )
    conn.connection.commit()
    expect(conn.run("SELECT a FROM t").cells).toEqual([])
  })

  it("commits and rolls back, and does nothing where no transaction is open", () => {
    const conn = open()
    conn.connection.commit()
    conn.connection.rollback()
    conn.run("CREATE TABLE t (a)", [], ["BEGIN"])
    conn.connection.rollback()
    conn.run("CREATE TABLE t (a)", [], ["BEGIN"])
    conn.connection.commit()
    expect(conn.connection.inTransaction).toBe(false)
    expect(conn.run("SELECT count(*) FROM t").cells).toEqual([0])
  })

  it("keeps a transaction whose commit was refused open", () => {
    const conn = open()
    conn.run("CREATE TABLE p (a INTEGER PRIMARY KEY)")
    conn.run("CREATE TABLE c (a INTEGER REFERENCES p DEFERRABLE INITIALLY DEFERRED)")
    conn.run("INSERT INTO c VALUES (1)", [], ["BEGIN"])
    expect(() => conn.connection.commit()).toThrowError(expect.objectContaining({ inTransaction: true }))
    conn.connection.rollback()
    expect(conn.connection.inTransaction).toBe(false)
  })

  it("runs nothing behind a reset that failed, until a rollback has succeeded", () => {
    const conn = open()
    const database = conn.database as unknown as { function: (name: string, body: () => unknown) => void }
    // In the middle of a statement nothing can be rolled back.
    database.function("reset", () => {
      try {
        conn.connection.resetAhead()
        return "done"
      } catch (error) {
        return String(error)
      }
    })
    conn.run("CREATE TABLE t (a)")
    conn.run("INSERT INTO t VALUES (1)", [], ["BEGIN"])
    expect(conn.run("SELECT reset()").cells).toEqual([expect.stringContaining("busy")])
    const refused = expect.objectContaining({
      message: expect.stringContaining("busy"),
      completedPrelude: 0,
      inTransaction: true,
    })
    expect(() => conn.run("INSERT INTO t VALUES (2)")).toThrowError(refused)
    expect(() => conn.runText("PRAGMA cache_size = 7")).toThrowError(refused)
    conn.connection.rollback()
    expect(conn.run("SELECT a FROM t").cells).toEqual([])
    expect(conn.run("SELECT * FROM pragma_cache_size").cells).not.toEqual([7])
  })

  describe("names of columns", () => {
    it("are the same array for as long as they are the same", () => {
      const conn = open()
      conn.run("CREATE TABLE t (a INTEGER)")
      const { columns } = conn.run("SELECT * FROM t")
      conn.run("CREATE TABLE other (a INTEGER)")
      expect(conn.run("SELECT * FROM t").columns).toBe(columns)
      expect(conn.runText("SELECT * FROM t").columns).toBe(columns)
      conn.run("ALTER TABLE t RENAME COLUMN a TO b")
      conn.run("SELECT * FROM t")
      conn.run("ALTER TABLE t RENAME COLUMN b TO a")
      expect(conn.run("SELECT * FROM t").columns).toEqual(["a"])
    })

    it("are new when the table has changed, also for a route of the program's own", () => {
      const conn = open()
      conn.run("CREATE TABLE t (a INTEGER, b INTEGER)")
      conn.runMany("INSERT INTO t VALUES (?, ?)", [
        [1, 2],
        [3, 4],
      ])
      const sql = "SELECT /* route */ * FROM t"
      expect(conn.runText(sql)).toEqual({ columns: ["a", "b"], cells: [1, 2, 3, 4], rowCount: 2 })
      conn.runText("ALTER TABLE t ADD COLUMN c DEFAULT 5")
      expect(conn.runText(sql)).toEqual({ columns: ["a", "b", "c"], cells: [1, 2, 5, 3, 4, 5], rowCount: 2 })
      conn.runText("ALTER TABLE t RENAME COLUMN a TO d")
      expect(conn.run(sql).columns).toEqual(["d", "b", "c"])
    })

    it("go back with a transaction or a savepoint that changed them", () => {
      const conn = open()
      conn.run("CREATE TABLE t (a INTEGER)")
      const sql = "SELECT * FROM t"
      conn.run(sql)
      conn.run("ALTER TABLE t RENAME COLUMN a TO b", [], ["BEGIN"])
      expect(conn.run(sql).columns).toEqual(["b"])
      conn.run("ALTER TABLE t RENAME COLUMN b TO c", [], ["SAVEPOINT s"])
      expect(conn.run(sql).columns).toEqual(["c"])
      conn.run("ROLLBACK TO s")
      expect(conn.run(sql).columns).toEqual(["b"])
      conn.connection.rollback()
      expect(conn.run(sql).columns).toEqual(["a"])
    })

    it("are those of another connection's change, in text of the program's own", () => {
      const path = join(folder, "renamed.db")
      const [first, second] = [open(path), open(path)]
      first.run("CREATE TABLE t (a INTEGER)")
      const sql = "SELECT * FROM t"
      for (const [from, to] of ["ab", "bc", "cd"]) {
        expect(second.runText(sql).columns).toEqual([from])
        first.run(`ALTER TABLE t RENAME COLUMN ${from} TO ${to}`)
        expect(second.runText(sql).columns).toEqual([to])
        expect(second.runText(sql).columns).toEqual([to])
      }
      first.run("ALTER TABLE t ADD COLUMN z")
      first.run("INSERT INTO t VALUES (1, 2)")
      expect(second.run(sql)).toEqual({ columns: ["d", "z"], cells: [1, 2], rowCount: 1 })
      first.close()
      second.close()
    })
  })

  describe("cursor", () => {
    const counting =
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 10) SELECT i, 'r' || i FROM n"

    it("gives rows in batches and none at the end", () => {
      const conn = open()
      const { connection } = conn
      const { id, columns } = conn.openCursor(counting)
      expect(columns).toEqual(["i", "'r' || i"])
      expect(connection.openCursors).toBe(1)
      expect(connection.fetch(id, 4)).toEqual([1, "r1", 2, "r2", 3, "r3", 4, "r4"])
      expect(connection.fetch(id, 100)).toHaveLength(12)
      expect(connection.fetch(id, 100)).toEqual([])
      connection.closeCursor(id)
      connection.closeCursor(id)
      expect(connection.openCursors).toBe(0)
      expect(() => connection.fetch(id, 1)).toThrow("the cursor is closed")
    })

    it("uses a statement that is prepared, and leaves it as it was", () => {
      const conn = open()
      const sql = "SELECT 9007199254740991 AS a UNION ALL SELECT 2"
      expect(conn.run(sql).cells).toEqual([9007199254740991, 2])
      const statement = conn.statement(sql, false)
      const { id } = conn.openCursor(sql)
      expect(statement.pinned).toBe(true)
      const other = conn.openCursor(sql, [], true)
      expect(conn.connection.fetch(other.id, 2)).toEqual([9007199254740991n, 2n])
      expect(conn.run(sql).cells).toEqual([9007199254740991, 2])
      expect(conn.connection.fetch(id, 2)).toEqual([9007199254740991, 2])
      conn.connection.closeCursor(id)
      expect(statement.pinned).toBe(false)
      expect(conn.run(sql).cells).toEqual([9007199254740991, 2])
      expect(conn.openCursor(sql).columns).toBe(statement.columns)
    })

    it("is of no more use after its first step has failed", () => {
      const conn = open()
      const sql = "SELECT abs(-9223372036854775808)"
      expect(() => conn.openCursor(sql)).toThrow("integer overflow")
      expect(conn.statement(sql, false).pinned).toBe(false)
      expect(conn.connection.openCursors).toBe(0)
      expect(() => conn.run(sql)).toThrow("integer overflow")
    })

    it("names the columns as they are", () => {
      const conn = open()
      conn.run("CREATE TABLE t (a)")
      const first = conn.openCursor("SELECT * FROM t")
      expect(first.columns).toEqual(["a"])
      conn.connection.closeCursor(first.id)
      conn.run("ALTER TABLE t ADD COLUMN b")
      conn.run("INSERT INTO t VALUES (1, 2)")
      const { id, columns } = conn.openCursor("SELECT * FROM t")
      expect(columns).toEqual(["a", "b"])
      expect(conn.connection.fetch(id, 5)).toEqual([1, 2])
    })

    it("lets its own table be changed while it is read, by the same statement text as well", () => {
      const conn = open()
      conn.run("CREATE TABLE t (a INTEGER PRIMARY KEY, b INTEGER)")
      conn.runMany("INSERT INTO t VALUES (?, 0)", [[1], [2], [3]])
      const select = "SELECT a FROM t ORDER BY a"
      const { id } = conn.openCursor(select, ["BEGIN"])
      for (const expected of [1, 2, 3]) {
        expect(conn.connection.fetch(id, 1)).toEqual([expected])
        expect(conn.run("UPDATE t SET b = b + 1 WHERE a = ?", [expected]).rowCount).toBe(1)
        expect(conn.run(select).rowCount).toBe(3)
      }
      conn.connection.commit()
      expect(conn.connection.fetch(id, 1)).toEqual([])
      expect(conn.run("SELECT sum(b) FROM t").cells).toEqual([3])
    })

    it("ends with a rollback", () => {
      const conn = open()
      const { id } = conn.openCursor(counting, ["BEGIN"])
      conn.connection.fetch(id, 1)
      conn.connection.rollback()
      expect(() => conn.connection.fetch(id, 1)).toThrow("the cursor is closed")
    })

    it("runs a change to its end at once, so that it holds no lock", () => {
      const conn = open()
      conn.run("CREATE TABLE t (a INTEGER PRIMARY KEY)")
      const { id } = conn.openCursor("INSERT INTO t VALUES (1), (2) RETURNING a")
      expect(conn.run("SELECT count(*) FROM t").cells).toEqual([2])
      expect(conn.connection.fetch(id, 5)).toEqual([1, 2])
      const update = conn.openCursor("UPDATE t SET a = a + 5")
      expect(update.columns).toEqual([])
      expect(conn.connection.fetch(update.id, 5)).toEqual([])
    })
  })

  it("knows one location for a file, however it is spelled, and none for memory", () => {
    const path = join(folder, "where.db")
    const around = join(folder, ".", "..", folder.split(/[\\/]/).at(-1) ?? "", "where.db")
    const conn = open(path)
    expect(databaseLocation({ ...conn.connection.config, path: around })).toBe(databaseLocation(conn.connection.config))
    expect(databaseLocation(open().connection.config)).toBeUndefined()
    conn.close()
  })

  it("gives up its transaction and its cursors when it closes", () => {
    const path = join(folder, "close.db")
    const conn = open(path)
    conn.run("CREATE TABLE t (a INTEGER)")
    conn.run("INSERT INTO t VALUES (1)", [], ["BEGIN IMMEDIATE"])
    conn.openCursor("SELECT * FROM t")
    conn.close()
    const other = open(path)
    expect(other.run("SELECT count(*) FROM t").cells).toEqual([0])
    other.run("INSERT INTO t VALUES (2)")
    other.close()
  })

  it("knows nothing of a connection that was lent, and asks", () => {
    const conn = open()
    const { connection } = conn
    const database = connection.lend()
    expect(connection.sessionChanged).toBe(true)
    database.exec("BEGIN; PRAGMA foreign_keys = OFF")
    expect(connection.inTransaction).toBe(true)
    database.exec("COMMIT; PRAGMA query_only = ON")
    expect(connection.inTransaction).toBe(false)
    connection.reset()
    expect(connection.sessionChanged).toBe(false)
    conn.run("CREATE TABLE t (a)")
  })
})
