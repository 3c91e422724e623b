import {
  type BesideRequest,
  type DriverBatchCall,
  type DriverCall,
  type DriverConnection,
  type DriverCursor,
  type DriverDone,
  type DriverError,
  type DriverResult,
  type DriverUnit,
  type DriverUnitCall,
  succeeded,
  type TransactionState,
  withdrawn,
} from "@offloop/orm-async/driver"
import type { CallError, CallExit, ResidentHandle } from "@offloop/runtime/callback"
import { readAnswer, restOf, stateOf } from "./answers.ts"
import {
  cancelled,
  closed,
  failureState,
  lockTimeout,
  outOfStep,
  terminated,
  toDriverError,
  wasNotSent,
} from "./driver-failure.ts"
import { type Flight, failFlight, makeFlight } from "./flight.ts"
import { type KnownStatement, KnownStatements } from "./known-statements.ts"
import type { SchemaEpoch } from "./schema-epoch.ts"
import type { ServedConnection } from "./served-connection.ts"
import type { SqliteConfig } from "./sqlite-config.ts"
import * as Wire from "./wire.ts"
import type { Writer } from "./writer.ts"

/** What a connection in a worker is made of. */
export interface WorkerParts {
  readonly remote: ResidentHandle<ServedConnection>
  readonly config: SqliteConfig
  readonly writer: Writer
  readonly schema: SchemaEpoch
  /** Closes the worker in order, after the calls made so far. */
  readonly close: (done: () => void) => void
}

type SomeCall = Pick<DriverCall, "sql" | "isWrite" | "bigints">

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
  transaction: TransactionState = "none"
  readonly #remote: ResidentHandle<ServedConnection>
  readonly #config: SqliteConfig
  readonly #writer: Writer
  readonly #schema: SchemaEpoch
  readonly #close: (done: () => void) => void
  readonly #statements: KnownStatements
  readonly #flights = new Set<Flight>()
  readonly #cursors = new Set<number>()
  /** Calls back when the connection has closed; undefined before it closes. */
  #closing: Array<() => void> | undefined
  #closed = false
  #settingsChanged = false
  #isTurning = false
  #toldEpoch: number

  constructor({ remote, config, writer, schema, close }: WorkerParts) {
    this.#remote = remote
    this.#config = config
    this.#writer = writer
    this.#schema = schema
    this.#close = close
    this.#toldEpoch = schema.epoch
    this.#statements = new KnownStatements(config.statementCacheSize, (number, sql) => {
      // It cannot fail by itself, and the end of the worker is told to the call behind it.
      remote.call("define", [number, sql], () => {})
    })
    remote.onEnd(() => {
      this.transaction = "none"
      writer.end()
    })
  }

  get isOpen(): boolean {
    return this.#closing === undefined && this.#remote.ended === undefined
  }

  get sessionChanged(): boolean {
    return this.#settingsChanged || this.#cursors.size > 0
  }

  execute(call: DriverCall, done: DriverDone<DriverResult>): void {
    const { prelude } = call
    const flight = this.#start(done, true, prelude.length === 0)
    if (flight === undefined) return
    this.#prepared(call, flight, (isWrite) => {
      const statement = this.#statements.get(call.sql)
      let code = this.#code(statement, call)
      if (prelude.length === 0 && this.transaction === "none") code |= Wire.OUTSIDE
      this.#sent(flight, isWrite)
      flight.id = this.#remote.call(
        "execute",
        statement !== undefined
          ? prelude.length === 0
            ? [code, call.parameters]
            : [code, call.parameters, prelude]
          : [code, call.parameters, prelude, call.sql],
        (exit) => this.#statementEnded(flight, statement, exit),
      )
    })
  }

  executeMany(call: DriverBatchCall, done: DriverDone<DriverResult>): void {
    const flight = this.#start(done, true, false)
    if (flight === undefined) return
    this.#prepared(call, flight, (isWrite) => {
      const statement = this.#statements.get(call.sql)
      this.#sent(flight, isWrite)
      const code = this.#code(statement, call)
      const sql = statement === undefined ? call.sql : undefined
      flight.id = this.#remote.call("executeMany", [code, call.parameterSets, call.prelude, sql], (exit) =>
        this.#statementEnded(flight, statement, exit),
      )
    })
  }

  executeUnit(unit: DriverUnit, done: DriverDone<ReadonlyArray<DriverResult>>): void {
    const flight = this.#start(done, true, false)
    if (flight === undefined) return
    const isWrite = unit.calls.some((call) => call.isWrite !== false)
    this.#writable(isWrite, flight, () => {
      const statements = unit.calls.map((call) => this.#pin(call.sql))
      const steps = unit.calls.map((call, index) => this.#step(call, statements[index]))
      for (const statement of statements) if (statement !== undefined) statement.pinned = false
      this.#sent(flight, isWrite)
      flight.id = this.#remote.call("executeUnit", [unit.begin, steps], (exit) => {
        if (!exit.ok) return this.#failed(flight, exit.error)
        for (const answer of exit.value) this.#answered(flight, stateOf(answer))
        const rests = exit.value.map(restOf)
        const results = exit.value.map((answer, index) => readAnswer(statements[index], answer))
        this.#complete(flight, results, rests, () => this.#end(flight, results as ReadonlyArray<DriverResult>))
      })
    })
  }

  openCursor(call: DriverCall, done: DriverDone<DriverCursor>): void {
    const flight = this.#start(done, true, false)
    if (flight === undefined) return
    this.#prepared(call, flight, (isWrite) => {
      const statement = this.#statements.get(call.sql)
      const sql = statement === undefined ? call.sql : undefined
      this.#sent(flight, isWrite)
      flight.id = this.#remote.call(
        "openCursor",
        [this.#code(statement, call), call.parameters, call.prelude, sql],
        (exit) => {
          if (!exit.ok) return this.#failed(flight, exit.error)
          const [id, state, columns] = exit.value
          this.#cursors.add(id)
          this.#answered(flight, state)
          this.#end(flight, {
            columns,
            fetch: (size, told) => this.#fetch(id, size, told),
            close: (told) => this.#closeCursor(id, told),
          })
        },
      )
    })
  }

  /** Holds the write lock meanwhile, since the function may write whenever it likes. */
  runBeside(request: BesideRequest, done: DriverDone<unknown>): void {
    const flight = this.#start(done, true, false)
    if (flight === undefined) return
    this.#writable(true, flight, () => {
      this.#sent(flight, true)
      flight.id = this.#remote.call("runBeside", [request] as never, (exit) => {
        if (!exit.ok) return this.#failed(flight, exit.error)
        const [state, answer] = exit.value
        this.#answered(flight, state)
        this.#end(flight, answer)
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
    const flight = this.#start(done, false, false)
    if (flight === undefined) return
    this.#writer.resetting()
    this.#sent(flight, false)
    flight.id = this.#remote.call("resetAhead", [], (exit) => {
      this.#writer.wasReset()
      if (!exit.ok) return this.#failed(flight, exit.error)
      this.#cursors.clear()
      this.#answered(flight, exit.value)
      this.#end(flight, undefined)
    })
  }

  ping(done: DriverDone<void>): void {
    this.#control("ping", done)
  }

  /** Does nothing while several calls are under way: it cannot be told which of them is meant. */
  cancel(): void {
    const flights = [...this.#flights].filter((flight) => flight.isCancellable)
    const [flight] = flights
    if (flight === undefined || flights.length > 1) return
    flight.isCancelled = true
    if (this.#takeBack(flight)) this.#fail(flight, cancelled())
  }

  withdraw(): void {
    const taken: Array<Flight> = []
    // The last first, so that those which run are those that were sent first.
    for (const flight of [...this.#flights].reverse()) {
      if (flight.isPipelined && this.#takeBack(flight)) taken.push(flight)
    }
    for (const flight of taken.reverse()) this.#fail(flight, withdrawn)
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
    const flights = [...this.#flights]
    for (const flight of flights) this.#takeBack(flight)
    this.close(() => {})
    for (const flight of flights) this.#fail(flight, terminated(this.#config))
  }

  #start<A>(done: DriverDone<A>, isCancellable: boolean, isPipelined: boolean): Flight<A> | undefined {
    if (!this.isOpen) {
      done({ ok: false, error: closed(this.#config) })
      return undefined
    }
    const flight = makeFlight(done, isCancellable, isPipelined)
    this.#flights.add(flight)
    return flight
  }

  /** Goes on when it is known whether a statement writes, and if it does, when it may. */
  #prepared(call: SomeCall, flight: Flight, send: (isWrite: boolean) => void): void {
    if (call.isWrite === false) return send(false)
    if (call.isWrite === true) return this.#writable(true, flight, send)
    const known = this.#statements.find(call.sql)?.isReadonly
    if (known !== undefined) return this.#writable(!known, flight, send)
    if (this.#writer.mayWrite(this.transaction === "open")) return this.#writable(true, flight, send)
    this.#ask(call, flight, send)
  }

  /** Has a statement prepared that the program wrote itself, which tells whether it writes. */
  #ask(call: SomeCall, flight: Flight, send: (isWrite: boolean) => void): void {
    const statement = this.#statements.get(call.sql)
    this.#sent(flight, false)
    const args =
      statement === undefined ? [this.#code(undefined, call), call.sql] : [this.#code(statement, call), undefined]
    flight.id = this.#remote.call("prepare", args as [number, string | undefined], (exit) => {
      if (!exit.ok) return this.#failed(flight, exit.error)
      const isReadonly = (exit.value & Wire.READONLY) !== 0
      if (statement !== undefined) statement.isReadonly = isReadonly
      this.#answered(flight, exit.value)
      if (flight.stage === "ended") return
      if (flight.isCancelled) return this.#fail(flight, cancelled())
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
        this.#fail(flight, lockTimeout(this.#config.busyTimeout, this.#config))
      },
    )
  }

  #sent(flight: Flight, isWrite: boolean): void {
    flight.stage = "sent"
    flight.isWrite = isWrite
  }

  /** Takes a call back that has not begun. */
  #takeBack(flight: Flight): boolean {
    if (flight.leave !== undefined) {
      flight.leave()
      flight.leave = undefined
      return true
    }
    if (flight.stage !== "sent" || !this.#remote.retract(flight.id)) return false
    // It may have been the one that was to say so.
    this.#toldEpoch = -1
    this.#landed(flight)
    this.#writer.settle(this.transaction !== "none")
    return true
  }

  #code(statement: KnownStatement | undefined, { bigints, isWrite }: SomeCall): number {
    let code = (bigints ? Wire.BIGINTS : 0) | (isWrite === undefined ? Wire.OPAQUE : 0)
    if (this.#toldEpoch !== this.#schema.epoch) {
      this.#toldEpoch = this.#schema.epoch
      code |= Wire.SCHEMA_CHANGED
    }
    if (statement === undefined) return code
    if (statement.columnsVersion === 0) code |= Wire.TELL_COLUMNS
    return code + statement.number * Wire.STATEMENT
  }

  /** Finds a statement that must keep its number until all of a unit have one. */
  #pin(sql: string): KnownStatement | undefined {
    const statement = this.#statements.get(sql)
    if (statement !== undefined) statement.pinned = true
    return statement
  }

  #step(call: DriverUnitCall, statement: KnownStatement | undefined): Wire.WireStep {
    const isBatch = "parameterSets" in call
    const values = isBatch ? call.parameterSets : call.parameters
    const sql = statement === undefined ? call.sql : undefined
    return [this.#code(statement, call), sql, isBatch, values, call.expectedRowCount]
  }

  #statementEnded(
    flight: Flight<DriverResult>,
    statement: KnownStatement | undefined,
    exit: CallExit<Wire.WireAnswer>,
  ): void {
    if (!exit.ok) return this.#failed(flight, exit.error)
    const answer = exit.value
    if (answer === Wire.REFUSED) return this.#refused(flight)
    this.#answered(flight, stateOf(answer))
    const rest = restOf(answer)
    const result = readAnswer(statement, answer)
    if (result !== undefined && rest === 0) return this.#end(flight, result)
    const results = [result]
    this.#complete(flight, results, [rest], () => this.#end(flight, results[0] as DriverResult))
  }

  /** Gets what is missing of results, one part after the other, so that none holds the loop. */
  #complete(flight: Flight, results: Array<DriverResult | undefined>, rests: Array<number>, then: () => void): void {
    if (results.includes(undefined)) return this.#lost(flight, outOfStep(this.#config))
    const at = rests.findIndex((rest) => rest !== 0)
    const result = results[at]
    if (result === undefined) return then()
    const { columns } = result
    const cells = result.cells as Array<unknown>
    this.#rest(flight, rests[at] as number, cells, () => {
      results[at] = { columns, cells, rowCount: cells.length / columns.length }
      rests[at] = 0
      this.#complete(flight, results, rests, then)
    })
  }

  #rest(flight: Flight, rest: number, cells: Array<unknown>, then: () => void): void {
    this.#remote.call("more", [rest], (exit) => {
      if (!exit.ok) return this.#failed(flight, exit.error)
      const part = exit.value
      const isLast = part.pop() === true
      // The worker makes the next part ready while this one is taken.
      if (!isLast && flight.stage !== "ended") this.#rest(flight, rest, cells, then)
      for (let at = 0; at < part.length; at++) cells.push(part[at])
      if (isLast) then()
    })
  }

  #fetch(id: number, size: number, done: DriverDone<ReadonlyArray<unknown>>): void {
    const flight = this.#start(done, true, false)
    if (flight === undefined) return
    this.#sent(flight, false)
    flight.id = this.#remote.call("fetch", [id, size], (exit) => {
      if (!exit.ok) return this.#failed(flight, exit.error)
      const answer = exit.value as Exclude<Wire.WireAnswer, number>
      this.#answered(flight, stateOf(answer))
      if (!Array.isArray(answer)) {
        return this.#rest(flight, answer.rest, answer.cells, () => this.#end(flight, answer.cells))
      }
      answer.pop()
      this.#end(flight, answer)
    })
  }

  #closeCursor(id: number, done: DriverDone<void>): void {
    if (!this.#cursors.delete(id)) return done(succeeded)
    const flight = this.#start(done, false, false)
    if (flight === undefined) return
    this.#sent(flight, false)
    flight.id = this.#remote.call("closeCursor", [id], (exit) => {
      if (!exit.ok) return this.#failed(flight, exit.error)
      this.#answered(flight, exit.value)
      this.#end(flight, undefined)
    })
  }

  #control(method: "commit" | "rollback" | "reset" | "ping", done: DriverDone<void>, onDone?: () => void): void {
    const flight = this.#start(done, method === "ping", false)
    if (flight === undefined) return
    this.#sent(flight, false)
    flight.id = this.#remote.call(method, [], (exit) => {
      if (!exit.ok) return this.#failed(flight, exit.error)
      onDone?.()
      this.#answered(flight, exit.value)
      this.#end(flight, undefined)
    })
  }

  /** A call has run. */
  #answered(flight: Flight, state: number): void {
    this.#landed(flight)
    if (flight.stage === "sent") flight.stage = "answered"
    this.transaction = (state & Wire.IN_TRANSACTION) === 0 ? "none" : "open"
    this.#settingsChanged = (state & Wire.SESSION_CHANGED) !== 0
    if ((state & Wire.SCHEMA_TOUCHED) !== 0) {
      // The worker need not be told of what it has told.
      if (this.#toldEpoch === this.#schema.epoch++) this.#toldEpoch++
    }
    if ((state & Wire.NEEDS_TURN) !== 0 && !this.#isTurning) this.#turn()
    this.#writer.settle(this.transaction !== "none")
  }

  #turn(): void {
    this.#isTurning = true
    this.#remote.call("turn", [], () => {
      this.#isTurning = false
    })
  }

  /** A call was not run because a transaction is open that none of the calls before it was to open. */
  #refused(flight: Flight): void {
    this.transaction = "open"
    this.#landed(flight)
    this.#fail(flight, withdrawn)
  }

  #failed(flight: Flight, error: CallError): void {
    const failure = toDriverError(error, this.#config)
    const state = error._tag === "TaskError" ? failureState(error.cause) : undefined
    if (state !== undefined) {
      this.transaction = state.inTransaction ? "open" : "none"
      this.#settingsChanged = state.sessionChanged
    } else if (error._tag === "WorkerCrashedError" || error._tag === "ResidentClosedError") {
      this.transaction = "none"
    } else if (!wasNotSent(error)) return this.#lost(flight, failure)
    this.#landed(flight)
    this.#writer.settle(this.transaction !== "none")
    this.#fail(flight, failure)
  }

  /** An answer did not arrive, so that nobody knows what the connection is in the middle of. */
  #lost(flight: Flight, failure: DriverError): void {
    this.transaction = "unknown"
    this.#settingsChanged = true
    this.#statements.forgetColumns()
    this.#toldEpoch = -1
    this.#landed(flight)
    this.#fail(flight, failure)
  }

  /** A call needs the lock no more for its own sake. */
  #landed(flight: Flight): void {
    if (!flight.isWrite) return
    flight.isWrite = false
    this.#writer.ended()
  }

  #end<A>(flight: Flight<A>, value: A): void {
    if (flight.stage === "ended") return
    flight.stage = "ended"
    this.#flights.delete(flight)
    flight.done({ ok: true, value })
  }

  #fail(flight: Flight, error: DriverError): void {
    if (flight.stage === "ended") return
    flight.stage = "ended"
    this.#flights.delete(flight)
    failFlight(flight, error)
  }
}
