import { existsSync, readdirSync, realpathSync } from "node:fs"
import { join } from "node:path"
import { type DriverCall, type DriverConnection, type DriverError, makeUrl, type Placement } from "@offloop/orm-async"
import { Backend } from "@offloop/runtime"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import { describe, expect, it } from "vitest"
import { sqlite } from "../src/index.ts"
import { returnFile, shareFile } from "../src/internal/shared-files.ts"
import { temporaryFolder } from "./temporary-folder.ts"

const folder = temporaryFolder()
let made = 0
const freshPath = (): string => join(folder, `${++made}.db`)

const call = (sql: string, more: Partial<DriverCall> = {}): DriverCall => ({
  sql,
  parameters: [],
  prelude: [],
  isWrite: /^(?:CREATE|INSERT|UPDATE|DELETE)/.test(sql),
  bigints: false,
  ...more,
})

const begin = { prelude: ["BEGIN"] }
const beginWrite = { prelude: ["BEGIN IMMEDIATE"] }

const run = <A, E>(program: Effect.Effect<A, E, Backend.Backend>): Promise<A> =>
  Effect.runPromise(Effect.provide(program, Backend.layer))

describe.each(["worker", "inline"] as const)("a connection in the placement %s", (placement: Placement) => {
  const connect = (
    path: string,
    connectArgs: Readonly<Record<string, unknown>> = {},
  ): Effect.Effect<DriverConnection, DriverError, Backend.Backend> =>
    sqlite.connect(makeUrl(`sqlite:///${path}`), { placement, connectArgs })

  const refusal = (path: string, connectArgs: Readonly<Record<string, unknown>> = {}) =>
    run(Effect.flip(connect(path, connectArgs)))

  it("has a write-ahead log, foreign keys and NORMAL syncing", () =>
    run(
      Effect.gen(function* () {
        const conn = yield* connect(freshPath())
        const pragma = (name: string) => Effect.map(conn.execute(call(`PRAGMA ${name}`)), ({ cells }) => cells[0])
        expect(yield* pragma("journal_mode")).toBe("wal")
        expect(yield* pragma("foreign_keys")).toBe(1)
        expect(yield* pragma("synchronous")).toBe(1)
        expect(yield* pragma("busy_timeout")).toBe(5_000)
        yield* conn.close
      }),
    ))

  it("has what its options say", () =>
    run(
      Effect.gen(function* () {
        const conn = yield* connect(freshPath(), {
          journal_mode: "TRUNCATE",
          foreign_keys: "0",
          synchronous: "FULL",
          busy_timeout: "1234",
          page_size: "8192",
        })
        const pragma = (name: string) => Effect.map(conn.execute(call(`PRAGMA ${name}`)), ({ cells }) => cells[0])
        expect(yield* pragma("journal_mode")).toBe("truncate")
        expect(yield* pragma("foreign_keys")).toBe(0)
        expect(yield* pragma("synchronous")).toBe(2)
        expect(yield* pragma("busy_timeout")).toBe(1234)
        expect(yield* pragma("page_size")).toBe(8192)
        yield* conn.close
      }),
    ))

  it("takes many connections to a new file at once", () =>
    run(
      Effect.gen(function* () {
        const path = freshPath()
        const connections = yield* Effect.forEach(Array.from({ length: 8 }), () => connect(path), {
          concurrency: "unbounded",
        })
        yield* Effect.forEach(connections, (conn) => conn.close, { concurrency: "unbounded" })
        expect(readdirSync(folder).filter((name) => name.startsWith(`${made}.db`))).toEqual([`${made}.db`])
      }),
    ))

  it("closes when no other connection of its file is closing, so that one of them is the last", () =>
    run(
      Effect.gen(function* () {
        const path = freshPath()
        const conn = yield* connect(path)
        const location = realpathSync.native(path)
        const { closing } = shareFile(location)
        yield* closing.take(1)
        const fiber = yield* Effect.fork(conn.close)
        // Another takes longer to come than this one would to go.
        const other = yield* connect(freshPath())
        yield* other.close
        expect(fiber.unsafePoll()).toBeNull()
        yield* closing.release(1)
        yield* Fiber.join(fiber)
        returnFile(location)
      }),
    ))

  it("refuses a directory that does not exist, and leaves nothing behind", async () => {
    const error = await refusal(join(folder, "no", "where.db"))
    expect(error).toMatchObject({ _tag: "DriverError", kind: "OperationalError", code: "SQLITE_CANTOPEN" })
    expect(error.message).toContain("does not exist; create it")
    expect(existsSync(join(folder, "no"))).toBe(false)
  })

  it("refuses a file that is not there when it must not make one", async () => {
    const path = freshPath()
    expect(await refusal(path, { create: "0" })).toMatchObject({ kind: "OperationalError", code: "SQLITE_CANTOPEN" })
    expect(await refusal(path, { readonly: "1" })).toMatchObject({ kind: "OperationalError", code: "SQLITE_CANTOPEN" })
    expect(existsSync(path)).toBe(false)
  })

  it("refuses a bad option before it opens anything", async () => {
    const path = freshPath()
    const error = await refusal(path, { journal_mode: "wall" })
    expect(error).toMatchObject({ kind: "InterfaceError", isDisconnect: false })
    expect(error.message).toContain("journal_mode")
    expect(existsSync(path)).toBe(false)
  })

  it("refuses a URL with a host and shows the right form", async () => {
    const url = makeUrl("sqlite://app.db")
    const error = await run(Effect.flip(sqlite.connect(url, { placement, connectArgs: {} })))
    expect(error.kind).toBe("InterfaceError")
    expect(error.message).toContain("sqlite:///relative.db")
  })

  it("only reads when it is readonly", () =>
    run(
      Effect.gen(function* () {
        const path = freshPath()
        const writer = yield* connect(path)
        yield* writer.execute(call("CREATE TABLE t (a)"))
        const reader = yield* connect(path, { readonly: "1" })
        expect((yield* reader.execute(call("SELECT * FROM t"))).rowCount).toBe(0)
        const error = yield* Effect.flip(reader.execute(call("INSERT INTO t VALUES (1)")))
        expect(error).toMatchObject({ kind: "OperationalError", code: "SQLITE_READONLY" })
        yield* writer.execute(call("INSERT INTO t VALUES (1)"))
        yield* reader.close
        yield* writer.close
      }),
    ))

  it("says how much of the prelude had run when something failed", () =>
    run(
      Effect.gen(function* () {
        const conn = yield* connect(":memory:")
        const prelude = ["BEGIN", "SAVEPOINT a", "nonsense", "SAVEPOINT b"]
        expect(yield* Effect.flip(conn.execute(call("SELECT 1", { prelude })))).toMatchObject({ completedPrelude: 2 })
        yield* conn.reset
        const all = yield* Effect.flip(conn.execute(call("nonsense", begin)))
        expect(all).toMatchObject({ completedPrelude: 1, kind: "ProgrammingError" })
        yield* conn.close
      }),
    ))

  it("fails what comes after its end as a lost connection", () =>
    run(
      Effect.gen(function* () {
        const conn = yield* connect(":memory:")
        yield* conn.close
        yield* conn.close
        expect(yield* Effect.flip(conn.execute(call("SELECT 1")))).toMatchObject({ isDisconnect: true })
      }),
    ))

  it("no longer knows a cursor that a rollback ended", () =>
    run(
      Effect.gen(function* () {
        const conn = yield* connect(":memory:")
        const cursor = yield* conn.openCursor(call("SELECT 1 UNION ALL SELECT 2", begin))
        expect(yield* cursor.fetch(1)).toEqual([1])
        yield* conn.rollback
        const error = yield* Effect.flip(cursor.fetch(1))
        expect(error.kind).toBe("ProgrammingError")
        expect(error.message).toContain("the cursor is closed")
        yield* cursor.close
        yield* conn.close
      }),
    ))

  describe("and the write lock", () => {
    const withThree = <A, E>(
      body: (connections: readonly [DriverConnection, DriverConnection, DriverConnection]) => Effect.Effect<A, E>,
      options: Readonly<Record<string, unknown>> = {},
    ) =>
      run(
        Effect.gen(function* () {
          const path = freshPath()
          const first = yield* connect(path, options)
          yield* first.execute(call("CREATE TABLE t (a)"))
          const connections = [first, yield* connect(path, options), yield* connect(path, options)] as const
          yield* body(connections)
          yield* Effect.forEach(connections, (conn) => conn.close)
        }),
      )

    it("has a writer wait until the one before it has committed", () =>
      withThree(([first, second]) =>
        Effect.gen(function* () {
          yield* first.execute(call("INSERT INTO t VALUES (1)", beginWrite))
          const waiting = yield* Effect.fork(second.execute(call("INSERT INTO t SELECT count(*) + 1 FROM t")))
          yield* Effect.yieldNow()
          yield* first.execute(call("INSERT INTO t VALUES (2)"))
          yield* first.commit
          yield* waiting
          expect((yield* first.execute(call("SELECT a FROM t ORDER BY a"))).cells).toEqual([1, 2, 3])
        }),
      ))

    it("lets readers through while a writer writes", () =>
      withThree(([first, second]) =>
        Effect.gen(function* () {
          yield* first.execute(call("INSERT INTO t VALUES (1)", beginWrite))
          expect((yield* second.execute(call("SELECT * FROM t", begin))).rowCount).toBe(0)
          yield* second.commit
          yield* first.commit
        }),
      ))

    it("is taken by a transaction that began with a read when it first writes", () =>
      withThree(([first, second]) =>
        Effect.gen(function* () {
          yield* first.execute(call("SELECT * FROM t", begin))
          yield* first.execute(call("INSERT INTO t VALUES (1)"))
          const waiting = yield* Effect.fork(second.execute(call("INSERT INTO t VALUES (2)")))
          yield* Effect.yieldNow()
          yield* first.commit
          yield* waiting
        }),
      ))

    it("does not save a transaction from writing on what is no longer the newest state", () =>
      withThree(([first, second, third]) =>
        Effect.gen(function* () {
          yield* first.execute(call("SELECT * FROM t", begin))
          yield* second.execute(call("INSERT INTO t VALUES (1)"))
          const error = yield* Effect.flip(first.execute(call("INSERT INTO t VALUES (2)")))
          expect(error).toMatchObject({ kind: "OperationalError", code: "SQLITE_BUSY_SNAPSHOT", isRetryable: true })
          // Its transaction is still open, yet it has written nothing: once it is rolled back others may write.
          yield* first.rollback
          yield* third.execute(call("INSERT INTO t VALUES (3)"))
        }),
      ))

    it("gives up on waiting after busy_timeout", () =>
      withThree(
        ([first, second]) =>
          Effect.gen(function* () {
            yield* first.execute(call("INSERT INTO t VALUES (1)", beginWrite))
            const error = yield* Effect.flip(second.execute(call("INSERT INTO t VALUES (2)")))
            expect(error).toMatchObject({ kind: "OperationalError", code: "SQLITE_BUSY", isRetryable: true })
            expect(error.message).toContain("database is locked")
            yield* first.rollback
            yield* second.execute(call("INSERT INTO t VALUES (2)"))
          }),
        { busy_timeout: 20 },
      ))

    it("is left by a writer that is interrupted while it waits", () =>
      withThree(([first, second, third]) =>
        Effect.gen(function* () {
          yield* first.execute(call("INSERT INTO t VALUES (1)", beginWrite))
          const waiting = yield* Effect.fork(second.execute(call("INSERT INTO t VALUES (2)")))
          yield* Effect.yieldNow()
          const exit = yield* Fiber.interrupt(waiting)
          expect(Exit.isInterrupted(exit)).toBe(true)
          yield* first.commit
          yield* third.execute(call("INSERT INTO t VALUES (3)"))
          expect((yield* second.execute(call("SELECT a FROM t ORDER BY a"))).cells).toEqual([1, 3])
        }),
      ))

    it("is freed by a statement that fails, by the end of a connection, and by its sudden end", () =>
      withThree(([first, second, third]) =>
        Effect.gen(function* () {
          yield* Effect.flip(first.execute(call("INSERT INTO nope VALUES (1)")))
          yield* second.execute(call("INSERT INTO t VALUES (2)", beginWrite))
          yield* second.close
          yield* first.execute(call("INSERT INTO t VALUES (3)", beginWrite))
          yield* first.terminate
          yield* third.execute(call("INSERT INTO t VALUES (4)"))
          expect((yield* third.execute(call("SELECT a FROM t"))).cells).toEqual([4])
        }),
      ))

    it("is not taken for an empty file name's sake: databases in memory have none", () =>
      run(
        Effect.gen(function* () {
          const [first, second] = [yield* connect(":memory:"), yield* connect(":memory:")]
          yield* first.execute(call("CREATE TABLE t (a)", beginWrite))
          yield* second.execute(call("CREATE TABLE t (a)", beginWrite))
          yield* first.close
          yield* second.close
        }),
      ))
  })
})

describe("a connection in a worker", () => {
  const slow = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000) SELECT count(*) FROM n"

  it("fails what is pending when it is terminated, and does not wait for it", () =>
    run(
      Effect.gen(function* () {
        const conn = yield* sqlite.connect(makeUrl("sqlite://"), { placement: "worker", connectArgs: {} })
        const pending = yield* Effect.fork(Effect.flip(conn.execute(call(slow))))
        yield* Effect.yieldNow()
        yield* conn.terminate
        expect(yield* pending).toMatchObject({ isDisconnect: true })
      }),
    ))

  it("hands its lock on with a reset that is not waited for, and stands in line for it again", () =>
    run(
      Effect.gen(function* () {
        const url = makeUrl(`sqlite:///${freshPath()}`)
        const options = { placement: "worker" as const, connectArgs: {} }
        const first = yield* sqlite.connect(url, options)
        const second = yield* sqlite.connect(url, options)
        yield* first.execute(call("CREATE TABLE t (a)"))
        yield* first.execute(call("INSERT INTO t VALUES (1)", beginWrite))
        const order: Array<number> = []
        const write = (conn: DriverConnection, value: number) =>
          Effect.map(conn.execute(call(`INSERT INTO t VALUES (${value})`, beginWrite)), () => order.push(value))
        const waiting = yield* Effect.fork(Effect.zipRight(write(second, 2), second.commit))
        yield* Effect.yieldNow()
        const errors: Array<DriverError | undefined> = []
        first.resetAhead?.((error) => errors.push(error))
        yield* write(first, 3)
        yield* waiting
        expect([errors, order]).toEqual([[undefined], [2, 3]])
        yield* first.commit
        expect((yield* second.execute(call("SELECT a FROM t"))).cells).toEqual([2, 3])
        yield* first.close
        yield* second.close
      }),
    ))

  it("keeps the lock of a write that was sent behind a reset", () =>
    run(
      Effect.gen(function* () {
        const url = makeUrl(`sqlite:///${freshPath()}`)
        const options = { placement: "worker" as const, connectArgs: { busy_timeout: "1" } }
        const first = yield* sqlite.connect(url, options)
        const second = yield* sqlite.connect(url, options)
        yield* first.execute(call("CREATE TABLE t (a)"))
        yield* first.execute(call("SELECT a FROM t", begin))
        first.resetAhead?.(() => {})
        yield* first.execute(call("INSERT INTO t VALUES (1)", beginWrite))
        expect(yield* Effect.flip(second.execute(call("INSERT INTO t VALUES (2)")))).toMatchObject({
          message: expect.stringContaining("another connection of this program"),
        })
        yield* first.commit
        yield* second.execute(call("INSERT INTO t VALUES (2)"))
        yield* first.close
        yield* second.close
      }),
    ))

  it("tells of a reset under way when it is terminated, once", () =>
    run(
      Effect.gen(function* () {
        const conn = yield* sqlite.connect(makeUrl("sqlite://"), { placement: "worker", connectArgs: {} })
        const errors: Array<DriverError | undefined> = []
        conn.resetAhead?.((error) => errors.push(error))
        yield* conn.terminate
        yield* Effect.flip(Effect.repeat(conn.ping, { until: () => false }))
        expect(errors).toMatchObject([{ isDisconnect: true }])
      }),
    ))

  it("keeps the lock of an interrupted write until its transaction has ended", () =>
    run(
      Effect.gen(function* () {
        const path = freshPath()
        const url = makeUrl(`sqlite:///${path}`)
        const options = { placement: "worker" as const, connectArgs: {} }
        const first = yield* sqlite.connect(url, options)
        const second = yield* sqlite.connect(url, options)
        yield* first.execute(call("CREATE TABLE t (a)"))
        const writing = yield* Effect.fork(first.execute(call(`INSERT INTO t ${slow}`, beginWrite)))
        yield* Effect.yieldNow()
        yield* Fiber.interrupt(writing)
        const waiting = yield* Effect.fork(second.execute(call("INSERT INTO t VALUES (2)")))
        yield* first.reset
        yield* waiting
        expect((yield* second.execute(call("SELECT a FROM t"))).cells).toEqual([2])
        yield* first.close
        yield* second.close
      }),
    ))
})
