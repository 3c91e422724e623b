import { join } from "node:path"
import {
  type DriverError,
  type DriverResult,
  type DriverUnit,
  type Outcome,
  withdrawn,
} from "@offloop/orm-async/driver"
import fc from "fast-check"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { beginWrite, type Conn, call, connect, failureOf, text } from "./connections.ts"
import { temporaryFolder } from "./temporary-folder.ts"

const folder = temporaryFolder()
const path = join(folder, "group.db")

type Settled<A = DriverResult> = Outcome<A, unknown>

const settled = <A>(promise: Promise<A>): Promise<Settled<A>> =>
  promise.then(
    (value) => ({ ok: true as const, value }),
    (error: unknown) => ({ ok: false as const, error }),
  )

/** Says how a call ended, without what differs between errors of the same cause. */
const summary = (outcome: Settled<unknown>): unknown => {
  if (outcome.ok) return outcome.value
  const { kind, code, constraint, failedCall, rowCount } = outcome.error as DriverError
  return { kind, code, constraint, failedCall, rowCount }
}

type Statement = readonly [sql: string, ...parameters: ReadonlyArray<unknown>]

const isUnit = (member: Statement | ReadonlyArray<Statement>): member is ReadonlyArray<Statement> =>
  typeof member[0] !== "string"

/** Statements that are one transaction. */
const unit = (statements: ReadonlyArray<Statement>, expectedRowCount?: number): DriverUnit => ({
  begin: "BEGIN IMMEDIATE",
  calls: statements.map(([sql, ...parameters]) => ({ ...call(sql, { parameters }), expectedRowCount })),
})

describe("changes that are a transaction each, many at once", () => {
  let conn: Conn
  let other: Conn
  beforeAll(async () => {
    conn = await connect(path, "worker")
    other = await connect(path, "worker")
    await conn.run("CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT CHECK (b <> 'bad'))")
    await conn.run("CREATE TABLE p (a INTEGER PRIMARY KEY)")
    await conn.run("CREATE TABLE c (a INTEGER REFERENCES p DEFERRABLE INITIALLY DEFERRED)")
  })
  afterAll(async () => {
    await conn.close()
    await other.close()
  })

  /** Runs all at once; the first is on its way when the others come, which are written together. */
  const together = (
    ...statements: ReadonlyArray<readonly [sql: string, ...parameters: ReadonlyArray<unknown>]>
  ): Promise<ReadonlyArray<Settled>> =>
    Promise.all(statements.map(([sql, ...parameters]) => settled(conn.execute(call(sql, { parameters })))))

  it("are written in one transaction", async () => {
    await conn.run("DELETE FROM t")
    const commits: Array<number> = []
    // One that commits by itself, and then all others with one COMMIT: nobody sees a part of them.
    const writing = together(...Array.from({ length: 50 }, (_, n) => ["INSERT INTO t VALUES (?, ?)", n, "x"] as const))
    for (let isDone = false; !isDone; ) {
      const [count] = await other.cells("SELECT count(*) FROM t")
      commits.push(Number(count))
      isDone = count === 50
    }
    expect((await writing).every(({ ok }) => ok)).toBe(true)
    expect(commits.filter((count) => ![0, 1, 50].includes(count))).toEqual([])
  })

  it("fail alone, with an error of their own", async () => {
    await conn.run("DELETE FROM t")
    const outcomes = await together(
      ["INSERT INTO t VALUES (1, 'a')"],
      ["INSERT INTO t VALUES (2, 'b')"],
      ["INSERT INTO t VALUES (1, 'c')"],
      ["INSERT INTO t VALUES (3, 'bad')"],
      ["INSERT INTO t VALUES (?, 'd')", Number.NaN],
      ["INSERT INTO t VALUES (4, 'x'), (5, 'bad')"],
      ["UPDATE t SET b = b || '!' RETURNING a, b"],
      ["DELETE FROM t WHERE a = 1"],
    )
    expect(outcomes.map(summary)).toEqual([
      { columns: [], cells: [], rowCount: 1 },
      { columns: [], cells: [], rowCount: 1 },
      { kind: "IntegrityError", code: "SQLITE_CONSTRAINT_PRIMARYKEY", constraint: "t.a" },
      { kind: "IntegrityError", code: "SQLITE_CONSTRAINT_CHECK", constraint: "b <> 'bad'" },
      { kind: "DataError", code: undefined, constraint: undefined },
      { kind: "IntegrityError", code: "SQLITE_CONSTRAINT_CHECK", constraint: "b <> 'bad'" },
      { columns: ["a", "b"], cells: [1, "a!", 2, "b!"], rowCount: 2 },
      { columns: [], cells: [], rowCount: 1 },
    ])
    expect(await other.cells("SELECT a, b FROM t")).toEqual([2, "b!"])
    expect(conn.driver.transaction).toBe("none")
  })

  it("are not taken along by one that rolls everything back", async () => {
    await conn.run("DELETE FROM t")
    const outcomes = await together(
      ["INSERT INTO t VALUES (1, 'a')"],
      ["INSERT INTO t VALUES (2, 'b')"],
      ["INSERT OR ROLLBACK INTO t VALUES (1, 'c')"],
      ["INSERT INTO t VALUES (3, 'd')"],
    )
    expect(outcomes.map(({ ok }) => ok)).toEqual([true, true, false, true])
    expect(await other.cells("SELECT a FROM t")).toEqual([1, 2, 3])
  })

  it("are not taken along by one whose foreign key is missing at the end", async () => {
    const outcomes = await together(
      ["INSERT INTO p VALUES (1)"],
      ["INSERT INTO c VALUES (1)"],
      ["INSERT INTO c VALUES (2)"],
      ["INSERT INTO p VALUES (3)"],
    )
    expect(outcomes.map(summary)).toMatchObject([
      { rowCount: 1 },
      { rowCount: 1 },
      { code: "SQLITE_CONSTRAINT_FOREIGNKEY" },
      { rowCount: 1 },
    ])
    expect(await other.cells("SELECT a FROM c")).toEqual([1])
    expect(await other.cells("SELECT a FROM p")).toEqual([1, 3])
  })

  it("may be no statements, or none that a transaction can hold", async () => {
    await conn.run("DELETE FROM t")
    const outcomes = await together(
      ["INSERT INTO t VALUES (1, 'a')"],
      ["INSERT INTO t VALUES (2, 'b')"],
      ["nonsense"],
      ["VACUUM"],
      ["CREATE TABLE made (a)"],
      ["INSERT INTO made VALUES (1)"],
      ["DROP TABLE made"],
      ["INSERT INTO t VALUES (3, 'c')"],
    )
    expect(outcomes.map(({ ok }) => ok)).toEqual([true, true, false, true, true, true, true, true])
    expect(await other.cells("SELECT a FROM t")).toEqual([1, 2, 3])
  })

  it("may have values that cannot be sent, or are large", async () => {
    await conn.run("DELETE FROM t")
    const long = "x".repeat(200_000)
    const outcomes = await together(
      ["INSERT INTO t VALUES (1, 'a')"],
      ["INSERT INTO t VALUES (2, ?)", () => 1],
      ["INSERT INTO t VALUES (3, ?) RETURNING b", long],
      ["INSERT INTO t VALUES (4, ?) RETURNING b || b || b || b || b || b || b || b", "y".repeat(30_000)],
      ["INSERT INTO t VALUES (5, 'e') RETURNING a"],
    )
    expect(outcomes.map(({ ok }) => ok)).toEqual([true, false, true, true, true])
    const cells = outcomes.map((outcome) => (outcome.ok ? outcome.value.cells[0] : undefined))
    expect([cells[2], String(cells[3]).length, cells[4]]).toEqual([long, 240_000, 5])
    expect(await other.cells("SELECT a FROM t")).toEqual([1, 3, 4, 5])
  })

  it("wait for the lock together, and in their turn", async () => {
    await conn.run("DELETE FROM t")
    await other.execute(call("INSERT INTO t VALUES (1, 'a')", beginWrite))
    const order: Array<unknown> = []
    const writing = [2, 3, 4].map((a) => conn.run("INSERT INTO t VALUES (?, 'x')", [a]).then(() => order.push(a)))
    order.push("commits")
    await other.commit()
    const later = other.run("INSERT INTO t VALUES (9, 'x')").then(() => order.push(9))
    await Promise.all([...writing, later])
    expect(order).toEqual(["commits", 2, 3, 4, 9])
  })

  it("do not keep others from writing", async () => {
    await conn.run("DELETE FROM t")
    let a = 0
    let isStopped = false
    const write = async (): Promise<void> => {
      while (!isStopped) await conn.run("INSERT INTO t VALUES (?, 'x')", [++a])
    }
    const writers = [write(), write(), write()]
    // A waiting connection gets its turn, although the one that writes always has something to write.
    for (let n = 1; n <= 3; n++) await other.run("INSERT INTO t VALUES (?, 'other')", [-n])
    isStopped = true
    await Promise.all(writers)
    expect(await other.cells("SELECT count(*) FROM t WHERE a < 0")).toEqual([3])
  })

  it("are withdrawn while they wait", async () => {
    await conn.run("DELETE FROM t")
    await other.execute(call("INSERT INTO t VALUES (1, 'a')", beginWrite))
    const writing = [2, 3].map((a) => settled(conn.run("INSERT INTO t VALUES (?, 'x')", [a])))
    conn.driver.withdraw?.()
    expect(await Promise.all(writing)).toEqual(writing.map(() => ({ ok: false, error: withdrawn })))
    await other.commit()
    await other.run("INSERT INTO t VALUES (5, 'x')")
    expect(await conn.cells("SELECT a FROM t")).toEqual([1, 5])
  })

  it("give up on waiting after busy_timeout, each after its own", async () => {
    const hasty = await connect(path, "worker", { busy_timeout: 20 })
    await other.execute(call("DELETE FROM t", beginWrite))
    const failures = await Promise.all([2, 3].map((a) => failureOf(hasty.run("INSERT INTO t VALUES (?, 'x')", [a]))))
    for (const error of failures) expect(error).toMatchObject({ code: "SQLITE_BUSY", isRetryable: true })
    await other.commit()
    await hasty.run("INSERT INTO t VALUES (6, 'x')")
    await hasty.close()
  })

  it("are not written into a transaction that the program began itself", async () => {
    await conn.run("DELETE FROM t")
    const began = conn.execute(text("BEGIN IMMEDIATE"))
    const outcomes = await Promise.all([
      settled(conn.run("INSERT INTO t VALUES (1, 'x')")),
      settled(conn.run("INSERT INTO t VALUES (2, 'x')")),
    ])
    await began
    const written = outcomes.filter(({ ok }) => ok).length
    for (const outcome of outcomes) if (!outcome.ok) expect(outcome.error).toBe(withdrawn)
    await conn.reset()
    expect(await conn.cells("SELECT count(*) FROM t")).toEqual([written])
  })

  it("end as they would one by one", async () => {
    const alone = await connect(":memory:", "inline")
    await alone.run("CREATE TABLE g (a INTEGER PRIMARY KEY, b INTEGER CHECK (b < 5))")
    await conn.run("CREATE TABLE g (a INTEGER PRIMARY KEY, b INTEGER CHECK (b < 5))")
    const change = fc.oneof(
      fc.tuple(
        fc.constantFrom(
          "INSERT INTO g VALUES (?, ?)",
          "INSERT OR ROLLBACK INTO g VALUES (?, ?)",
          "REPLACE INTO g VALUES (?, ?)",
        ),
        fc.integer({ min: 0, max: 5 }),
        fc.integer({ min: 0, max: 6 }),
      ),
      fc.tuple(
        fc.constantFrom("UPDATE g SET b = b + ? WHERE a >= ? RETURNING a, b", "DELETE FROM g WHERE b < ? AND a > ?"),
        fc.integer({ min: 0, max: 3 }),
        fc.integer({ min: 0, max: 5 }),
      ),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(change, { maxLength: 12 }), async (changes) => {
        await conn.run("DELETE FROM g")
        await alone.run("DELETE FROM g")
        const expected: Array<unknown> = []
        for (const [sql, ...parameters] of changes) {
          expected.push(summary(await settled(alone.execute(call(sql, { parameters })))))
        }
        expect((await together(...changes)).map(summary)).toEqual(expected)
        const rows = "SELECT a, b FROM g ORDER BY a"
        expect(await conn.cells(rows)).toEqual(await alone.cells(rows))
      }),
    )
    await alone.close()
  })

  it("may be units of several statements, which end as they would one by one", async () => {
    const alone = await connect(":memory:", "inline")
    const tables = ["CREATE TABLE u (a INTEGER PRIMARY KEY, b INTEGER CHECK (b < 5), c REFERENCES u)"]
    for (const sql of tables) {
      await alone.run(sql)
      await conn.run(sql)
    }
    const statement: fc.Arbitrary<Statement> = fc.oneof(
      fc.tuple(
        fc.constantFrom(
          "INSERT INTO u VALUES (?, ?, ?)",
          "INSERT OR ROLLBACK INTO u VALUES (?, ?, ?)",
          "INSERT OR FAIL INTO u VALUES (?, ?, ?)",
          "REPLACE INTO u VALUES (?, ?, ?)",
        ),
        fc.integer({ min: 0, max: 8 }),
        fc.integer({ min: 0, max: 6 }),
        fc.option(fc.integer({ min: 0, max: 8 })),
      ),
      fc.tuple(
        fc.constantFrom("UPDATE u SET b = b + ? WHERE a >= ? RETURNING a, b", "DELETE FROM u WHERE b < ? AND a > ?"),
        fc.integer({ min: 0, max: 3 }),
        fc.integer({ min: 0, max: 5 }),
      ),
    )
    const query = fc.constant<Statement>(["SELECT count(*) FROM u"])
    // A query of its own does not wait for changes that were gathered.
    const member = fc.oneof(statement, fc.array(fc.oneof(statement, query), { minLength: 1, maxLength: 4 }))
    const expectedRowCount = fc.option(fc.constant(1), { nil: undefined })
    const run = (
      on: Conn,
      given: Statement | ReadonlyArray<Statement>,
      expected: number | undefined,
    ): Promise<Settled<unknown>> => {
      if (isUnit(given)) return settled(on.executeUnit(unit(given, expected)))
      const [sql, ...parameters] = given
      return settled(on.execute(call(sql, { parameters })))
    }
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(member, expectedRowCount), { maxLength: 10 }), async (members) => {
        await conn.run("DELETE FROM u")
        await alone.run("DELETE FROM u")
        const expected: Array<unknown> = []
        for (const [given, rowCount] of members) expected.push(summary(await run(alone, given, rowCount)))
        const outcomes = await Promise.all(members.map(([given, rowCount]) => run(conn, given, rowCount)))
        expect(outcomes.map(summary)).toEqual(expected)
        const rows = "SELECT a, b, c FROM u ORDER BY a"
        expect(await conn.cells(rows)).toEqual(await alone.cells(rows))
        expect(conn.driver.transaction).toBe("none")
      }),
      { numRuns: 200 },
    )
    await alone.close()
  })

  it("of units share a COMMIT, and nobody sees a part of one", async () => {
    await conn.run("DELETE FROM t")
    const seen: Array<number> = []
    const units = Array.from({ length: 40 }, (_, n) =>
      conn.executeUnit(
        unit([
          ["INSERT INTO t VALUES (?, 'x')", 2 * n],
          ["INSERT INTO t VALUES (?, 'y')", 2 * n + 1],
        ]),
      ),
    )
    for (let isDone = false; !isDone; ) {
      const [count] = await other.cells("SELECT count(*) FROM t")
      seen.push(Number(count))
      isDone = count === 80
    }
    await Promise.all(units)
    // The first commits by itself, and all others together.
    expect(seen.filter((count) => ![0, 2, 80].includes(count))).toEqual([])
  })
})
