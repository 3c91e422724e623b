import {
  type BesideRequest,
  type DriverBatchCall,
  type DriverCall,
  type DriverConnection,
  type DriverCursor,
  type DriverDone,
  type DriverResult,
  type DriverUnit,
  type StatementNature,
  succeeded,
  type TransactionState,
} from "@offloop/orm-async/driver"
import type { ResidentHandle } from "@offloop/runtime/callback"
import { cellsOf, restOf, stateOf } from "./answers.ts"
import { beginsWriting } from "./begins-writing.ts"
import { cancelled, lockTimeout } from "./driver-failure.ts"
import type { Flight } from "./flight.ts"
import { ChangeMember, UnitMember } from "./group-member.ts"
import { RemoteCalls } from "./remote-calls.ts"
import type { SchemaEpoch } from "./schema-epoch.ts"
import type { ServedConnection } from "./served-connection.ts"
import type { SqliteConfig } from "./sqlite-config.ts"
import * as Wire from "./wire.ts"
import { isGroupable, isSmall, WriteGroup } from "./write-group.ts"
import type { Writer } from "./writer.ts"

/** The parts of a connection in a worker. */
export interface WorkerParts {
  readonly remote: ResidentHandle<ServedConnection>
  readonly config: SqliteConfig
  readonly writer: Writer
  readonly schema: SchemaEpoch
  /** Closes the worker in order, after the calls made so far. */
  readonly close: (done: () => void) => void
}

type SomeCall = Pick<DriverCall, "sql" | "isWrite" | "bigints" | "prelude">

/**
 * A connection whose {@link ServedConnection} lives in a worker, as the engine wants it.
 *
 * `terminate` fails what is under way and closes in the background: no thread can be stopped in the middle of SQLite, and
 * one that ends without closing its file can leave the file locked.
 */
export class SqliteDriverConnection implements DriverConnection {
  readonly answersAtOnce = false
  readonly driverConnection = undefined
  readonly pipelineDepth = 64
  readonly #calls: RemoteCalls
  readonly #config: SqliteConfig
  readonly #writer: Writer
  readonly #group: WriteGroup
  readonly #close: (done: () => void) => void
  readonly #cursors = new Set<number>()
  /** Calls back when the connection has closed; undefined before it closes. */
  #closing: Array<() => void> | undefined
  #closed = false

  constructor({ remote, config, writer, schema, close }: WorkerParts) {
    this.#config = config
    this.#writer = writer
    this.#close = close
    this.#calls = new RemoteCalls(remote, config, writer, schema)
    this.#group = new WriteGroup(this.#calls, writer, config)
  }

  get isOpen(): boolean {
    return this.#closing === undefined && this.#calls.isAlive
  }

  get transaction(): TransactionState {
    return this.#calls.transaction
  }

  get sessionChanged(): boolean {
    return this.#calls.settingsChanged || this.#cursors.size > 0
  }

  execute(call: DriverCall, done: DriverDone<DriverResult>): void {
    const flight = this.#start(
      call.isWrite === undefined ? this.#natured(call, done) : done,
      true,
      call.prelude.length === 0,
    )
    if (flight === undefined) return
    if (this.#isAlone(call) && isSmall([call.parameters])) {
      return this.#group.add(new ChangeMember(this.#calls, call, flight))
    }
    this.#prepared(call, flight, (isWrite) => this.#calls.execute(call, flight, isWrite))
  }

  executeMany(call: DriverBatchCall, done: DriverDone<DriverResult>): void {
    const flight = this.#start(done, true, false)
    if (flight === undefined) return
    this.#prepared(call, flight, (isWrite) => {
      const statement = this.#calls.statements.get(call.sql)
      const sql = statement === undefined ? call.sql : undefined
      const args = [this.#calls.code(statement, call), call.parameterSets, call.prelude, sql] as const
      this.#calls.send(flight, isWrite, "executeMany", [...args], (answer) =>
        this.#calls.result(flight, statement, answer),
      )
    })
  }

  executeUnit(unit: DriverUnit, done: DriverDone<ReadonlyArray<DriverResult>>): void {
    const flight = this.#start(done, true, false)
    if (flight === undefined) return
    const member = new UnitMember(this.#calls, unit, flight)
    if (this.transaction === "none" && isGroupable(unit)) return this.#group.add(member)
    const isWrite = beginsWriting([unit.begin]) || unit.calls.some((call) => call.isWrite !== false)
    this.#writable(isWrite, flight, () => member.sendAlone(isWrite))
  }

  openCursor(call: DriverCall, done: DriverDone<DriverCursor>): void {
    const flight = this.#start(done, true, false)
    if (flight === undefined) return
    this.#prepared(call, flight, (isWrite) => {
      const statement = this.#calls.statements.get(call.sql)
      const sql = statement === undefined ? call.sql : undefined
      const args = [this.#calls.code(statement, call), call.parameters, call.prelude, sql] as const
      this.#calls.send(flight, isWrite, "openCursor", [...args], ([id, state, columns]) => {
        this.#cursors.add(id)
        this.#calls.answered(flight, state)
        this.#calls.end(flight, {
          columns,
          fetch: (size, told) => this.#fetch(id, size, told),
          close: (told) => this.#closeCursor(id, told),
        })
      })
    })
  }

  /** Holds the write lock meanwhile, since the function may write whenever it likes. */
  runBeside(request: BesideRequest, done: DriverDone<unknown>): void {
    const flight = this.#start(done, true, false)
    if (flight === undefined) return
    this.#writable(true, flight, () => {
      this.#calls.send(flight, true, "runBeside", [request] as never, ([state, answer]) => {
        this.#calls.answered(flight, state)
        this.#calls.end(flight, answer)
      })
    })
  }

  commit(done: DriverDone<void>): void {
    this.#control("commit", done)
  }

  rollback(done: DriverDone<void>): void {
    this.#control("rollback", done, () => this.#cursors.clear())
  }

  reset(done: DriverDone<void>): void {
    this.#control("reset", done, () => this.#cursors.clear())
  }

  /** A write that is sent behind it waits for the lock anew, if what is taken back holds it. */
  resetAhead(done: DriverDone<void>): void {
    this.#writer.resetting()
    this.#control("resetAhead", done, () => this.#cursors.clear())
  }

  ping(done: DriverDone<void>): void {
    this.#control("ping", done)
  }

  /** Does nothing while several calls are under way: it cannot be told which of them is meant. */
  cancel(): void {
    this.#calls.cancel()
  }

  withdraw(): void {
    this.#calls.withdraw()
  }

  close(done: () => void): void {
    if (this.#closed) return done()
    if (this.#closing !== undefined) {
      this.#closing.push(done)
      return
    }
    this.#closing = [done]
    this.#close(() => {
      this.#closed = true
      this.#writer.end()
      for (const told of this.#closing ?? []) told()
    })
  }

  terminate(): void {
    this.#calls.terminate(() => this.close(() => {}))
  }

  #start<A>(done: DriverDone<A>, isCancellable: boolean, isPipelined: boolean): Flight<A> | undefined {
    return this.#calls.start(this.isOpen, done, isCancellable, isPipelined)
  }

  /** A change that is a transaction of its own. */
  #isAlone({ isWrite, prelude, sql }: DriverCall): boolean {
    if (prelude.length > 0 || this.transaction !== "none") return false
    return isWrite ?? this.#natureOf(sql) === "change"
  }

  /** Tells what SQL of the program's own is, with its result. */
  #natured({ sql }: DriverCall, done: DriverDone<DriverResult>): DriverDone<DriverResult> {
    return (outcome) => {
      const nature = outcome.ok ? this.#natureOf(sql) : undefined
      done(outcome.ok && nature !== undefined ? { ok: true, value: { ...outcome.value, nature } } : outcome)
    }
  }

  #natureOf(sql: string): StatementNature | undefined {
    const known = this.#calls.statements.find(sql)
    if (known?.isPlain !== true) return undefined
    return known.isReadonly === true ? "query" : "change"
  }

  /** Goes on when it is known whether a statement writes, and if it does, when it may. */
  #prepared(call: SomeCall, flight: Flight, send: (isWrite: boolean) => void): void {
    if (beginsWriting(call.prelude)) return this.#writable(true, flight, send)
    if (call.isWrite === false) return send(false)
    if (call.isWrite === true) return this.#writable(true, flight, send)
    const known = this.#calls.statements.find(call.sql)?.isReadonly
    if (known !== undefined) return this.#writable(!known, flight, send)
    if (this.#writer.mayWrite(this.transaction === "open")) return this.#writable(true, flight, send)
    this.#ask(call, flight, send)
  }

  /** Has a statement prepared that the program wrote itself, which tells whether it writes. */
  #ask(call: SomeCall, flight: Flight, send: (isWrite: boolean) => void): void {
    const statement = this.#calls.statements.get(call.sql)
    const sql = statement === undefined ? call.sql : undefined
    this.#calls.send(flight, false, "prepare", [this.#calls.code(statement, call), sql], (answer) => {
      const isReadonly = (answer & Wire.READONLY) !== 0
      if (statement !== undefined) {
        statement.isReadonly = isReadonly
        statement.isPlain = (answer & Wire.PLAIN) !== 0
      }
      this.#calls.answered(flight, answer)
      if (flight.stage === "ended") return
      if (flight.isCancelled) return this.#calls.fail(flight, cancelled())
      flight.stage = "waiting"
      this.#writable(!isReadonly, flight, send)
    })
  }

  /** Goes on when the call may write, if it does. */
  #writable(isWrite: boolean, flight: Flight, send: (isWrite: boolean) => void): void {
    if (!isWrite || this.#writer.tryBegin(this.transaction !== "none")) return send(isWrite)
    flight.leave = this.#writer.wait(
      () => {
        flight.leave = undefined
        send(true)
      },
      () => {
        flight.leave = undefined
        this.#calls.fail(flight, lockTimeout(this.#config.busyTimeout, this.#config))
      },
    )
  }

  #fetch(id: number, size: number, done: DriverDone<ReadonlyArray<unknown>>): void {
    const flight = this.#start(done, true, false)
    if (flight === undefined) return
    this.#calls.send(flight, false, "fetch", [id, size], (answer) => {
      this.#calls.answered(flight, stateOf(answer))
      const cells = cellsOf(answer)
      const rest = restOf(answer)
      if (rest === 0) this.#calls.end(flight, cells)
      else this.#calls.rest(flight, rest, [cells], (whole) => this.#calls.end(flight, whole))
    })
  }

  #closeCursor(id: number, done: DriverDone<void>): void {
    if (!this.#cursors.delete(id)) return done(succeeded)
    const flight = this.#start(done, false, false)
    if (flight === undefined) return
    this.#calls.send(flight, false, "closeCursor", [id], (state) => {
      this.#calls.answered(flight, state)
      this.#calls.end(flight, undefined)
    })
  }

  #control(
    method: "commit" | "rollback" | "reset" | "resetAhead" | "ping",
    done: DriverDone<void>,
    onDone?: () => void,
  ): void {
    const flight = this.#start(done, method === "ping", false)
    if (flight === undefined) return
    flight.onLanded = method === "resetAhead" ? () => this.#writer.wasReset() : undefined
    this.#calls.send(flight, false, method, [], (state) => {
      onDone?.()
      this.#calls.answered(flight, state)
      this.#calls.end(flight, undefined)
    })
  }
}
