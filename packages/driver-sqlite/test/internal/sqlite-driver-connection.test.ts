import type { DriverResult, Outcome } from "@offloop/orm-async/driver"
import {
  type CallExit,
  type ResidentClosedError,
  type ResidentHandle,
  UnsendableError,
  WorkerCrashedError,
} from "@offloop/runtime/callback"
import { describe, expect, it } from "vitest"
import type { ServedConnection } from "../../src/internal/served-connection.ts"
import { SqliteDriverConnection } from "../../src/internal/sqlite-driver-connection.ts"
import * as Wire from "../../src/internal/wire.ts"
import { WriteLock } from "../../src/internal/write-lock.ts"
import { Writer } from "../../src/internal/writer.ts"
import { call } from "../connections.ts"

type Answer = (exit: CallExit<never>) => void

/** A worker whose answers, and their moment, the test decides. */
class Worker {
  readonly calls: Array<{ readonly method: string; readonly args: ReadonlyArray<unknown>; readonly answer: Answer }> =
    []
  readonly ends: Array<() => void> = []
  readonly handle = {
    ended: undefined,
    call: (method: string, args: ReadonlyArray<unknown>, answer: Answer) => this.calls.push({ method, args, answer }),
    retract: () => false,
    onEnd: (listener: () => void) => this.ends.push(listener),
  } as unknown as ResidentHandle<ServedConnection>

  /** The calls of a method. */
  of(method: string) {
    return this.calls.filter((made) => made.method === method)
  }

  answer(method: string, value: unknown): void {
    this.of(method)
      .at(-1)
      ?.answer({ ok: true, value } as CallExit<never>)
  }

  fail(method: string, error: UnsendableError | ResidentClosedError | WorkerCrashedError): void {
    this.of(method).at(-1)?.answer({ ok: false, error })
  }
}

const config = {
  path: "app.db",
  readonly: false,
  create: true,
  busyTimeout: 5000,
  statementCacheSize: 8,
  pragmas: [],
}

const unsendableResult = new UnsendableError({ path: "result", kind: "string", target: "execute" })

const make = () => {
  const worker = new Worker()
  const lock = new WriteLock()
  const conn = new SqliteDriverConnection({
    remote: worker.handle,
    config,
    writer: new Writer(lock, config.busyTimeout),
    schema: { epoch: 0 },
    close: (done) => done(),
  })
  const outcomes: Array<Outcome<DriverResult, unknown>> = []
  const execute = (sql: string, isWrite = false): void => {
    conn.execute(call(sql, { isWrite }), (outcome) => outcomes.push(outcome))
  }
  return { worker, lock, conn, outcomes, execute }
}

describe("SqliteDriverConnection", () => {
  it("sends a text once, and then its number", () => {
    const { worker, outcomes, execute } = make()
    execute("SELECT 1")
    worker.answer("execute", { columns: ["1"], cells: [1], state: Wire.REST, rest: 0 })
    execute("SELECT 1")
    worker.answer("execute", [1, Wire.REST])
    expect(worker.of("define").map(({ args }) => args)).toEqual([[1, "SELECT 1"]])
    expect(JSON.stringify(worker.of("execute")[1]?.args)).not.toContain("SELECT")
    expect(outcomes).toEqual([1, 2].map(() => ({ ok: true, value: { columns: ["1"], cells: [1], rowCount: 1 } })))
  })

  it("knows nothing of a connection whose answer could not be sent, until a reset", () => {
    const { worker, lock, conn, outcomes, execute } = make()
    execute("INSERT INTO t VALUES (1) RETURNING a", true)
    worker.fail("execute", unsendableResult)
    expect(outcomes).toMatchObject([{ ok: false, error: { kind: "InterfaceError", isDisconnect: false } }])
    expect([conn.transaction, conn.sessionChanged, lock.isHeldBy({})]).toEqual(["unknown", true, false])
    expect(lock.tryAcquire({})).toBe(false)
    let isReset = false
    conn.reset(() => {
      isReset = true
    })
    worker.answer("reset", 0)
    expect([isReset, conn.transaction, conn.sessionChanged]).toEqual([true, "none", false])
    expect(lock.tryAcquire({})).toBe(true)
  })

  it("does not read rows by names that were lost on their way", () => {
    const { worker, conn, outcomes, execute } = make()
    execute("SELECT * FROM t")
    worker.answer("execute", { columns: ["a", "b"], cells: [1, 2], state: Wire.REST, rest: 0 })
    execute("SELECT * FROM t")
    execute("SELECT * FROM t")
    const [, lost, next] = worker.of("execute")
    lost?.answer({ ok: false, error: unsendableResult })
    // It was sent before the loop knew that the column names it relies on had not arrived.
    next?.answer({ ok: true, value: [1, 2, 3, 4, 2 * Wire.REST] as never })
    expect(outcomes.map(({ ok }) => ok)).toEqual([true, false, false])
    expect(conn.transaction).toBe("unknown")
    execute("SELECT * FROM t")
    const code = worker.of("execute").at(-1)?.args[0] as number
    expect(code & Wire.TELL_COLUMNS).not.toBe(0)
  })

  it("has not begun what could not be sent", () => {
    const { worker, lock, conn, outcomes, execute } = make()
    execute("INSERT INTO t VALUES (?)", true)
    worker.fail("execute", new UnsendableError({ path: "args[1][3]", kind: "function", target: "execute" }))
    expect(outcomes).toMatchObject([{ ok: false, error: { message: expect.stringContaining("Parameter 4") } }])
    expect(conn.transaction).toBe("none")
    expect(lock.tryAcquire({})).toBe(true)
  })

  it("gives the lock up when its worker ends", () => {
    const { worker, lock, conn, outcomes, execute } = make()
    conn.execute(call("INSERT INTO t VALUES (1)", { isWrite: true, prelude: ["BEGIN IMMEDIATE"] }), () => {})
    worker.answer("execute", Wire.REST + Wire.IN_TRANSACTION)
    expect([conn.transaction, lock.tryAcquire({})]).toEqual(["open", false])
    execute("SELECT 1")
    worker.fail("execute", new WorkerCrashedError({ worker: "sqlite", exitCode: 1, cause: undefined }))
    for (const end of worker.ends) end()
    expect(outcomes).toMatchObject([{ ok: false, error: { isDisconnect: true } }])
    expect(conn.transaction).toBe("none")
    expect(lock.tryAcquire({})).toBe(true)
  })
})
