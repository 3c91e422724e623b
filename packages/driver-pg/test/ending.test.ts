import { Readable, type Writable } from "node:stream"
import { pipeline } from "node:stream/promises"
import type { DriverNotice } from "@offloop/orm-async/driver"
import { describe, expect, it } from "vitest"
import { administer, startNetwork } from "./server.ts"
import {
  call,
  connect,
  failureOf,
  makeTable,
  open,
  placements,
  promised,
  type TestConnection,
  testUrl,
  until,
} from "./test-connection.ts"

const begin = { prelude: ["BEGIN"] }

describe.each(placements)("in the placement %s", (placement) => {
  describe("a call that is cancelled", () => {
    it("stops on the server, whatever it is", async () => {
      const [conn, watcher] = [await connect(placement), await connect(placement)]
      const pid = await conn.pid()
      const isActive = () => watcher.value("SELECT state = 'active' FROM pg_stat_activity WHERE pid = $1", [pid])
      const sleep = "SELECT pg_sleep($1::float8)"
      const calls = [
        () => conn.execute(sleep, [600]),
        () => conn.execute(sleep, [600], begin),
        () => conn.executeMany(sleep, [[0], [600], [600], [0]]),
        () => conn.executeUnit([call("SELECT 1"), call(sleep, [600])]),
        () => conn.openCursor(sleep, [600]),
        () => conn.openCursor(sleep, [600], begin),
      ]
      for (const make of calls) {
        const failed = failureOf(make())
        await until(isActive, true)
        conn.driver.cancel()
        expect(await failed).toMatchObject({ kind: "OperationalError", code: "57014", isDisconnect: false })
        await conn.rollback()
        expect(await isActive()).toBe(false)
        expect(await conn.value("SELECT 1")).toBe(1)
      }
    })

    it("never hits what follows", async () => {
      const conn = await connect(placement)
      for (let round = 0; round < 25; round++) {
        const counted = conn.execute("SELECT count(*) FROM generate_series(1, 20000)", [], begin).then(
          () => "answered",
          (error: { readonly code: string }) => error.code,
        )
        for (let turn = 0; turn < round; turn++) await new Promise(setImmediate)
        conn.driver.cancel()
        expect(["answered", "57014"]).toContain(await counted)
        await conn.rollback()
        expect(conn.transaction).toBe("none")
        expect(await conn.value("SELECT 1")).toBe(1)
      }
    })

    it("and waits in the driver ends at once", async () => {
      const conn = await connect(placement)
      const sleeping = failureOf(conn.text("SELECT pg_sleep(600)"))
      const waiting = failureOf(conn.execute("SELECT 1"))
      conn.driver.cancel()
      expect(await waiting).toMatchObject({ code: "57014" })
      expect(await sleeping).toMatchObject({ code: "57014" })
      conn.driver.cancel()
      expect(await conn.value("SELECT 1")).toBe(1)
    })
  })

  describe("a connection", () => {
    it("is lost for good when the server ends it, and knows why", async () => {
      const conn = await connect(placement)
      const pid = await conn.pid()
      const sleeping = failureOf(conn.execute("SELECT pg_sleep(600)"))
      await administer(`SELECT pg_terminate_backend(${pid}, 5000)`)
      expect(await sleeping).toMatchObject({ kind: "OperationalError", code: "57P01", isDisconnect: true })
      expect(conn.driver).toMatchObject({ isOpen: false, transaction: "unknown" })
      for (const make of [
        () => conn.execute("SELECT 1"),
        () => conn.ping(),
        () => conn.reset(),
        () => conn.rollback(),
      ]) {
        expect(await failureOf(make())).toMatchObject({ isDisconnect: true })
      }
    })

    it("that the server ends while nothing is under way is not open any more", async () => {
      const conn = await connect(placement)
      await administer(`SELECT pg_terminate_backend(${await conn.pid()}, 5000)`)
      const turn = () => new Promise((resolve) => setImmediate(() => resolve(conn.driver.isOpen)))
      await until(turn, false)
      expect(conn.transaction).toBe("unknown")
      expect(await failureOf(conn.execute("SELECT 1"))).toMatchObject({ isDisconnect: true })
    })

    it("that is lost fails everything that is under way", async () => {
      const conn = await connect(placement, { connectArgs: { max_pipeline: 2 } })
      const pid = await conn.pid()
      const sets = [[0.01], [600], [600], [600], [600], [600]]
      const calls = [
        conn.executeMany("SELECT pg_sleep($1::float8)", sets),
        conn.execute("SELECT 1"),
        conn.text("SELECT 2"),
        conn.execute("SELECT 3"),
        conn.commit(),
      ].map(failureOf)
      await administer(`SELECT pg_terminate_backend(${pid}, 5000)`)
      for (const failed of calls) expect(await failed).toMatchObject({ isDisconnect: true })
    })

    it("that is terminated fails everything at once, and the server ends its session", async () => {
      const [conn, watcher] = [await open(placement), await connect(placement)]
      const pid = await conn.pid()
      const sleeping = failureOf(conn.execute("SELECT pg_sleep(600)"))
      const told: Array<string> = []
      void sleeping.then(() => told.push("failed"))
      const isThere = () =>
        watcher.value("SELECT count(*) FROM pg_stat_activity WHERE pid = $1 AND state = 'active'", [pid])
      await until(isThere, 1)
      conn.driver.terminate()
      expect(conn.driver).toMatchObject({ isOpen: false, transaction: "unknown" })
      await Promise.resolve()
      expect(await sleeping).toMatchObject({ isDisconnect: true })
      await administer(`SELECT pg_cancel_backend(${pid})`)
      await until(() => watcher.value("SELECT count(*) FROM pg_stat_activity WHERE pid = $1", [pid]), 0)
      await conn.close()
    })

    it("that is closed lets the calls made so far end, and takes no other", async () => {
      const conn = await open(placement)
      const calls = [conn.execute("SELECT pg_sleep(0.05)"), conn.text("SET work_mem = '8MB'"), conn.resetAhead()]
      const closed = conn.close()
      expect(conn.driver.isOpen).toBe(false)
      expect(await failureOf(conn.execute("SELECT 1"))).toMatchObject({ isDisconnect: true })
      await Promise.all(calls)
      await closed
    })

    it("that is closed does not wait for ever for a call", async () => {
      const conn = await open(placement, { connectArgs: { close_timeout: 1 } })
      const sleeping = failureOf(conn.execute("SELECT pg_sleep(600)"))
      await conn.close()
      expect(await sleeping).toMatchObject({ isDisconnect: true })
    })

    it("that is closed is gone from the server", async () => {
      const [conn, watcher] = [await open(placement), await connect(placement)]
      const pid = await conn.pid()
      await conn.close()
      expect(conn.driver.isOpen).toBe(false)
      await until(() => watcher.value("SELECT count(*) FROM pg_stat_activity WHERE pid = $1", [pid]), 0)
      await conn.close()
      conn.driver.terminate()
    })

    it("tells what the server remarks, before the answer", async () => {
      const notices: Array<DriverNotice> = []
      const conn = await connect(placement, { onNotice: (notice) => notices.push(notice) })
      await conn.text("DO $$ BEGIN RAISE NOTICE 'one'; RAISE WARNING 'two'; END $$")
      expect(notices).toEqual([
        { severity: "NOTICE", message: "one", code: "00000" },
        { severity: "WARNING", message: "two", code: "01000" },
      ])
    })

    it("gives its library's connection where that is on this thread", async () => {
      const conn = await connect(placement)
      const { driverConnection } = conn.driver as {
        driverConnection: ((...parts: ReadonlyArray<unknown>) => unknown) | undefined
      }
      if (placement === "worker") return expect(driverConnection).toBeUndefined()
      const sql = driverConnection as unknown as (
        text: TemplateStringsArray,
        ...values: Array<unknown>
      ) => Promise<unknown>
      const answers = await Promise.all([conn.value("SELECT 1"), sql`SELECT ${2}::int AS two`, conn.value("SELECT 3")])
      expect(answers).toEqual([1, [{ two: 2 }], 3])
      expect(conn.driver.sessionChanged).toBe(true)
      await sql`BEGIN`
      expect(conn.transaction).toBe("open")
      await conn.reset()
      expect(conn.driver).toMatchObject({ transaction: "none", sessionChanged: false })
    })
  })

  it("the library's own connection copies, both ways, where it is on this thread", async () => {
    const conn = await connect(placement)
    if (placement === "worker") return expect(conn.driver.driverConnection).toBeUndefined()
    const table = await makeTable(conn, "a int, b text")
    const { unsafe } = conn.driver.driverConnection as {
      readonly unsafe: (sql: string) => { writable(): Promise<Writable>; readable(): Promise<Readable> }
    }
    const rows = 20_000
    const lines = Array.from({ length: rows }, (_, index) => `${index}\t${"x".repeat(100)}\n`)
    await pipeline(Readable.from(lines), await unsafe(`COPY ${table} FROM STDIN`).writable())
    expect(await conn.value(`SELECT count(*) FROM ${table}`)).toBe(rows)
    let length = 0
    for await (const chunk of await unsafe(`COPY ${table} TO STDOUT`).readable()) length += chunk.length
    expect(length).toBe(lines.join("").length)
    expect(await conn.value("SELECT 1")).toBe(1)
  })

  it("a callback that throws costs no other its answer", async () => {
    const conn = await connect(placement)
    const thrown = new Promise<unknown>((resolve) => {
      const listeners = process.listeners("uncaughtException")
      process.removeAllListeners("uncaughtException")
      process.once("uncaughtException", (error) => {
        for (const listener of listeners) process.on("uncaughtException", listener)
        resolve(error)
      })
    })
    conn.driver.execute(call("SELECT 1"), () => {
      throw new Error("a bug in the program")
    })
    const answers = [conn.value("SELECT 2"), conn.value("SELECT 3")]
    expect(await thrown).toMatchObject({ message: "a bug in the program" })
    expect(await Promise.all(answers)).toEqual([2, 3])
  })

  describe("a server that does not answer any more", () => {
    const timeouts = {
      sslmode: "disable",
      ping_timeout: 1,
      reset_timeout: 1,
      commit_timeout: 1,
      cancel_timeout: 1,
      close_timeout: 1,
    }

    const cut = async (prepare: (conn: TestConnection) => Promise<unknown> = async () => {}) => {
      const network = await startNetwork()
      const conn = await open(placement, { connectArgs: timeouts, url: testUrl().set({ port: network.port }) })
      await prepare(conn)
      network.swallow()
      return conn
    }

    const inTransaction = (conn: TestConnection) => conn.execute("SELECT 1", [], begin)

    it.each([
      ["a ping", "PING_TIMEOUT", async () => {}, (conn: TestConnection) => conn.ping()],
      ["a COMMIT", "COMMIT_TIMEOUT", inTransaction, (conn: TestConnection) => conn.commit()],
      ["a ROLLBACK", "RESET_TIMEOUT", inTransaction, (conn: TestConnection) => conn.rollback()],
      [
        "a reset",
        "RESET_TIMEOUT",
        (conn: TestConnection) => conn.text("SELECT 1"),
        (conn: TestConnection) => conn.reset(),
      ],
    ] as const)("ends the connection that waits for %s", async (_, code, prepare, make) => {
      const conn = await cut(prepare)
      expect(await failureOf(make(conn))).toMatchObject({ kind: "OperationalError", code, isDisconnect: true })
      expect(conn.driver.isOpen).toBe(false)
    })

    it("ends the connection whose statement was cancelled", async () => {
      const conn = await cut()
      const failed = failureOf(conn.execute("SELECT 1"))
      conn.driver.cancel()
      expect(await failed).toMatchObject({ code: "CANCEL_TIMEOUT", isDisconnect: true })
      expect(conn.driver.isOpen).toBe(false)
    })

    it("ends the connection that a cursor is closed on", async () => {
      const conn = await cut()
      const other = await startNetwork()
      const reader = await open(placement, { connectArgs: timeouts, url: testUrl().set({ port: other.port }) })
      const cursor = await reader.openCursor("SELECT generate_series(1, 10)", [], begin)
      other.swallow()
      expect(await failureOf(cursor.close())).toMatchObject({ code: "RESET_TIMEOUT" })
      conn.driver.terminate()
    })

    it("does not keep a connection from closing", async () => {
      const conn = await cut()
      await conn.close()
      expect(conn.driver.isOpen).toBe(false)
    })

    it("fails what waits behind a reset without sending it", async () => {
      const table = await makeTable(await connect(placement), "a int")
      const conn = await cut((changed) => changed.text("SELECT 1"))
      const order: Array<string> = []
      const reset = failureOf(conn.resetAhead()).then((error) => {
        order.push("reset")
        return error
      })
      const behind = failureOf(
        promised((done) => conn.driver.execute(call(`INSERT INTO ${table} VALUES (1)`, [], { isWrite: true }), done)),
      ).then((error) => {
        order.push("statement")
        return error
      })
      expect(await reset).toMatchObject({ code: "RESET_TIMEOUT" })
      expect(await behind).toMatchObject({ isDisconnect: true })
      expect(order).toEqual(["reset", "statement"])
      const watcher = await connect(placement)
      expect(await watcher.value(`SELECT count(*) FROM ${table}`)).toBe(0)
    })
  })
})
