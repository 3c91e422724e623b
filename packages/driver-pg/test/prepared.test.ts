import { describe, expect, it, onTestFinished } from "vitest"
import { administer } from "./server.ts"
import { call, connect, failureOf, makeTable, placements, type TestConnection, uniqueName } from "./test-connection.ts"

const count = "SELECT count(*) FROM pg_prepared_statements"
const write = { isWrite: true }
const begin = { prelude: ["BEGIN"] }

/** Two schemas with a table of the same name and other columns, and a role that looks into the second. */
const makeSchemas = async (conn: TestConnection) => {
  const [one, two] = [uniqueName(), uniqueName()]
  await administer(
    `CREATE SCHEMA ${one}; CREATE TABLE ${one}.t AS SELECT 1 AS a;
     CREATE ROLE ${two}; CREATE SCHEMA ${two} AUTHORIZATION ${two}; CREATE TABLE ${two}.t AS SELECT 'x' AS b, 'y' AS c;
     GRANT ALL ON ${two}.t TO ${two}`,
  )
  onTestFinished(() => administer(`DROP SCHEMA ${one} CASCADE; DROP SCHEMA ${two} CASCADE; DROP ROLE ${two}`))
  await conn.text(`SET search_path = "$user", ${one}`)
  return { one, two }
}

describe.each(placements)("prepared statements in the placement %s", (placement) => {
  it.each([true, false])("give the same results where they are kept: %s", async (prepare) => {
    const conn = await connect(placement, { connectArgs: { prepare } })
    const sql = "SELECT $1::int AS a, $2::text AS b"
    for (const n of [1, 2, 3]) {
      expect(await conn.execute(sql, [n, "x"])).toMatchObject({ columns: ["a", "b"], cells: [n, "x"], rowCount: 1 })
    }
    expect(await conn.value(`${count} WHERE statement = '${sql}'`)).toBe(prepare ? 1 : 0)
    expect(await conn.value(count)).toBe(prepare ? 1 : 0)
  })

  it("name their columns by one array, as long as they are the same", async () => {
    const conn = await connect(placement)
    const table = await makeTable(conn, "a int, b text")
    const sql = `SELECT * FROM ${table}`
    const columns = async () => (await conn.execute(sql)).columns
    const first = await columns()
    for (let round = 0; round < 3; round++) expect(await columns()).toBe(first)
    await administer(`ALTER TABLE ${table} ADD COLUMN c int`)
    const changed = await columns()
    expect(changed).toEqual(["a", "b", "c"])
    expect(await columns()).toBe(changed)
  })

  it("are no more than they may be, and those that are used stay", async () => {
    const conn = await connect(placement, { connectArgs: { statement_cache_size: 5 } })
    const often = "SELECT $1::int + 1000"
    for (let n = 0; n < 40; n++) {
      expect(await conn.value(often, [1])).toBe(1001)
      for (let twice = 0; twice < 2; twice++) expect(await conn.value(`SELECT $1::int + ${n}`, [1])).toBe(1 + n)
    }
    expect(await conn.value(count)).toBeLessThanOrEqual(5)
    expect(await conn.value(`${count} WHERE statement = '${often}'`)).toBe(1)
  })

  it("are not made for what is used once", async () => {
    const conn = await connect(placement)
    for (let n = 0; n < 40; n++) await conn.value(`SELECT ${n}`)
    expect(await conn.value(count)).toBe(0)
  })

  it("do not pile up where each transaction has settings of its own", async () => {
    const conn = await connect(placement)
    const selects = ["SELECT 1 AS a", "SELECT 2 AS b"]
    for (let round = 0; round < 50; round++) {
      await conn.execute(`SET LOCAL work_mem = '${round + 1}MB'`, [], { ...begin, isWrite: undefined })
      for (const sql of selects) await conn.execute(sql)
      await conn.commit()
    }
    expect(await conn.value(`${count} WHERE statement LIKE 'SELECT _ AS _'`)).toBe(2)
    expect(await conn.value(count)).toBeLessThanOrEqual(5)
  })

  it("follow a table that is changed, and the change that is taken back", async () => {
    const conn = await connect(placement)
    const table = await makeTable(conn, "a int")
    await conn.execute(`INSERT INTO ${table} VALUES (1)`, [], write)
    const all = `SELECT * FROM ${table}`
    const cells = async () => (await conn.execute(all)).cells
    for (let round = 0; round < 3; round++) expect(await cells()).toEqual([1])
    await conn.execute(all, [], begin)
    await conn.text(`ALTER TABLE ${table} ADD COLUMN b int DEFAULT 2`)
    expect(await cells()).toEqual([1, 2])
    await conn.text("SAVEPOINT s")
    await conn.text(`ALTER TABLE ${table} ADD COLUMN c int DEFAULT 3`)
    expect(await cells()).toEqual([1, 2, 3])
    await conn.text("ROLLBACK TO SAVEPOINT s")
    expect(await cells()).toEqual([1, 2])
    await conn.rollback()
    await conn.execute("SELECT 1", [], begin)
    expect(await cells()).toEqual([1])
    await conn.text(`DO $$ BEGIN ALTER TABLE ${table} ADD COLUMN d int DEFAULT 4; END $$`)
    expect(await cells()).toEqual([1, 4])
    await conn.commit()
    expect(await cells()).toEqual([1, 4])
  })

  it("follow a table that another connection changes", async () => {
    const conn = await connect(placement)
    const table = await makeTable(conn, "a int")
    await conn.execute(`INSERT INTO ${table} VALUES (1)`, [], write)
    const all = `SELECT * FROM ${table}`
    const insert = `INSERT INTO ${table} (a) VALUES ($1) RETURNING *`
    for (let round = 0; round < 3; round++) {
      await conn.execute(all)
      await conn.executeMany(insert, [[7], [8]])
    }
    await conn.execute(`DELETE FROM ${table} WHERE a > 1`, [], write)
    const change = (column: string) => administer(`ALTER TABLE ${table} ADD COLUMN ${column} int DEFAULT 2`)
    await change("b")
    expect((await conn.execute(all)).cells).toEqual([1, 2])
    await change("c")
    // The transaction has done nothing yet, so that it can begin anew.
    expect((await conn.execute(all, [], begin)).cells).toEqual([1, 2, 2])
    await conn.commit()
    await change("d")
    expect((await conn.executeUnit([call(all), call(insert, [7], write)]))[0]?.cells).toEqual([1, 2, 2, 2])
    await change("e")
    expect((await conn.executeMany(insert, [[8], [9]])).cells).toEqual([8, 2, 2, 2, 2, 9, 2, 2, 2, 2])
    await change("f")
    const cursor = await conn.openCursor(all, [], begin)
    expect(await cursor.fetch(1)).toEqual([1, 2, 2, 2, 2, 2])
    await conn.rollback()
    expect(await conn.value(`SELECT count(*) FROM ${table}`)).toBe(4)
  })

  it("follow the search path and the role, and their return, within transactions too", async () => {
    const conn = await connect(placement)
    const { one, two } = await makeSchemas(conn)
    const all = "SELECT * FROM t"
    const cells = async () => (await conn.execute(all)).cells
    for (let round = 0; round < 3; round++) expect(await cells()).toEqual([1])

    await conn.execute("SELECT 1", [], begin)
    await conn.text(`SET LOCAL search_path = ${two}`)
    expect(await cells()).toEqual(["x", "y"])
    await conn.commit()
    await conn.execute("SELECT 1", [], begin)
    expect(await cells()).toEqual([1])
    await conn.text(`SELECT set_config('search_path', '${two}', true)`)
    expect(await cells()).toEqual(["x", "y"])
    await conn.rollback()

    await conn.execute("SELECT 1", [], begin)
    expect(await cells()).toEqual([1])
    await conn.text(`SET LOCAL ROLE ${two}`)
    expect(await cells()).toEqual(["x", "y"])
    await conn.text("SAVEPOINT s")
    await conn.text("RESET ROLE")
    expect(await cells()).toEqual([1])
    await conn.text("ROLLBACK TO SAVEPOINT s")
    expect(await cells()).toEqual(["x", "y"])
    await conn.commit()
    expect(await cells()).toEqual([1])
    await conn.text(`SET search_path = ${two}`)
    expect(await cells()).toEqual(["x", "y"])
    await conn.text(`SET search_path = ${one}`)
    expect(await cells()).toEqual([1])
  })

  it("survive what gives them up", async () => {
    const conn = await connect(placement)
    for (const end of ["DEALLOCATE ALL", "DISCARD ALL"]) {
      for (let round = 0; round < 3; round++) await conn.value("SELECT $1::int", [1])
      await conn.text(end)
      await conn.execute("SELECT 0", [], begin)
      expect(await conn.value("SELECT $1::int", [2])).toBe(2)
      await conn.commit()
    }
    for (let round = 0; round < 3; round++) await conn.value("SELECT $1::int", [1])
    await conn.text("DO $$ BEGIN EXECUTE 'DEALLOCATE ALL'; END $$")
    const answers = await Promise.all([1, 2, 3].map((n) => conn.value("SELECT $1::int", [n])))
    expect(answers).toEqual([1, 2, 3])
  })

  it("that fail are prepared all the same, or can be", async () => {
    const conn = await connect(placement)
    const sql = "SELECT 1 / $1::int"
    for (const divisor of [1, 0, 0, 1, 0, 1]) {
      if (divisor === 1) expect(await conn.value(sql, [1])).toBe(1)
      else expect(await failureOf(conn.execute(sql, [0]))).toMatchObject({ code: "22012" })
    }
    for (let round = 0; round < 3; round++) {
      expect(await failureOf(conn.execute("SELECT nonsense"))).toMatchObject({ code: "42703" })
    }
    await failureOf(conn.execute("SELECT 1 / 0", [], begin))
    for (let round = 0; round < 3; round++) {
      expect(await failureOf(conn.execute("SELECT 'new'"))).toMatchObject({ code: "25P02" })
    }
    await conn.rollback()
    for (let round = 0; round < 3; round++) expect(await conn.value("SELECT 'new'")).toBe("new")
  })
})
