import { existsSync, readdirSync, realpathSync } from "node:fs"
import { join } from "node:path"
import { type DriverConnection, makeUrl, type Outcome } from "@offloop/orm-async/driver"
import { describe, expect, it } from "vitest"
import { sqlite } from "../src/index.ts"
import { returnFile, shareFile } from "../src/internal/shared-files.ts"
import { WorkerAttempt } from "../src/internal/worker-attempt.ts"
import { Conn, connect, ended, failureOf } from "./connections.ts"
import { temporaryFolder } from "./temporary-folder.ts"

const folder = temporaryFolder()
let made = 0
const freshPath = (): string => join(folder, `${++made}.db`)

describe.each(["worker", "inline"] as const)("connecting in the placement %s", (placement) => {
  const open = (path: string, connectArgs: Readonly<Record<string, unknown>> = {}): Promise<Conn> =>
    connect(path, placement, connectArgs)

  const pragma = async (conn: Conn, name: string): Promise<unknown> => (await conn.cells(`PRAGMA ${name}`))[0]

  it("gives a write-ahead log, foreign keys and NORMAL syncing", async () => {
    const conn = await open(freshPath())
    expect(await pragma(conn, "journal_mode")).toBe("wal")
    expect(await pragma(conn, "foreign_keys")).toBe(1)
    expect(await pragma(conn, "synchronous")).toBe(1)
    expect(await pragma(conn, "busy_timeout")).toBe(5_000)
    await conn.close()
  })

  it("gives what the options say", async () => {
    const conn = await open(freshPath(), {
      journal_mode: "TRUNCATE",
      foreign_keys: "0",
      synchronous: "FULL",
      busy_timeout: "1234",
      page_size: "8192",
    })
    expect(await pragma(conn, "journal_mode")).toBe("truncate")
    expect(await pragma(conn, "foreign_keys")).toBe(0)
    expect(await pragma(conn, "synchronous")).toBe(2)
    expect(await pragma(conn, "busy_timeout")).toBe(1234)
    expect(await pragma(conn, "page_size")).toBe(8192)
    await conn.close()
  })

  it("works for many connections to a new file at once", async () => {
    const path = freshPath()
    const connections = await Promise.all(Array.from({ length: 8 }, () => open(path)))
    await Promise.all(connections.map((conn) => conn.close()))
    expect(readdirSync(folder).filter((name) => name.startsWith(`${made}.db`))).toEqual([`${made}.db`])
  })

  it("closes when no other connection of its file is closing, so that one of them is the last", async () => {
    const path = freshPath()
    const conn = await open(path)
    const location = realpathSync.native(path)
    const { closing } = shareFile(location)
    expect(closing.tryTake()).toBe(true)
    let isClosed = false
    const closed = conn.close().then(() => {
      isClosed = true
    })
    // Opening another connection takes longer than closing this one would, if it could.
    const other = await open(freshPath())
    await other.close()
    expect(isClosed).toBe(false)
    closing.release()
    await closed
    returnFile(location)
  })

  it("refuses a directory that does not exist, and leaves nothing behind", async () => {
    const error = await failureOf(open(join(folder, "no", "where.db")))
    expect(error).toMatchObject({ _tag: "DriverError", kind: "OperationalError", code: "SQLITE_CANTOPEN" })
    expect(error.message).toContain("does not exist; create it")
    expect(existsSync(join(folder, "no"))).toBe(false)
  })

  it("refuses a file that is not there when it must not make one", async () => {
    const path = freshPath()
    for (const options of [{ create: "0" }, { readonly: "1" }]) {
      expect(await failureOf(open(path, options))).toMatchObject({ kind: "OperationalError", code: "SQLITE_CANTOPEN" })
    }
    expect(existsSync(path)).toBe(false)
  })

  it("refuses a bad option before it opens anything", async () => {
    const path = freshPath()
    const error = await failureOf(open(path, { journal_mode: "wall" }))
    expect(error).toMatchObject({ kind: "InterfaceError", isDisconnect: false })
    expect(error.message).toContain('journal_mode is "wall"')
    expect(existsSync(path)).toBe(false)
  })

  it("refuses a URL with a host and shows the right form", async () => {
    const url = makeUrl("sqlite://app.db")
    const error = await failureOf(ended((done) => sqlite.connect(url, { placement, connectArgs: {} }, done)))
    expect(error.kind).toBe("InterfaceError")
    expect(error.message).toContain("sqlite:///relative.db")
  })

  it("only reads when it is readonly", async () => {
    const path = freshPath()
    const writer = await open(path)
    await writer.run("CREATE TABLE t (a)")
    const reader = await open(path, { readonly: "1" })
    expect((await reader.run("SELECT * FROM t")).rowCount).toBe(0)
    expect(await failureOf(reader.run("INSERT INTO t VALUES (1)"))).toMatchObject({
      kind: "OperationalError",
      code: "SQLITE_READONLY",
    })
    await writer.run("INSERT INTO t VALUES (1)")
    await reader.close()
    await writer.close()
  })

  it("fails what comes after its end as a lost connection", async () => {
    const conn = await open(":memory:")
    expect(conn.driver.isOpen).toBe(true)
    await Promise.all([conn.close(), conn.close()])
    await conn.close()
    expect(conn.driver.isOpen).toBe(false)
    for (const failed of [conn.run("SELECT 1"), conn.run("INSERT INTO t VALUES (1)"), conn.commit(), conn.reset()]) {
      expect(await failureOf(failed)).toMatchObject({ isDisconnect: true })
    }
  })

  it("ends what was open when it is terminated", async () => {
    const path = freshPath()
    const conn = await open(path)
    await conn.run("CREATE TABLE t (a)")
    conn.driver.terminate()
    expect(conn.driver.isOpen).toBe(false)
    expect(await failureOf(conn.run("SELECT 1"))).toMatchObject({ isDisconnect: true })
    await conn.close()
    expect(readdirSync(folder).filter((name) => name.startsWith(`${made}.db`))).toEqual([`${made}.db`])
  })
})

describe("giving a connection up while it is opened", () => {
  it("tells at once, and once", async () => {
    const url = makeUrl(`sqlite:///${freshPath()}`)
    const outcomes: Array<Outcome<DriverConnection, unknown>> = []
    const options = { placement: "worker", connectArgs: {} } as const
    const attempt = sqlite.connect(url, options, (outcome) => outcomes.push(outcome))
    attempt.cancel()
    attempt.cancel()
    expect(outcomes).toMatchObject([{ ok: false, error: { code: "OFFLOOP_CANCELLED" } }])
    const conn = await connect(freshPath(), "worker")
    await conn.close()
    expect(outcomes).toHaveLength(1)
  })

  it("ends the connection that is opened all the same", () => {
    const outcomes: Array<Outcome<DriverConnection, unknown>> = []
    const attempt = new WorkerAttempt({ path: "app.db" }, (outcome) => outcomes.push(outcome))
    const ends: Array<string> = []
    const connection = { terminate: () => ends.push("terminated") } as unknown as DriverConnection
    attempt.cancel()
    attempt.opened(connection)
    expect(ends).toEqual(["terminated"])
    expect(outcomes).toHaveLength(1)
  })

  it("comes too late for one that is open", async () => {
    const outcomes: Array<Outcome<DriverConnection, unknown>> = []
    const url = makeUrl("sqlite://")
    await new Promise<void>((resolve) => {
      const attempt = sqlite.connect(url, { placement: "worker", connectArgs: {} }, (outcome) => {
        outcomes.push(outcome)
        attempt.cancel()
        resolve()
      })
    })
    const [opened] = outcomes
    if (opened?.ok !== true) throw new Error("not opened")
    expect(opened.value.isOpen).toBe(true)
    await new Conn(opened.value).close()
    expect(outcomes).toHaveLength(1)
  })
})
