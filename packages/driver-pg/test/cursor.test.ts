import { describe, expect, it } from "vitest"
import { connect, failureOf, makeTable, placements } from "./test-connection.ts"

const begin = { prelude: ["BEGIN"] }
const series = "SELECT i FROM generate_series(1, 10) AS i"
const openCursors = "SELECT count(*) FROM pg_cursors WHERE name LIKE 'offloop%'"

describe.each(placements)("cursors in the placement %s", (placement) => {
  it("give rows as they are fetched, several at once, beside other statements", async () => {
    const conn = await connect(placement)
    const first = await conn.openCursor(
      "/* a comment */ SELECT i, i * 2 AS twice FROM generate_series(1, $1) AS i",
      [5],
      begin,
    )
    const second = await conn.openCursor(series)
    expect(first.driver.columns).toEqual(["i", "twice"])
    expect(await first.fetch(2)).toEqual([1, 2, 2, 4])
    expect(await second.fetch(1)).toEqual([1])
    expect(await conn.value("SELECT 7")).toBe(7)
    expect(await first.fetch(2)).toEqual([3, 6, 4, 8])
    expect(await second.fetch(100)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10])
    expect(await second.fetch(100)).toEqual([])
    expect(await first.fetch(2)).toEqual([5, 10])
    expect(await first.fetch(2)).toEqual([])
    await first.close()
    await second.close()
    expect(await conn.value(openCursors)).toBe(0)
    await conn.commit()
  })

  it("give exactly the rows there are, whatever the sizes", async () => {
    const conn = await connect(placement)
    await conn.execute("SELECT 1", [], begin)
    for (const rows of [0, 1, 2, 3]) {
      for (const size of [1, 2, 3, 4]) {
        const cursor = await conn.openCursor(`SELECT i FROM generate_series(1, ${rows}) AS i`)
        const all: Array<unknown> = []
        for (let cells = await cursor.fetch(size); cells.length > 0; cells = await cursor.fetch(size)) {
          expect(cells.length).toBeLessThanOrEqual(size)
          all.push(...cells)
        }
        expect(all).toEqual([1, 2, 3].slice(0, rows))
        await cursor.close()
      }
    }
  })

  it("run changes too, also those that nothing is fetched from", async () => {
    const conn = await connect(placement)
    const table = await makeTable(conn, "a int")
    for (const prelude of [["BEGIN"], []]) {
      for (const isWrite of [true, undefined]) {
        const more = { prelude, isWrite }
        const returning = await conn.openCursor(
          `INSERT INTO ${table} SELECT generate_series(1, 3) RETURNING a`,
          [],
          more,
        )
        expect(await returning.fetch(2)).toEqual([1, 2])
        await returning.close()
        const silent = await conn.openCursor(`INSERT INTO ${table} VALUES (4)`, [], { isWrite })
        expect(silent.driver.columns).toEqual([])
        await silent.close()
        await conn.commit()
      }
    }
    expect(await conn.value(`SELECT count(*) FROM ${table}`)).toBe(16)
  })

  it("end with their transaction, which is told and not taken for the end of the result", async () => {
    const conn = await connect(placement)
    const cursor = await conn.openCursor(series, [], begin)
    expect(await cursor.fetch(2)).toEqual([1, 2])
    await conn.rollback()
    expect(await failureOf(cursor.fetch(1))).toMatchObject({ kind: "ProgrammingError", code: "34000" })
    await conn.execute("SELECT 1", [], begin)
    expect(await failureOf(cursor.fetch(1))).toMatchObject({ code: "34000" })
    await cursor.close()
    await cursor.close()
    expect(conn.transaction).toBe("open")
  })

  it("that a rollback to a savepoint has ended fail typed", async () => {
    const conn = await connect(placement)
    await conn.execute("SELECT 1", [], { prelude: ["BEGIN", "SAVEPOINT a"] })
    const cursor = await conn.openCursor(series)
    await conn.execute("ROLLBACK TO SAVEPOINT a")
    expect(await failureOf(cursor.fetch(1000))).toMatchObject({ code: "34000" })
    await conn.rollback()
    await cursor.close()
  })

  it("outlive statements outside of transactions, and end with a reset", async () => {
    const conn = await connect(placement)
    const cursor = await conn.openCursor(`WITH s AS (${series}) SELECT i FROM s WHERE i > $1`, [3])
    expect(conn.driver.sessionChanged).toBe(true)
    await conn.execute("SELECT 1")
    expect(await cursor.fetch(2)).toEqual([4, 5])
    const other = await conn.openCursor(series)
    await other.close()
    expect(await conn.value(openCursors)).toBe(1)
    await conn.reset()
    expect(conn.driver.sessionChanged).toBe(false)
    expect(await conn.value(openCursors)).toBe(0)
    expect(await failureOf(cursor.fetch(1))).toMatchObject({ code: "34000" })
    await cursor.close()
  })

  it("can be closed in a transaction that has failed", async () => {
    const conn = await connect(placement)
    const cursor = await conn.openCursor(series, [], begin)
    await failureOf(conn.execute("SELECT 1 / 0"))
    await failureOf(cursor.fetch(100))
    await cursor.close()
    await conn.rollback()
    expect(conn.transaction).toBe("none")
  })

  it("are made of what cannot have one, too", async () => {
    const conn = await connect(placement)
    for (const more of [{ isWrite: undefined }, begin]) {
      const cursor = await conn.openCursor("SHOW search_path", [], more)
      expect(cursor.driver.columns).toEqual(["search_path"])
      expect(await cursor.fetch(5)).toHaveLength(1)
      expect(await cursor.fetch(5)).toEqual([])
      await cursor.close()
    }
  })

  it("that cannot be opened say why", async () => {
    const conn = await connect(placement)
    for (const more of [{}, { isWrite: true }, { isWrite: undefined }]) {
      expect(await failureOf(conn.openCursor("SELECT nonsense FROM", [], more))).toMatchObject({ code: "42601" })
      expect(await failureOf(conn.openCursor("SELECT * FROM no_such_table", [], more))).toMatchObject({ code: "42P01" })
      expect(await failureOf(conn.openCursor("SELECT 1 / 0", [], more))).toMatchObject({ code: "22012" })
    }
    const error = await failureOf(conn.openCursor("nonsense", [], begin))
    expect(error).toMatchObject({ code: "42601", completedPrelude: 1 })
    expect(conn.transaction).toBe("failed")
  })
})
