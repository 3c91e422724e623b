import type { DriverDone } from "@offloop/orm-async/driver"
import { describe, expect, it } from "vitest"
import { call, connect, failureOf, makeTable, placements, promised } from "./test-connection.ts"

describe.each(placements)("calls that are under way at once in the placement %s", (placement) => {
  it("are answered in order, each by itself", async () => {
    const conn = await connect(placement)
    const width = conn.driver.pipelineDepth
    expect(width).toBeGreaterThan(1)
    for (let round = 0; round < 5; round++) {
      const order: Array<number> = []
      const answers = await Promise.allSettled(
        Array.from({ length: width }, async (_, index) => {
          const answer = conn.value("SELECT 100 / $1::int + $2::int", [index % 5, index])
          await answer.then(
            () => order.push(index),
            () => order.push(index),
          )
          return answer
        }),
      )
      expect(order).toEqual(Array.from({ length: width }, (_, index) => index))
      for (const [index, answer] of answers.entries()) {
        if (index % 5 === 0) expect(answer).toMatchObject({ status: "rejected", reason: { code: "22012" } })
        else expect(answer).toEqual({ status: "fulfilled", value: Math.trunc(100 / (index % 5)) + index })
      }
      expect(conn.transaction).toBe("none")
    }
  })

  it("wait behind SQL of the program's own, which may begin a transaction", async () => {
    const conn = await connect(placement)
    const states: Array<string> = []
    const noted = (make: (done: DriverDone<unknown>) => void): Promise<unknown> =>
      promised((done) =>
        make((outcome) => {
          states.push(conn.transaction)
          done(outcome)
        }),
      )
    const { driver } = conn
    await Promise.all([
      noted((done) => driver.execute(call("SELECT 1"), done)),
      noted((done) => driver.execute(call("BEGIN", [], { isWrite: undefined }), done)),
      noted((done) => driver.execute(call("SELECT 2"), done)),
      noted((done) => driver.commit(done)),
    ])
    expect(states).toEqual(["none", "open", "open", "none"])
  })

  it("may be begun when an answer is told, however many follow one another", async () => {
    const conn = await connect(placement)
    let left = 2_000
    const ended = Promise.withResolvers<void>()
    const next = (): void => {
      if (left-- === 0) return ended.resolve()
      conn.driver.execute(call("SELECT $1::int", [left]), (outcome) => {
        if (outcome.ok && outcome.value.cells[0] === left) next()
        else ended.reject(outcome)
      })
    }
    next()
    await ended.promise
  })

  it("of several kinds keep their order", async () => {
    const conn = await connect(placement)
    const table = await makeTable(conn, "a int")
    const results = await Promise.all([
      conn.executeMany(`INSERT INTO ${table} VALUES ($1)`, [[1], [2]]),
      conn.value(`SELECT count(*) FROM ${table}`),
      conn.executeUnit([call(`INSERT INTO ${table} VALUES (3)`, [], { isWrite: true })]),
      conn.value(`SELECT count(*) FROM ${table}`),
      conn.ping(),
      failureOf(conn.executeUnit([call("SELECT 1 / 0")])),
      conn.value(`SELECT count(*) FROM ${table}`),
    ])
    expect([results[1], results[3], results[6]]).toEqual([2, 3, 3])
  })
})

describe.each(placements)("COPY in the placement %s", (placement) => {
  it("is refused typed, and the connection goes on", async () => {
    const conn = await connect(placement)
    const table = await makeTable(conn, "a int")
    await conn.execute(`INSERT INTO ${table} SELECT generate_series(1, 50000)`, [], { isWrite: true })
    for (const sql of [`COPY ${table} FROM STDIN`, `COPY ${table} TO STDOUT`]) {
      const behind = [conn.text(sql), conn.value("SELECT 1")]
      expect(await failureOf(behind[0] as Promise<unknown>)).toMatchObject({ kind: "NotSupportedError", code: "0A000" })
      expect(await behind[1]).toBe(1)
      const error = await failureOf(conn.execute(sql, [], { prelude: ["BEGIN"], isWrite: undefined }))
      expect(error.message).toContain("need a stream")
      await conn.rollback()
      expect(await failureOf(conn.openCursor(sql, [], { isWrite: undefined }))).toMatchObject({ code: "0A000" })
      expect(await conn.value(`SELECT count(*) FROM ${table}`)).toBe(50_000)
      expect(conn.transaction).toBe("none")
    }
  })
})
