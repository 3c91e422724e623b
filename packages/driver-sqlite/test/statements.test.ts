import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest"
import { batch, begin, beginWrite, type Conn, call, connect, failureOf, fetch, text } from "./connections.ts"

const counting = (to: number): string =>
  `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${to}) SELECT i, 'row ' || i AS t FROM n`

describe.each(["worker", "inline"] as const)("statements of a connection in the placement %s", (placement) => {
  let conn: Conn
  let tables = 0
  /** A table of the test's own. */
  const table = async (columns: string): Promise<string> => {
    const name = `t${++tables}`
    await conn.run(`CREATE TABLE ${name} (${columns})`)
    return name
  }
  beforeAll(async () => {
    conn = await connect(":memory:", placement)
  })
  afterEach(() => conn.reset())
  afterAll(() => conn.close())

  it("give their rows, and the same array of names each time", async () => {
    const t = await table("a, b")
    const select = `SELECT * FROM ${t}`
    const empty = await conn.run(select)
    expect(empty).toEqual({ columns: ["a", "b"], cells: [], rowCount: 0 })
    expect(await conn.run(`INSERT INTO ${t} VALUES (?, ?), (?, ?)`, [1, "x", 2.5, null])).toEqual({
      columns: [],
      cells: [],
      rowCount: 2,
    })
    const full = await conn.run(select)
    expect(full).toEqual({ columns: ["a", "b"], cells: [1, "x", 2.5, null], rowCount: 2 })
    expect(full.columns).toBe(empty.columns)
    await conn.run(`ALTER TABLE ${t} ADD COLUMN c DEFAULT 3`)
    expect(await conn.run(select)).toEqual({ columns: ["a", "b", "c"], cells: [1, "x", 3, 2.5, null, 3], rowCount: 2 })
  })

  it("give values as they were bound", async () => {
    const values = [1, 1.5, "text", "", null, new Uint8Array([0, 255]), 2n ** 60n, -0, Number.POSITIVE_INFINITY]
    const { cells } = await conn.run(`SELECT ${values.map(() => "?").join(", ")}`, values)
    expect(cells).toEqual(values)
    expect(await conn.execute(call("SELECT 1 AS a, 'x' AS b", { bigints: true }))).toMatchObject({ cells: [1n, "x"] })
  })

  it("name a parameter that cannot be bound", async () => {
    expect(await failureOf(conn.run("SELECT ?, ?", [1, () => 1]))).toMatchObject({
      kind: "InterfaceError",
      message: expect.stringContaining("Parameter 2 "),
    })
    expect(conn.driver.transaction).toBe("none")
    expect(await failureOf(conn.run("SELECT ?, ?", [1, new Map()]))).toMatchObject({
      kind: "InterfaceError",
      message: expect.stringContaining("Parameter 2 is of type Map"),
    })
  })

  it("give large results whole", async () => {
    const rows = 50_000
    const { cells, rowCount, columns } = await conn.run(counting(rows))
    expect(rowCount).toBe(rows)
    expect(columns).toEqual(["i", "t"])
    expect(cells).toHaveLength(2 * rows)
    expect(cells.every((cell, at) => cell === (at % 2 === 0 ? at / 2 + 1 : `row ${(at + 1) / 2}`))).toBe(true)
    const texts = await conn.run("SELECT ? UNION ALL SELECT ? UNION ALL SELECT ?", [
      "a".repeat(300_000),
      "b".repeat(300_000),
      new Uint8Array(300_000),
    ])
    expect(texts.cells).toHaveLength(3)
    expect(texts.cells.map((cell) => (cell as string | Uint8Array).length)).toEqual([300_000, 300_000, 300_000])
  })

  it("can fail with their state told", async () => {
    const t = await table("a INTEGER PRIMARY KEY")
    await conn.execute(call(`INSERT INTO ${t} VALUES (1)`, beginWrite))
    expect(conn.driver.transaction).toBe("open")
    expect(await failureOf(conn.run(`INSERT INTO ${t} VALUES (1)`))).toMatchObject({
      kind: "IntegrityError",
      code: "SQLITE_CONSTRAINT_PRIMARYKEY",
    })
    expect(conn.driver.transaction).toBe("open")
    expect(await failureOf(conn.run(`INSERT OR ROLLBACK INTO ${t} VALUES (1)`))).toMatchObject({
      kind: "IntegrityError",
    })
    expect(conn.driver.transaction).toBe("none")
    await conn.rollback()
    await conn.commit()
    expect(await conn.cells(`SELECT * FROM ${t}`)).toEqual([])
  })

  it("say how much of the prelude had run when something failed", async () => {
    const prelude = ["BEGIN", "SAVEPOINT a", "nonsense", "SAVEPOINT b"]
    expect(await failureOf(conn.execute(call("SELECT 1", { prelude })))).toMatchObject({ completedPrelude: 2 })
    expect(conn.driver.transaction).toBe("open")
    await conn.reset()
    expect(conn.driver.transaction).toBe("none")
  })

  it("open a transaction and end it", async () => {
    await conn.execute(call("SELECT 1", begin))
    expect(conn.driver.transaction).toBe("open")
    await conn.commit()
    expect(conn.driver.transaction).toBe("none")
    await conn.execute(text("BEGIN"))
    expect(conn.driver.transaction).toBe("open")
    await conn.execute(text("SAVEPOINT a"))
    await conn.execute(text("ROLLBACK"))
    expect(conn.driver.transaction).toBe("none")
  })

  it("run once for each set of a batch, all or none", async () => {
    const t = await table("a INTEGER PRIMARY KEY, b")
    const insert = `INSERT INTO ${t} (b) VALUES (?) RETURNING a, b`
    expect(await conn.executeMany(batch(insert, [["x"], ["y"]]))).toEqual({
      columns: ["a", "b"],
      cells: [1, "x", 2, "y"],
      rowCount: 2,
    })
    expect(conn.driver.transaction).toBe("none")
    const bad = batch(`INSERT INTO ${t} VALUES (?, ?)`, [
      [3, 1],
      [4, 1],
      [1, 1],
    ])
    expect(await failureOf(conn.executeMany(bad))).toMatchObject({
      kind: "IntegrityError",
      message: expect.stringContaining("parameter set 3 of 3"),
    })
    expect(conn.driver.transaction).toBe("none")
    expect(await conn.cells(`SELECT count(*) FROM ${t}`)).toEqual([2])
    await conn.execute(call(`UPDATE ${t} SET b = 'z' WHERE a = 1`, beginWrite))
    expect(await failureOf(conn.executeMany(bad))).toMatchObject({ kind: "IntegrityError" })
    expect(conn.driver.transaction).toBe("open")
    await conn.commit()
    expect(await conn.cells(`SELECT a, b FROM ${t} ORDER BY a`)).toEqual([1, "z", 2, "y"])
  })

  describe("in a unit", () => {
    it("are a transaction of their own", async () => {
      const t = await table("a INTEGER PRIMARY KEY, b")
      const results = await conn.executeUnit({
        begin: "BEGIN IMMEDIATE",
        calls: [
          { ...call(`INSERT INTO ${t} (b) VALUES (?) RETURNING a`, { parameters: ["x"] }), expectedRowCount: 1 },
          { ...batch(`INSERT INTO ${t} (b) VALUES (?)`, [["y"], ["z"]]), expectedRowCount: 2 },
          call(counting(20_000)),
          call(`SELECT count(*) AS n FROM ${t}`),
        ],
      })
      expect(results[0]).toEqual({ columns: ["a"], cells: [1], rowCount: 1 })
      expect(results[1]).toEqual({ columns: [], cells: [], rowCount: 2 })
      expect(results[2]).toMatchObject({ rowCount: 20_000 })
      expect(results[2]?.cells.at(-1)).toBe("row 20000")
      expect(results[3]).toEqual({ columns: ["n"], cells: [3], rowCount: 1 })
      expect(conn.driver.transaction).toBe("none")
      expect(await conn.cells(`SELECT count(*) FROM ${t}`)).toEqual([3])
    })

    it("are all undone when one fails, which is named", async () => {
      const t = await table("a INTEGER PRIMARY KEY")
      const insert = (a: number) => call(`INSERT INTO ${t} VALUES (?)`, { parameters: [a] })
      const unit = { begin: "BEGIN IMMEDIATE", calls: [insert(1), insert(2), insert(1), insert(3)] }
      expect(await failureOf(conn.executeUnit(unit))).toMatchObject({
        kind: "IntegrityError",
        failedCall: 2,
        rowCount: undefined,
      })
      expect(conn.driver.transaction).toBe("none")
      expect(await conn.cells(`SELECT * FROM ${t}`)).toEqual([])
      expect(
        await failureOf(conn.executeUnit({ begin: "BEGIN IMMEDIATE", calls: [insert(1), call("nonsense")] })),
      ).toMatchObject({ kind: "ProgrammingError", failedCall: 1 })
      expect(await conn.cells(`SELECT * FROM ${t}`)).toEqual([])
    })

    it("are all undone when one changes another number of rows than expected", async () => {
      const t = await table("a INTEGER PRIMARY KEY")
      await conn.executeMany(batch(`INSERT INTO ${t} VALUES (?)`, [[1], [2]]))
      const unit = {
        begin: "BEGIN IMMEDIATE",
        calls: [
          { ...call(`DELETE FROM ${t} WHERE a = 1`), expectedRowCount: 1 },
          { ...call(`DELETE FROM ${t} WHERE a > 1`), expectedRowCount: 2 },
        ],
      }
      expect(await failureOf(conn.executeUnit(unit))).toMatchObject({
        code: "OFFLOOP_ROW_COUNT",
        failedCall: 1,
        rowCount: 1,
        isRetryable: false,
      })
      expect(await conn.cells(`SELECT count(*) FROM ${t}`)).toEqual([2])
    })

    it("are all undone when they cannot begin or commit", async () => {
      const p = await table("a INTEGER PRIMARY KEY")
      const c = await table(`a REFERENCES ${p} DEFERRABLE INITIALLY DEFERRED`)
      const insert = call(`INSERT INTO ${c} VALUES (1)`)
      expect(await failureOf(conn.executeUnit({ begin: "BEGIN IMMEDIATE", calls: [insert] }))).toMatchObject({
        kind: "IntegrityError",
        failedCall: undefined,
      })
      expect(conn.driver.transaction).toBe("none")
      expect(await failureOf(conn.executeUnit({ begin: "nonsense", calls: [insert] }))).toMatchObject({
        kind: "ProgrammingError",
        failedCall: undefined,
      })
      expect(await conn.cells(`SELECT * FROM ${c}`)).toEqual([])
    })
  })

  describe("with a cursor", () => {
    it("give their rows in batches, large ones too", async () => {
      const cursor = await conn.openCursor(call(counting(40_000), begin))
      expect(cursor.columns).toEqual(["i", "t"])
      expect(await fetch(cursor, 2)).toEqual([1, "row 1", 2, "row 2"])
      const many = await fetch(cursor, 30_000)
      expect(many).toHaveLength(60_000)
      expect(many.at(-1)).toBe("row 30002")
      expect(await fetch(cursor, 30_000)).toHaveLength(2 * 9_998)
      expect(await fetch(cursor, 30_000)).toEqual([])
      expect(conn.driver.sessionChanged).toBe(true)
      await new Promise((resolve) => cursor.close(resolve))
      await new Promise((resolve) => cursor.close(resolve))
      expect(conn.driver.sessionChanged).toBe(false)
      await conn.commit()
    })

    it("are no longer known when a rollback has ended them", async () => {
      const cursor = await conn.openCursor(call("SELECT 1 UNION ALL SELECT 2", begin))
      expect(await fetch(cursor, 1)).toEqual([1])
      await conn.rollback()
      expect(conn.driver.sessionChanged).toBe(false)
      const error = await failureOf(fetch(cursor, 1))
      expect(error.kind).toBe("ProgrammingError")
      expect(error.message).toContain("the cursor is closed")
      await new Promise((resolve) => cursor.close(resolve))
    })

    it("tell what failed", async () => {
      expect(await failureOf(conn.openCursor(call("SELECT nope")))).toMatchObject({ kind: "ProgrammingError" })
      expect(conn.driver.sessionChanged).toBe(false)
    })
  })
})
