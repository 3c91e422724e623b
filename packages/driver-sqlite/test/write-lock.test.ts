import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { batch, begin, beginWrite, type Conn, call, connect, failureOf, text } from "./connections.ts"
import { temporaryFolder } from "./temporary-folder.ts"

const folder = temporaryFolder()
let made = 0

describe.each(["worker", "inline"] as const)("the write lock in the placement %s", (placement) => {
  const withThree = async (
    body: (connections: readonly [Conn, Conn, Conn]) => Promise<void>,
    options: Readonly<Record<string, unknown>> = {},
  ): Promise<void> => {
    const path = join(folder, `${++made}.db`)
    const first = await connect(path, placement, options)
    await first.run("CREATE TABLE t (a)")
    const connections = [
      first,
      await connect(path, placement, options),
      await connect(path, placement, options),
    ] as const
    await body(connections)
    for (const conn of connections) await conn.close()
  }

  const insert = (a: number) => call(`INSERT INTO t VALUES (${a})`)

  it("has a writer wait until the one before it has committed", () =>
    withThree(async ([first, second]) => {
      await first.execute(call("INSERT INTO t VALUES (1)", beginWrite))
      const waiting = second.run("INSERT INTO t SELECT count(*) + 1 FROM t")
      await first.execute(insert(2))
      await first.commit()
      await waiting
      expect(await first.cells("SELECT a FROM t ORDER BY a")).toEqual([1, 2, 3])
    }))

  it("is had in the order in which it was asked for", () =>
    withThree(async ([first, second, third]) => {
      await first.execute(call("INSERT INTO t VALUES (1)", beginWrite))
      const order: Array<number> = []
      const writes = [
        second.execute(insert(2)).then(() => order.push(2)),
        third.executeMany(batch("INSERT INTO t VALUES (?)", [[3]])).then(() => order.push(3)),
      ]
      await first.rollback()
      // It comes last, although it had the lock.
      writes.push(first.executeUnit({ begin: "BEGIN IMMEDIATE", calls: [insert(4)] }).then(() => order.push(4)))
      await Promise.all(writes)
      expect(order).toEqual([2, 3, 4])
      expect(await first.cells("SELECT a FROM t ORDER BY rowid")).toEqual([2, 3, 4])
    }))

  it("lets readers through while a writer writes, whoever wrote the SQL", () =>
    withThree(async ([first, second]) => {
      await first.execute(call("INSERT INTO t VALUES (1)", beginWrite))
      expect((await second.execute(call("SELECT * FROM t", begin))).rowCount).toBe(0)
      expect((await second.execute(text("/* to read */ SELECT * FROM t"))).rowCount).toBe(0)
      await second.commit()
      expect((await second.execute(text("PRAGMA foreign_keys"))).cells).toEqual([1])
      await first.commit()
    }))

  it("has SQL of the program's own wait if it writes", () =>
    withThree(async ([first, second]) => {
      await first.execute(call("INSERT INTO t VALUES (1)", beginWrite))
      const order: Array<string> = []
      const waiting = [
        second.execute(text("/* to write */ INSERT INTO t VALUES (2) RETURNING a")).then(({ cells }) => {
          order.push(`wrote ${cells}`)
        }),
      ]
      await first.execute(insert(3))
      order.push("commits")
      await first.commit()
      await Promise.all(waiting)
      expect(order).toEqual(["commits", "wrote 2"])
    }))

  it("is kept by a transaction that the program began itself", () =>
    withThree(
      async ([first, second]) => {
        await first.execute(text("BEGIN IMMEDIATE"))
        expect(await failureOf(second.execute(insert(1)))).toMatchObject({
          message: expect.stringContaining("another connection of this program"),
        })
        await first.execute(text("COMMIT"))
        await second.execute(insert(1))
      },
      { busy_timeout: 5 },
    ))

  it("is taken by a transaction that began with a read when it first writes", () =>
    withThree(async ([first, second]) => {
      await first.execute(call("SELECT * FROM t", begin))
      await first.execute(insert(1))
      const waiting = second.execute(insert(2))
      await first.commit()
      await waiting
    }))

  it("does not save a transaction from writing on what is no longer the newest state", () =>
    withThree(async ([first, second, third]) => {
      await first.execute(call("SELECT * FROM t", begin))
      await second.execute(insert(1))
      const error = await failureOf(first.execute(insert(2)))
      expect(error).toMatchObject({ kind: "OperationalError", code: "SQLITE_BUSY_SNAPSHOT", isRetryable: true })
      // Its transaction is still open, yet it has written nothing: once it is rolled back others may write.
      await first.rollback()
      await third.execute(insert(3))
    }))

  it("is waited for until busy_timeout", () =>
    withThree(
      async ([first, second]) => {
        await first.execute(call("INSERT INTO t VALUES (1)", beginWrite))
        const error = await failureOf(second.execute(insert(2)))
        expect(error).toMatchObject({ kind: "OperationalError", code: "SQLITE_BUSY", isRetryable: true })
        expect(error.message).toContain("database is locked")
        await first.rollback()
        await second.execute(insert(2))
      },
      { busy_timeout: 20 },
    ))

  it("is waited for no longer when the call is cancelled", () =>
    withThree(async ([first, second, third]) => {
      await first.execute(call("INSERT INTO t VALUES (1)", beginWrite))
      const waiting = second.execute(call("INSERT INTO t VALUES (2)", beginWrite))
      second.driver.cancel()
      expect(await failureOf(waiting)).toMatchObject({ code: "OFFLOOP_CANCELLED", completedPrelude: 0 })
      expect(second.driver.transaction).toBe("none")
      await first.commit()
      await third.execute(insert(3))
      expect(await second.cells("SELECT a FROM t ORDER BY a")).toEqual([1, 3])
    }))

  it("is freed by a statement that fails, by the end of a connection, and by its sudden end", () =>
    withThree(async ([first, second, third]) => {
      await failureOf(first.run("INSERT INTO nope VALUES (1)"))
      await failureOf(first.run("INSERT INTO t VALUES (?)", [Number.NaN]))
      await failureOf(first.run("INSERT INTO t VALUES (?)", [() => 1]))
      await failureOf(first.execute(text("INSERT INTO t VALUES (?)", { parameters: [() => 1] })))
      await second.execute(call("INSERT INTO t VALUES (2)", beginWrite))
      await second.close()
      await first.execute(call("INSERT INTO t VALUES (3)", beginWrite))
      first.driver.terminate()
      await third.execute(insert(4))
      expect(await third.cells("SELECT a FROM t")).toEqual([4])
    }))

  it("is given up by a waiting connection that ends", () =>
    withThree(async ([first, second, third]) => {
      await first.execute(call("INSERT INTO t VALUES (1)", beginWrite))
      const waiting = failureOf(second.execute(insert(2)))
      second.driver.terminate()
      expect(await waiting).toMatchObject({ isDisconnect: true })
      await first.commit()
      await third.execute(insert(3))
    }))

  it("is not needed in memory", async () => {
    const [first, second] = [await connect(":memory:", placement), await connect(":memory:", placement)]
    await first.execute(call("CREATE TABLE t (a)", beginWrite))
    await second.execute(call("CREATE TABLE t (a)", beginWrite))
    await first.close()
    await second.close()
  })
})
