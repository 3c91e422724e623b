import {
  type DriverCall,
  type DriverDone,
  type DriverError,
  type DriverResult,
  type TransactionState,
  withdrawn,
} from "@offloop/orm-async/driver"
import type { CallError, MethodArgs, MethodName, MethodResult, ResidentHandle } from "@offloop/runtime/callback"
import { readAnswer, restOf, stateOf } from "./answers.ts"
import { cancelled, closed, failureState, outOfStep, terminated, toDriverError, wasNotSent } from "./driver-failure.ts"
import { type Flight, makeFlight } from "./flight.ts"
import { type KnownStatement, KnownStatements } from "./known-statements.ts"
import type { SchemaEpoch } from "./schema-epoch.ts"
import type { ServedConnection } from "./served-connection.ts"
import type { SqliteConfig } from "./sqlite-config.ts"
import * as Wire from "./wire.ts"
import type { Writer } from "./writer.ts"

type Remote = ResidentHandle<ServedConnection>
type Method = MethodName<ServedConnection>

/** The traits of a statement that decide how it is run. */
export interface StatementTraits {
  readonly isWrite: boolean | undefined
  readonly bigints: boolean
}

/**
 * The calls of a connection to its worker that are under way, and what their answers have told of the connection: its
 * transaction, its session, and its statements.
 */
export class RemoteCalls {
  transaction: TransactionState = "none"
  settingsChanged = false
  readonly statements: KnownStatements
  readonly #remote: Remote
  readonly #config: SqliteConfig
  readonly #writer: Writer
  readonly #schema: SchemaEpoch
  readonly #flights = new Set<Flight>()
  /** The epoch of the schema that the worker has heard of. */
  #toldEpoch: number

  constructor(remote: Remote, config: SqliteConfig, writer: Writer, schema: SchemaEpoch) {
    this.#remote = remote
    this.#config = config
    this.#writer = writer
    this.#schema = schema
    this.#toldEpoch = schema.epoch
    this.statements = new KnownStatements(config.statementCacheSize, (number, sql) => {
      // It cannot fail by itself, and the end of the worker is told to the call behind it.
      remote.call("define", [number, sql], () => {})
    })
    remote.onEnd(() => {
      this.transaction = "none"
      writer.end()
    })
  }

  /** The worker is there. */
  get isAlive(): boolean {
    return this.#remote.ended === undefined
  }

  /** Starts a call, unless the connection has ended, which the caller is told then. */
  start<A>(isOpen: boolean, done: DriverDone<A>, isCancellable: boolean, isPipelined: boolean): Flight<A> | undefined {
    if (!isOpen) {
      done({ ok: false, error: closed(this.#config) })
      return undefined
    }
    const flight = makeFlight(done, isCancellable, isPipelined)
    this.#flights.add(flight)
    return flight
  }

  /** Sends a call. `onValue` is told its answer; a failure is told to the caller. */
  send<K extends Method>(
    flight: Flight,
    isWrite: boolean,
    method: K,
    args: MethodArgs<ServedConnection, K>,
    onValue: (value: MethodResult<ServedConnection, K>) => void,
  ): void {
    flight.stage = "sent"
    flight.isWrite = isWrite
    flight.id = this.#remote.call(method, args, (exit) => {
      if (exit.ok) onValue(exit.value)
      else this.#failed(flight, exit.error)
    })
  }

  /** Sends a statement. */
  execute(call: DriverCall, flight: Flight<DriverResult>, isWrite: boolean): void {
    const { parameters, prelude } = call
    const statement = this.statements.get(call.sql)
    let code = this.code(statement, call)
    if (prelude.length === 0 && this.transaction === "none") code |= Wire.OUTSIDE
    const args: MethodArgs<ServedConnection, "execute"> =
      statement === undefined
        ? [code, parameters, prelude, call.sql]
        : prelude.length === 0
          ? [code, parameters]
          : [code, parameters, prelude]
    this.send(flight, isWrite, "execute", args, (answer) => this.result(flight, statement, answer))
  }

  /** Sends what is written together. The first stands for all where the lock is concerned. */
  sendGroup(
    flights: readonly [Flight, ...ReadonlyArray<Flight>],
    members: ReadonlyArray<Wire.WireMember>,
    onAnswers: (answers: ReadonlyArray<Wire.WireMemberAnswer>) => void,
  ): void {
    const [first, ...others] = flights
    // None of them can be taken back without the others.
    for (const flight of flights) flight.stage = "begun"
    first.isWrite = true
    first.id = this.#remote.call("executeGroup", [members], (exit) => {
      if (!exit.ok) {
        this.#failed(first, exit.error)
        const failure = toDriverError(exit.error, this.#config)
        for (const flight of others) this.fail(flight, failure)
      } else if (exit.value === Wire.REFUSED) this.refused(flights)
      else {
        const [state, answers] = exit.value
        this.answered(first, state)
        onAnswers(answers)
      }
    })
  }

  /** A statement was answered: takes its result in, and gets the rest of it if there is one. */
  result(flight: Flight<DriverResult>, statement: KnownStatement | undefined, answer: Wire.WireAnswer): void {
    if (answer === Wire.REFUSED) return this.refused([flight])
    this.answered(flight, stateOf(answer))
    const rest = restOf(answer)
    const result = readAnswer(statement, answer)
    if (result !== undefined && rest === 0) return this.end(flight, result)
    this.complete(flight, [result], [rest], ([whole]) => this.end(flight, whole as DriverResult))
  }

  /** Makes the code of a statement that is about to be sent. */
  code(statement: KnownStatement | undefined, { bigints, isWrite }: StatementTraits): number {
    let code = (bigints ? Wire.BIGINTS : 0) | (isWrite === undefined ? Wire.OPAQUE : 0)
    if (this.#toldEpoch !== this.#schema.epoch) {
      this.#toldEpoch = this.#schema.epoch
      code |= Wire.SCHEMA_CHANGED
    }
    if (statement === undefined) return code
    if (statement.columnsVersion === 0) code |= Wire.TELL_COLUMNS
    return code + statement.number * Wire.STATEMENT
  }

  /** A call has run, and its answer told how the connection is now. */
  answered(flight: Flight, state: number): void {
    if (flight.stage === "sent") flight.stage = "begun"
    this.transaction = (state & Wire.IN_TRANSACTION) === 0 ? "none" : "open"
    this.settingsChanged = (state & Wire.SESSION_CHANGED) !== 0
    if ((state & Wire.SCHEMA_TOUCHED) !== 0) {
      // The worker need not be told of what it has told.
      if (this.#toldEpoch === this.#schema.epoch++) this.#toldEpoch++
    }
    this.#landed(flight)
    this.#writer.settle(this.transaction !== "none")
  }

  /** Calls were not run because a transaction is open that none of the calls before them was to open. */
  refused(flights: ReadonlyArray<Flight>): void {
    this.transaction = "open"
    for (const flight of flights) this.#landed(flight)
    for (const flight of flights) this.fail(flight, withdrawn)
  }

  /** Gets what is missing of results, one part after the other, so that none holds the loop; then fills them in. */
  complete(
    flight: Flight,
    results: Array<DriverResult | undefined>,
    rests: Array<number>,
    then: (results: ReadonlyArray<DriverResult>) => void,
  ): void {
    if (results.includes(undefined)) return this.#lost(flight, outOfStep(this.#config))
    const whole = results as Array<DriverResult>
    const at = rests.findIndex((rest) => rest !== 0)
    const result = whole[at]
    if (result === undefined) return then(whole)
    const { columns, cells: first } = result
    this.rest(flight, rests[at] as number, [first], (cells) => {
      results[at] = { columns, cells, rowCount: cells.length / columns.length }
      rests[at] = 0
      this.complete(flight, results, rests, then)
    })
  }

  /** Gets the parts of cells that follow a first one. */
  rest(
    flight: Flight,
    rest: number,
    parts: Array<ReadonlyArray<unknown>>,
    then: (cells: ReadonlyArray<unknown>) => void,
  ): void {
    this.#remote.call("more", [rest], (exit) => {
      if (!exit.ok) return this.#failed(flight, exit.error)
      const part = exit.value
      const isLast = part.pop() === true
      parts.push(part)
      if (flight.stage === "ended") return
      if (!isLast) return this.rest(flight, rest, parts, then)
      // Once for all: an array that grows is copied again and again. Nothing else puts arrays together as fast.
      const none: Array<unknown> = []
      then(none.concat(...parts))
    })
  }

  end<A>(flight: Flight<A>, value: A): void {
    if (this.#leave(flight)) flight.done({ ok: true, value })
  }

  fail(flight: Flight, error: DriverError): void {
    if (this.#leave(flight)) flight.done({ ok: false, error })
  }

  /** Takes the only call back, if its caller may give it up and it has not begun. */
  cancel(): void {
    const flights = [...this.#flights].filter((flight) => flight.isCancellable)
    const [flight] = flights
    if (flight === undefined || flights.length > 1) return
    flight.isCancelled = true
    if (this.#takeBack(flight)) this.fail(flight, cancelled())
  }

  /** Takes the calls of a pipeline back that have not begun. */
  withdraw(): void {
    const taken: Array<Flight> = []
    // The last first, so that those which run are those that were sent first.
    for (const flight of [...this.#flights].reverse()) {
      if (flight.isPipelined && this.#takeBack(flight)) taken.push(flight)
    }
    for (const flight of taken.reverse()) this.fail(flight, withdrawn)
  }

  /** Fails everything that is under way, after `end` was called. */
  terminate(end: () => void): void {
    const flights = [...this.#flights].reverse()
    for (const flight of flights) this.#takeBack(flight)
    end()
    for (const flight of flights.reverse()) this.fail(flight, terminated(this.#config))
  }

  #takeBack(flight: Flight): boolean {
    if (flight.leave !== undefined) {
      flight.leave()
      flight.leave = undefined
      return true
    }
    if (flight.stage !== "sent" || !this.#remote.retract(flight.id)) return false
    // It may have been the one that was to tell the worker.
    this.#toldEpoch = -1
    this.#landed(flight)
    this.#writer.settle(this.transaction !== "none")
    return true
  }

  #failed(flight: Flight, error: CallError): void {
    const failure = toDriverError(error, this.#config)
    const state = error._tag === "TaskError" ? failureState(error.cause) : undefined
    if (state !== undefined) {
      this.transaction = state.inTransaction ? "open" : "none"
      this.settingsChanged = state.sessionChanged
    } else if (error._tag === "WorkerCrashedError" || error._tag === "ResidentClosedError") {
      this.transaction = "none"
    } else if (!wasNotSent(error)) return this.#lost(flight, failure)
    this.#landed(flight)
    this.#writer.settle(this.transaction !== "none")
    this.fail(flight, failure)
  }

  /** An answer did not arrive, so that nobody knows what the connection is in the middle of. */
  #lost(flight: Flight, failure: DriverError): void {
    this.transaction = "unknown"
    this.settingsChanged = true
    this.statements.forgetColumns()
    this.#toldEpoch = -1
    this.#landed(flight)
    this.fail(flight, failure)
  }

  /** A call needs the lock no more for its own sake. */
  #landed(flight: Flight): void {
    if (flight.isWrite) {
      flight.isWrite = false
      this.#writer.ended()
    }
    const { onLanded } = flight
    flight.onLanded = undefined
    onLanded?.()
  }

  #leave(flight: Flight): boolean {
    if (flight.stage === "ended") return false
    flight.stage = "ended"
    this.#flights.delete(flight)
    return true
  }
}
