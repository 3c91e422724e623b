import {
  type DriverBatchCall,
  type DriverCall,
  type DriverConnection,
  type DriverCursor,
  type DriverDone,
  type DriverResult,
  type DriverUnit,
  failure,
  succeeded,
  type TransactionState,
} from "@offloop/orm-async/driver"
import { type BoundStatement, bindStatement } from "./bound-statement.ts"
import { cancelRequest } from "./cancellation.ts"
import { executeGroup } from "./execute-group.ts"
import { executeMany } from "./execute-many.ts"
import { executeUnit } from "./execute-unit.ts"
import { openCursor } from "./open-cursor.ts"
import type { PgConfig } from "./pg-config.ts"
import { resetSession } from "./reset-session.ts"
import { type PgConnectionListeners, StatementRunner } from "./statement-runner.ts"

const inTransaction = "T".charCodeAt(0)
const inFailedTransaction = "E".charCodeAt(0)

const cancelledBeforeItBegan = (): Error =>
  Object.assign(new Error("the call was cancelled before it began"), { code: "57014" })

/**
 * One connection to a server, on the thread that opened it.
 *
 * Calls are sent as they are made. What must not meet another call waits in the driver: a call behind SQL of the program's
 * own, which may begin a transaction or a COPY, behind a reset, and behind a request to cancel.
 */
export class PgDriverConnection implements DriverConnection {
  readonly pipelineDepth = 32
  readonly answersAtOnce = false
  readonly #runner: StatementRunner

  constructor(config: PgConfig, listeners: PgConnectionListeners = {}) {
    this.#runner = new StatementRunner(config, listeners)
  }

  /** Connects and authenticates. */
  open(): Promise<void> {
    return this.#runner.session.open()
  }

  get isOpen(): boolean {
    return this.#runner.isOpen
  }

  get transaction(): TransactionState {
    const { status } = this.#runner.session
    if (!this.#runner.isOpen) return "unknown"
    if (status === inTransaction) return "open"
    return status === inFailedTransaction ? "failed" : "none"
  }

  get sessionChanged(): boolean {
    return this.#runner.sessionChanged
  }

  get driverConnection(): unknown {
    return this.#runner.session.client
  }

  execute(call: DriverCall, done: DriverDone<DriverResult>): void {
    // The common case is made without a closure.
    if (this.#runner.gate.isClosed || !this.#runner.isOpen) this.#runner.enter(() => this.#execute(call, done), done)
    else this.#execute(call, done)
  }

  executeMany(call: DriverBatchCall, done: DriverDone<DriverResult>): void {
    this.#runner.enter(() => executeMany(this.#runner, call, this.#guard(call, done)), done)
  }

  executeUnit(unit: DriverUnit, done: DriverDone<ReadonlyArray<DriverResult>>): void {
    const ofProgram = unit.calls.find(({ isWrite }) => isWrite === undefined)
    this.#runner.enter(() => executeUnit(this.#runner, unit, ofProgram ? this.#guard(ofProgram, done) : done), done)
  }

  openCursor(call: DriverCall, done: DriverDone<DriverCursor>): void {
    this.#runner.enter(() => openCursor(this.#runner, call, this.#guard(call, done)), done)
  }

  commit(done: DriverDone<void>): void {
    const runner = this.#runner
    runner.enter(() => (runner.sender.inTransaction ? runner.commit(done) : done(succeeded)), done)
  }

  rollback(done: DriverDone<void>): void {
    this.#runner.enter(() => this.#runner.rollback(done), done)
  }

  reset(done: DriverDone<void>): void {
    const runner = this.#runner
    runner.enter(() => {
      if (!runner.sessionChanged) return runner.rollback(done)
      runner.gate.close()
      const ended = runner.within<void>(runner.config.resetTimeout, "RESET_TIMEOUT", "a reset", (outcome) => {
        done(outcome)
        // Calls that wait behind a failed reset must not run.
        if (!outcome.ok) runner.session.destroy()
        runner.gate.open()
      })
      resetSession(runner.sender, (error) => {
        if (error === undefined) runner.wasReset()
        ended(error === undefined ? succeeded : failure(runner.toError(error)))
      })
    }, done)
  }

  /** A call behind it is sent at once, or waits in the driver where the reset is more than a ROLLBACK. */
  resetAhead(done: DriverDone<void>): void {
    this.reset(done)
  }

  ping(done: DriverDone<void>): void {
    const runner = this.#runner
    runner.enter(() => {
      const ended = runner.within(runner.config.pingTimeout, "PING_TIMEOUT", "a ping", done)
      runner.sender.sendPing(({ error }) => ended(error === undefined ? succeeded : failure(runner.toError(error))))
    }, done)
  }

  cancel(): void {
    const { gate, session, config } = this.#runner
    gate.refuse(cancelledBeforeItBegan())
    const { oldest } = session
    if (oldest === undefined || oldest.isCancelling) return
    oldest.isCancelling = true
    gate.close()
    cancelRequest(session, oldest, config.cancelTimeout, () => gate.open())
  }

  close(done: () => void): void {
    this.#runner.close(done)
  }

  terminate(): void {
    this.#runner.session.destroy()
  }

  #execute(call: DriverCall, done: DriverDone<DriverResult>): void {
    const runner = this.#runner
    const { sender } = runner
    if (call.prelude.length > 0) return executeGroup(runner, call, this.#guard(call, done))
    let bound: BoundStatement
    try {
      bound = bindStatement(sender.statements, call.sql, call.parameters)
    } catch (error) {
      return done(failure(runner.toError(error)))
    }
    this.#send(bound, call.bigints, !sender.inTransaction, this.#guard(call, done))
  }

  #send(bound: BoundStatement, bigints: boolean, mayTryAgain: boolean, done: DriverDone<DriverResult>): void {
    const { statement } = bound
    this.#runner.sender.send(bound, bigints, ({ error, cells, result }) => {
      if (error === undefined) {
        return done({ ok: true, value: { columns: statement.names, cells, rowCount: result?.count ?? -1 } })
      }
      if (this.#runner.isStale(error, statement) && mayTryAgain && this.isOpen) {
        return this.#send(bound, bigints, false, done)
      }
      done(failure(this.#runner.toError(error)))
    })
  }

  /** A call of SQL that the program wrote itself has the connection for itself. */
  #guard<A>({ isWrite }: { readonly isWrite: boolean | undefined }, done: DriverDone<A>): DriverDone<A> {
    return isWrite === undefined ? this.#runner.alone(done) : done
  }
}
