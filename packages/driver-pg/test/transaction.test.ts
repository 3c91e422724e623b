import { describe, expect, it, onTestFinished } from "vitest"
import { administer } from "./server.ts"
import { call, connect, failureOf, makeTable, placements, uniqueName } from "./test-connection.ts"

const begin = { prelude: ["BEGIN"] }
const write = { isWrite: true }

describe.each(placements)("transactions in the placement %s", (placement) => {
  it("are open, failed or none as the server says, whoever began or ended them", async () => {
    const conn = await connect(placement)
    expect(conn.transaction).toBe("none")
    await conn.text("/* not a word of it */ START TRANSACTION")
    expect(conn.transaction).toBe("open")
    await failureOf(conn.execute("SELECT 1 / 0"))
    expect(conn.transaction).toBe("failed")
    await conn.text("END")
    expect(conn.transaction).toBe("none")
    await conn.execute("SELECT 1", [], begin)
    await conn.text("COMMIT AND CHAIN")
    expect(conn.transaction).toBe("open")
    await conn.text("ROLLBACK")
    expect(conn.transaction).toBe("none")
    await conn.rollback()
    await conn.commit()
  })

  it("begin with their first statement, which does not run without them", async () => {
    const conn = await connect(placement)
    const table = await makeTable(conn, "a int")
    const insert = `INSERT INTO ${table} VALUES (1)`
    const prelude = ["BEGIN", "SAVEPOINT a", "nonsense", "SAVEPOINT b"]
    expect(await failureOf(conn.execute(insert, [], { prelude, ...write }))).toMatchObject({ completedPrelude: 2 })
    expect(conn.transaction).toBe("failed")
    await conn.rollback()
    const failed = await failureOf(conn.execute("nonsense", [], begin))
    expect(failed).toMatchObject({ completedPrelude: 1, kind: "ProgrammingError" })
    await conn.rollback()
    const refused = { prelude: ["BEGIN ISOLATION LEVEL nonsense"], ...write }
    expect(await failureOf(conn.execute(insert, [], refused))).toMatchObject({ completedPrelude: 0 })
    expect(conn.transaction).toBe("none")
    expect(await failureOf(conn.executeMany(insert, [[], []], refused.prelude))).toMatchObject({ completedPrelude: 0 })
    expect(await conn.value(`SELECT count(*) FROM ${table}`)).toBe(0)
    const result = await conn.execute(insert, [], { prelude: ["BEGIN", "SAVEPOINT a"], ...write })
    expect(result.rowCount).toBe(1)
    await conn.commit()
    expect(await conn.value(`SELECT count(*) FROM ${table}`)).toBe(1)
  })

  it("tell when a commit has turned into a rollback, or a deferred constraint refuses it", async () => {
    const conn = await connect(placement)
    await failureOf(conn.execute("SELECT 1 / 0", [], begin))
    expect(await failureOf(conn.commit())).toMatchObject({ kind: "InternalError", code: "25P02" })
    expect(conn.transaction).toBe("none")
    await conn.commit()
    const table = await makeTable(conn, "a int UNIQUE DEFERRABLE INITIALLY DEFERRED")
    await conn.executeMany(`INSERT INTO ${table} VALUES ($1)`, [[1], [1]], ["BEGIN"])
    expect(await failureOf(conn.commit())).toMatchObject({ kind: "IntegrityError", code: "23505" })
    expect(conn.transaction).toBe("none")
  })

  it("tell deadlocks and failed serialization, which may succeed when tried again", async () => {
    const [first, second] = [await connect(placement), await connect(placement)]
    const tableName = uniqueName()
    await first.execute(`CREATE TABLE ${tableName} AS SELECT generate_series(1, 2) AS a`, [], write)
    onTestFinished(() => administer(`DROP TABLE ${tableName}`))
    const lock = (conn: typeof first, row: number, more = {}) =>
      conn.execute(`SELECT a FROM ${tableName} WHERE a = ${row} FOR UPDATE`, [], more)
    await lock(first, 1, begin)
    await lock(second, 2, begin)
    const both = await Promise.allSettled([lock(first, 2), lock(second, 1)])
    const failed = both.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason] : []))
    expect(failed).toHaveLength(1)
    expect(failed[0]).toMatchObject({ kind: "OperationalError", code: "40P01", isRetryable: true })
    await first.rollback()
    await second.rollback()

    await first.execute(`SELECT * FROM ${tableName}`, [], { prelude: ["BEGIN ISOLATION LEVEL REPEATABLE READ"] })
    await second.execute(`UPDATE ${tableName} SET a = a + 1`, [], write)
    const error = await failureOf(first.execute(`UPDATE ${tableName} SET a = a + 1`, [], write))
    expect(error).toMatchObject({ kind: "OperationalError", code: "40001", isRetryable: true })
    await first.rollback()
  })

  describe("of batches", () => {
    const sets = (count: number) => Array.from({ length: count }, (_, index) => [index, `name ${index}`])

    it.each([1, 3, 7, 8, 50])("run all of %i sets or none, and give their rows in order", async (count) => {
      const conn = await connect(placement, { connectArgs: { max_pipeline: 7 } })
      const table = await makeTable(conn, "a int PRIMARY KEY, b text")
      const insert = `INSERT INTO ${table} VALUES ($1, $2) RETURNING a * 10 AS ten, b`
      for (const prelude of [[], ["BEGIN"], ["BEGIN", "SAVEPOINT s"]]) {
        const result = await conn.executeMany(insert, sets(count), prelude)
        expect(result.columns).toEqual(["ten", "b"])
        expect(result.cells).toEqual(sets(count).flatMap(([a, b]) => [Number(a) * 10, b]))
        expect(result.rowCount).toBe(count)
        expect(conn.transaction).toBe(prelude.length === 0 ? "none" : "open")
        await conn.commit()

        const failing = [...sets(count + 1).slice(count), ...sets(count)]
        const error = await failureOf(conn.executeMany(insert, failing, prelude))
        expect(error).toMatchObject({ kind: "IntegrityError", completedPrelude: prelude.length })
        expect(error.message).toContain(`parameter set 2 of ${count + 1}`)
        expect(conn.transaction).toBe(prelude.length === 0 ? "none" : "failed")
        await conn.rollback()
        expect(await conn.value(`SELECT count(*) FROM ${table}`)).toBe(count)
        await conn.execute(`DELETE FROM ${table}`, [], write)
      }
    })

    it("that fail late take back what came before, and stop what was to follow", async () => {
      const conn = await connect(placement, { connectArgs: { max_pipeline: 5 } })
      const table = await makeTable(conn, "a int CHECK (a <> 23)")
      const error = await failureOf(
        conn.executeMany(
          `INSERT INTO ${table} VALUES ($1)`,
          sets(60).map(([a]) => [a]),
        ),
      )
      expect(error).toMatchObject({ kind: "IntegrityError", code: "23514" })
      expect(error.message).toContain("parameter set 24 of 60")
      expect(conn.transaction).toBe("none")
      expect(await conn.value(`SELECT count(*) FROM ${table}`)).toBe(0)
    })

    it("take sets whose values are of different types, or NULL", async () => {
      const conn = await connect(placement)
      const values = [[null], [true], ["false"], [null], [false]]
      for (let round = 0; round < 3; round++) {
        const result = await conn.executeMany("SELECT $1::bool", values)
        expect(result.cells).toEqual([null, true, false, null, false])
      }
      expect(await conn.executeMany("SELECT $1::bool", [])).toMatchObject({ cells: [], rowCount: 0 })
    })
  })

  describe("of units", () => {
    it("run all their statements, and give each its result", async () => {
      const conn = await connect(placement)
      const table = await makeTable(conn, "a int PRIMARY KEY, b text")
      for (let round = 0; round < 3; round++) {
        const results = await conn.executeUnit([
          call(`INSERT INTO ${table} VALUES ($1, $2) RETURNING a, b`, [round, "x"], write),
          {
            sql: `INSERT INTO ${table} VALUES ($1, 'y') RETURNING a`,
            parameterSets: [[round + 10], [round + 20]],
            prelude: [],
            isWrite: true,
            bigints: false,
          },
          call(`UPDATE ${table} SET b = 'z' WHERE a < 0`, [], write),
          call(`SELECT count(*) AS n FROM ${table}`),
        ])
        expect(results).toEqual([
          { columns: ["a", "b"], cells: [round, "x"], rowCount: 1 },
          { columns: ["a"], cells: [round + 10, round + 20], rowCount: 2 },
          { columns: [], cells: [], rowCount: 0 },
          { columns: ["n"], cells: [3 * round + 3], rowCount: 1 },
        ])
        expect(conn.transaction).toBe("none")
      }
    })

    it("take everything back when one fails, and say which", async () => {
      const conn = await connect(placement)
      const table = await makeTable(conn, "a int PRIMARY KEY")
      const insert = (a: unknown) => call(`INSERT INTO ${table} VALUES ($1)`, [a], write)
      const count = () => conn.value(`SELECT count(*) FROM ${table}`)
      const failed = await failureOf(conn.executeUnit([insert(1), insert(2), insert(1), insert(3)]))
      expect(failed).toMatchObject({ kind: "IntegrityError", failedCall: 2 })
      expect([conn.transaction, await count()]).toEqual(["none", 0])

      const inBatch = await failureOf(
        conn.executeUnit([
          insert(1),
          { ...call(`INSERT INTO ${table} VALUES ($1)`, [], write), parameterSets: [[2], [2]] } as never,
        ]),
      )
      expect(inBatch.failedCall).toBe(1)

      const unbindable = await failureOf(conn.executeUnit([insert(1), insert(Number.NaN), insert({})]))
      expect(unbindable).toMatchObject({ kind: "InterfaceError", failedCall: 2 })

      const begin = await failureOf(conn.executeUnit([insert(1)], "BEGIN ISOLATION LEVEL nonsense"))
      expect(begin).toMatchObject({ kind: "ProgrammingError", failedCall: undefined })
      expect([conn.transaction, await count()]).toEqual(["none", 0])

      await conn.executeUnit([insert(1)])
      expect(await count()).toBe(1)
    })

    it("that COMMIT refuses have run not at all", async () => {
      const conn = await connect(placement)
      const table = await makeTable(conn, "a int UNIQUE DEFERRABLE INITIALLY DEFERRED")
      const insert = call(`INSERT INTO ${table} VALUES (1)`, [], write)
      const error = await failureOf(conn.executeUnit([insert, insert]))
      expect(error).toMatchObject({ kind: "IntegrityError", failedCall: undefined })
      expect([conn.transaction, await conn.value(`SELECT count(*) FROM ${table}`)]).toEqual(["none", 0])
    })

    it("fail when a row count is not the expected one", async () => {
      const conn = await connect(placement)
      const table = await makeTable(conn, "a int, version int")
      await conn.execute(`INSERT INTO ${table} VALUES (1, 1)`, [], write)
      const insert = call(`INSERT INTO ${table} VALUES (2, 1)`, [], write)
      const update = (version: number) => ({
        ...call(`UPDATE ${table} SET version = version + 1 WHERE a = 1 AND version = $1`, [version], write),
        expectedRowCount: 1,
      })
      const results = await conn.executeUnit([insert, update(1)])
      expect(results.map(({ rowCount }) => rowCount)).toEqual([1, 1])
      const error = await failureOf(conn.executeUnit([insert, update(1)]))
      expect(error).toMatchObject({ code: "OFFLOOP_ROW_COUNT", failedCall: 1, rowCount: 0, isDisconnect: false })
      expect(conn.transaction).toBe("none")
      const { cells } = await conn.execute(`SELECT a, version FROM ${table} ORDER BY a`)
      expect(cells).toEqual([1, 2, 2, 1])
    })

    it("of the program's own SQL may end the transaction or copy, and are told so", async () => {
      const conn = await connect(placement)
      const table = await makeTable(conn, "a int")
      const opaque = { isWrite: undefined }
      const insert = call(`INSERT INTO ${table} VALUES (1)`, [], write)
      const error = await failureOf(conn.executeUnit([insert, call(`COPY ${table} FROM STDIN`, [], opaque)]))
      expect(error).toMatchObject({ kind: "NotSupportedError", failedCall: 1 })
      expect([conn.transaction, await conn.value(`SELECT count(*) FROM ${table}`)]).toEqual(["none", 0])
    })
  })
})
