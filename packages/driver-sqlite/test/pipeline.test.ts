import { join } from "node:path"
import { type DriverResult, type Outcome, withdrawn } from "@offloop/orm-async/driver"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { begin, beginWrite, type Conn, call, connect, ended, failureOf, text } from "./connections.ts"
import { temporaryFolder } from "./temporary-folder.ts"

const folder = temporaryFolder()
let made = 0
const freshPath = (): string => join(folder, `${++made}.db`)

/** Takes a while, and cannot be stopped. */
const slow = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000) SELECT count(*) FROM n"

type Settled = Outcome<DriverResult, unknown>

const settled = (promise: Promise<DriverResult>): Promise<Settled> =>
  promise.then(
    (value) => ({ ok: true as const, value }),
    (error: unknown) => ({ ok: false as const, error }),
  )

describe("calls of a connection in a worker", () => {
  const using = async (
    body: (conn: Conn, path: string) => Promise<void>,
    options: Readonly<Record<string, unknown>> = {},
  ): Promise<void> => {
    const path = freshPath()
    const conn = await connect(path, "worker", options)
    await conn.run("CREATE TABLE t (a INTEGER)")
    await body(conn, path)
    await conn.close()
  }

  it("may be many at once; queries and changes are each answered in order", () =>
    using(async (conn) => {
      const order: Array<number> = []
      const depth = conn.driver.pipelineDepth
      expect(depth).toBeGreaterThan(1)
      const isChange = (n: number): boolean => n % 3 === 0
      const answers = await Promise.all(
        Array.from({ length: depth }, async (_, n) => {
          const result = await conn.run(isChange(n) ? "INSERT INTO t VALUES (?)" : "SELECT ?", [n])
          order.push(n)
          return result
        }),
      )
      const numbers = order.toSorted((left, right) => left - right)
      expect(order.filter(isChange)).toEqual(numbers.filter(isChange))
      expect(order.filter((n) => !isChange(n))).toEqual(numbers.filter((n) => !isChange(n)))
      expect(answers.map(({ cells }) => cells[0])).toEqual(numbers.map((n) => (isChange(n) ? undefined : n)))
      expect(await conn.cells("SELECT a FROM t")).toEqual(numbers.filter(isChange))
    }))

  it("use the same numbers for statements on both sides, however few are kept", async () => {
    const conns = await Promise.all(
      [0, 1, 2, 3].map((size) => connect(":memory:", "worker", { statement_cache_size: size })),
    )
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...conns),
        fc.array(
          fc.oneof(
            fc.record({ kind: fc.constant("execute" as const), n: fc.integer({ min: 1, max: 6 }), own: fc.boolean() }),
            fc.record({
              kind: fc.constant("unit" as const),
              ns: fc.array(fc.integer({ min: 1, max: 6 }), { maxLength: 5 }),
            }),
            fc.record({ kind: fc.constant("bad" as const), n: fc.integer({ min: 1, max: 6 }) }),
            fc.record({ kind: fc.constant("cursor" as const), n: fc.integer({ min: 1, max: 6 }) }),
          ),
          { maxLength: 25 },
        ),
        async (conn, steps) => {
          const select = (n: number) => `SELECT ${n} AS c${n}, ? AS x`
          const expected = (n: number) => ({ columns: [`c${n}`, "x"], cells: [n, "v"], rowCount: 1 })
          const parameters = ["v"]
          await Promise.all(
            steps.map(async (step) => {
              if (step.kind === "execute") {
                const make = step.own ? text : call
                expect(await conn.execute(make(select(step.n), { parameters }))).toEqual(expected(step.n))
              } else if (step.kind === "bad") {
                await failureOf(conn.execute(call(select(step.n), { parameters: [() => 1] })))
              } else if (step.kind === "unit") {
                const calls = step.ns.map((n) => call(select(n), { parameters }))
                expect(await conn.executeUnit({ begin: "BEGIN", calls })).toEqual(step.ns.map(expected))
              } else {
                const cursor = await conn.openCursor(call(select(step.n), { parameters }))
                expect(await ended((done) => cursor.fetch(9, done))).toEqual([step.n, "v"])
                await ended((done) => cursor.close(done))
              }
            }),
          )
        },
      ),
    )
    for (const conn of conns) await conn.close()
  })

  it("each run once or are withdrawn, and never both", async () => {
    const conn = await connect(":memory:", "worker")
    await conn.run("CREATE TABLE t (a INTEGER)")
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ slow: fc.boolean(), turns: fc.integer({ min: 0, max: 3 }) }), {
          minLength: 1,
          maxLength: 12,
        }),
        fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 4 }),
        async (calls, withdrawals) => {
          await conn.run("DELETE FROM t")
          const answers: Array<Promise<Settled>> = []
          for (const [n, { slow: isSlow, turns }] of calls.entries()) {
            const source = isSlow
              ? "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000) SELECT count(*) * 0 FROM n)"
              : "0"
            answers.push(settled(conn.run(`INSERT INTO t VALUES (? + ${source})`, [n])))
            for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve))
            if (withdrawals.includes(n)) conn.driver.withdraw?.()
          }
          conn.driver.withdraw?.()
          const outcomes = await Promise.all(answers)
          const ran = outcomes.flatMap((outcome, n) => (outcome.ok ? [n] : []))
          for (const outcome of outcomes) if (!outcome.ok) expect(outcome.error).toBe(withdrawn)
          expect(await conn.cells("SELECT a FROM t ORDER BY rowid")).toEqual(ran)
        },
      ),
    )
    await conn.close()
  })

  it("are told once that they are withdrawn, those behind a slow one", () =>
    using(async (conn) => {
      const first = conn.run(slow)
      const told: Array<unknown> = []
      for (const n of [1, 2, 3]) {
        conn.driver.execute(call("INSERT INTO t VALUES (?)", { parameters: [n] }), (outcome) => told.push([n, outcome]))
      }
      // The worker has begun the first one when it has answered what came before it.
      await new Promise((resolve) => setImmediate(resolve))
      conn.driver.withdraw?.()
      expect(told).toEqual([1, 2, 3].map((n) => [n, { ok: false, error: withdrawn }]))
      conn.driver.withdraw?.()
      await settled(first)
      expect(told).toHaveLength(3)
      expect(await conn.cells("SELECT * FROM t")).toEqual([])
    }))

  it("give the write lock up when they are withdrawn, and leave its queue", () =>
    using(async (first, path) => {
      const second = await connect(path, "worker")
      const third = await connect(path, "worker")
      await second.execute(call("INSERT INTO t VALUES (2)", beginWrite))
      const waiting = [settled(first.run("INSERT INTO t VALUES (1)")), settled(first.run("INSERT INTO t VALUES (1)"))]
      first.driver.withdraw?.()
      expect(await Promise.all(waiting)).toEqual(waiting.map(() => ({ ok: false, error: withdrawn })))
      await second.commit()
      await third.run("INSERT INTO t VALUES (3)")
      expect(await first.cells("SELECT a FROM t")).toEqual([2, 3])
      await second.close()
      await third.close()
    }))

  it("do not run in a transaction that one of them has begun", () =>
    using(async (conn) => {
      const answers = ["SELECT 1", "BEGIN", "INSERT INTO t VALUES (1)", "SELECT 2"].map((sql) =>
        settled(conn.execute(call(sql, { isWrite: false }))),
      )
      const outcomes = await Promise.all(answers)
      expect(outcomes.map(({ ok }) => ok)).toEqual([true, true, false, false])
      expect(outcomes[2]).toEqual({ ok: false, error: withdrawn })
      expect(conn.driver.transaction).toBe("open")
      await conn.rollback()
      expect(await conn.cells("SELECT * FROM t")).toEqual([])
    }))

  it("are not cancelled while it cannot be told which is meant", () =>
    using(async (conn) => {
      const answers = [conn.run(slow), conn.run("INSERT INTO t VALUES (1)")]
      conn.driver.cancel()
      await Promise.all(answers)
      expect(await conn.cells("SELECT * FROM t")).toEqual([1])
    }))

  it("end at once when they are cancelled before they have begun", () =>
    using(async (conn) => {
      // The reset runs while the statement is behind it; the cancel is not for the reset.
      const reset = ended<void>((done) => conn.driver.resetAhead?.(done))
      const behind = settled(conn.execute(call("INSERT INTO t VALUES (1)", beginWrite)))
      conn.driver.cancel()
      const outcome = await behind
      await reset
      const rows = await conn.cells("SELECT * FROM t")
      expect(outcome.ok ? rows : [outcome.error]).toEqual(
        outcome.ok ? [1] : [expect.objectContaining({ code: "OFFLOOP_CANCELLED" })],
      )
      await conn.reset()
    }))

  it("fail at once when the connection is terminated, and are not waited for", async () => {
    const conn = await connect(":memory:", "worker")
    const pending = [failureOf(conn.run(slow)), failureOf(conn.run("SELECT 1"))]
    conn.driver.terminate()
    for (const error of await Promise.all(pending)) expect(error).toMatchObject({ isDisconnect: true })
  })

  it("keep the lock of a terminated write until its transaction has ended", () =>
    using(async (_, path) => {
      const [first, second] = [await connect(path, "worker"), await connect(path, "worker")]
      const writing = failureOf(first.execute(call(`INSERT INTO t ${slow}`, beginWrite)))
      await new Promise((resolve) => setImmediate(resolve))
      first.driver.terminate()
      await writing
      await second.run("INSERT INTO t VALUES (2)")
      expect(await second.cells("SELECT a FROM t")).toEqual([2])
      await second.close()
    }))

  describe("behind a reset that is not waited for", () => {
    it("wait for the lock again, if the reset gives it up", () =>
      using(async (first, path) => {
        const second = await connect(path, "worker")
        await first.execute(call("INSERT INTO t VALUES (1)", beginWrite))
        const order: Array<number> = []
        const write = async (conn: Conn, value: number): Promise<void> => {
          await conn.execute(call(`INSERT INTO t VALUES (${value})`, beginWrite))
          order.push(value)
        }
        const waiting = write(second, 2).then(() => second.commit())
        const reset = ended<void>((done) => first.driver.resetAhead?.(done))
        await write(first, 3)
        await reset
        await waiting
        expect(order).toEqual([2, 3])
        await first.commit()
        expect(await second.cells("SELECT a FROM t")).toEqual([2, 3])
        await second.close()
      }))

    it("have the lock that the reset has not", () =>
      using(
        async (first, path) => {
          const second = await connect(path, "worker", { busy_timeout: 1 })
          await first.execute(call("SELECT a FROM t", begin))
          const reset = ended<void>((done) => first.driver.resetAhead?.(done))
          await first.execute(call("INSERT INTO t VALUES (1)", beginWrite))
          await reset
          expect(await failureOf(second.run("INSERT INTO t VALUES (2)"))).toMatchObject({
            message: expect.stringContaining("another connection of this program"),
          })
          await first.commit()
          await second.run("INSERT INTO t VALUES (2)")
          await second.close()
        },
        { busy_timeout: 1 },
      ))

    it("hear of the end of the connection once", async () => {
      const conn = await connect(":memory:", "worker")
      const outcomes: Array<unknown> = []
      conn.driver.resetAhead?.((outcome) => outcomes.push(outcome))
      const behind = failureOf(conn.run("SELECT 1"))
      conn.driver.terminate()
      expect(await behind).toMatchObject({ isDisconnect: true })
      await conn.close()
      expect(outcomes).toMatchObject([{ ok: false, error: { isDisconnect: true } }])
    })
  })
})
