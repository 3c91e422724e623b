import {
  type DriverBatchCall,
  type DriverCall,
  type DriverConnection,
  type DriverCursor,
  type DriverDone,
  DriverError,
  type DriverNotice,
  type DriverResult,
  type DriverUnit,
  failure,
  succeeded,
  type TransactionState,
} from "@offloop/orm-async/driver"
import { CallGate } from "./call-gate.ts"
import { cancelRequest } from "./cancellation.ts"
import { type FailurePlace, toDriverError } from "./driver-failure.ts"
import { executeGroup } from "./execute-group.ts"
import { executeMany } from "./execute-many.ts"
import { executeUnit } from "./execute-unit.ts"
import { openCursor } from "./open-cursor.ts"
import type { PgConfig } from "./pg-config.ts"
import { needsNewPlan } from "./pg-failure.ts"
import { resetSession } from "./reset-session.ts"
import type { ServerRequest } from "./server-request.ts"
import { ServerSession, type SessionOwner } from "./server-session.ts"
import type { StatementRunner } from "./statement-runner.ts"
import { type BoundStatement, StatementSender } from "./statement-sender.ts"

const inTransaction = "T".charCodeAt(0)
const inFailedTransaction = "E".charCodeAt(0)

const nativeError = (code: string, message: string): Error => Object.assign(new Error(message), { code })

const cancelledBeforeItBegan = (): Error => nativeError("57014", "the call was cancelled before it began")

/** The error of a COMMIT that the server answered with a rollback; undefined if it did commit. */
const refusedCommit = (request: ServerRequest): Error | undefined =>
  request.result?.command === "ROLLBACK"
    ? nativeError("25P02", "a statement had failed, so that COMMIT rolled the transaction back")
    : undefined

/** What a connection needs beside its configuration. */
export interface PgConnectionOptions {
  readonly onNotice?: ((notice: DriverNotice) => void) | undefined
  /** Is told when the connection has ended, after what was under way has failed. */
  readonly onLost?: (() => void) | undefined
}

/**
 * One connection to a server, on the thread that opened it.
 *
 * Calls are sent as they are made. What must not meet another call waits in the driver: a call behind SQL of the program's
 * own, which may begin a transaction or a COPY, behind a reset, and behind a request to cancel.
 */
export class PgDriverConnection implements DriverConnection, SessionOwner, StatementRunner {
  readonly pipelineDepth = 32
  readonly answersAtOnce = false
  readonly config: PgConfig
  readonly sender: StatementSender
  readonly #session: ServerSession
  readonly #gate = new CallGate()
  readonly #options: PgConnectionOptions
  #heldCursors = 0
  #resets = 0

  constructor(config: PgConfig, options: PgConnectionOptions = {}) {
    this.config = config
    this.#options = options
    this.#session = new ServerSession(config, this)
    this.sender = new StatementSender(this.#session, config)
  }

  /** Connects and authenticates. */
  open(): Promise<void> {
    return this.#session.open()
  }

  get isOpen(): boolean {
    return this.#session.lostBecause === undefined
  }

  get transaction(): TransactionState {
    const { lostBecause, status } = this.#session
    if (lostBecause !== undefined) return "unknown"
    if (status === inTransaction) return "open"
    return status === inFailedTransaction ? "failed" : "none"
  }

  get sessionChanged(): boolean {
    return this.sender.sessionChanged || this.#heldCursors > 0
  }

  get driverConnection(): unknown {
    return this.#session.client
  }

  execute(call: DriverCall, done: DriverDone<DriverResult>): void {
    if (this.#gate.isClosed) return this.#enter(() => this.#execute(call, done), done)
    this.#execute(call, done)
  }

  executeMany(call: DriverBatchCall, done: DriverDone<DriverResult>): void {
    this.#enter(() => executeMany(this, call, this.#guard(call, done)), done)
  }

  executeUnit(unit: DriverUnit, done: DriverDone<ReadonlyArray<DriverResult>>): void {
    const isOpaque = unit.calls.some(({ isWrite }) => isWrite === undefined)
    this.#enter(() => executeUnit(this, unit, isOpaque ? this.#alone(done) : done), done)
  }

  openCursor(call: DriverCall, done: DriverDone<DriverCursor>): void {
    this.#enter(() => openCursor(this, call, this.#guard(call, done)), done)
  }

  commit(done: DriverDone<void>): void {
    this.#enter(() => {
      if (!this.#mayGoOn(done)) return
      if (this.sender.inTransaction) this.commitNow(done)
      else done(succeeded)
    }, done)
  }

  rollback(done: DriverDone<void>): void {
    this.#enter(() => {
      if (!this.#mayGoOn(done)) return
      this.rollbackNow(done)
    }, done)
  }

  reset(done: DriverDone<void>): void {
    this.#enter(() => {
      if (!this.#mayGoOn(done)) return
      if (!this.sessionChanged) return this.rollbackNow(done)
      this.#gate.close()
      const ended = this.#within<void>(this.config.resetTimeout, "RESET_TIMEOUT", "a reset", (outcome) => {
        done(outcome)
        // What waits behind a reset that has failed must not run.
        if (!outcome.ok) this.#session.destroy()
        this.#gate.open()
      })
      resetSession(this.sender, (error) => {
        if (error === undefined) {
          this.#heldCursors = 0
          this.#resets++
          this.sender.wasReset()
        }
        ended(error === undefined ? succeeded : failure(this.toError(error)))
      })
    }, done)
  }

  /** What is called behind it is sent behind it, or waits in the driver where the reset is more than a ROLLBACK. */
  resetAhead(done: DriverDone<void>): void {
    this.reset(done)
  }

  ping(done: DriverDone<void>): void {
    this.#enter(() => {
      if (!this.#mayGoOn(done)) return
      const ended = this.#within(this.config.pingTimeout, "PING_TIMEOUT", "a ping", done)
      this.sender.sendPing(({ error }) => ended(error === undefined ? succeeded : failure(this.toError(error))))
    }, done)
  }

  cancel(): void {
    this.#gate.refuse(cancelledBeforeItBegan())
    const { oldest } = this.#session
    if (oldest === undefined || oldest.isCancelling) return
    oldest.isCancelling = true
    this.#gate.close()
    cancelRequest(this.#session, oldest, this.config.cancelTimeout, () => this.#gate.open())
  }

  close(done: () => void): void {
    this.#session.close(done)
  }

  terminate(): void {
    this.#session.destroy()
  }

  settingChanged(): void {
    this.sender.settingChanged()
  }

  noticed(notice: DriverNotice): void {
    this.#options.onNotice?.(notice)
  }

  usedByProgram(): void {
    this.sender.markSession()
  }

  lost(): void {
    this.#gate.refuse(this.#session.lostBecause as Error)
    this.#options.onLost?.()
  }

  /** The error that the engine is told. After a loss it is the reason of that. */
  toError(cause: unknown, place?: FailurePlace): DriverError {
    if (cause instanceof DriverError) return cause
    return toDriverError(this.#session.lostBecause ?? cause, this.config, place)
  }

  /** Tells the reason if the connection is lost. */
  #mayGoOn(done: DriverDone<never>): boolean {
    const { lostBecause } = this.#session
    if (lostBecause === undefined) return true
    done(failure(this.toError(lostBecause)))
    return false
  }

  get resets(): number {
    return this.#resets
  }

  commitNow(done: DriverDone<void>): void {
    const ended = this.#within(this.config.commitTimeout, "COMMIT_TIMEOUT", "a COMMIT", done)
    this.sender.sendCommand("COMMIT", (request) => {
      const error = request.error ?? refusedCommit(request)
      ended(error === undefined ? succeeded : failure(this.toError(error)))
    })
  }

  rollbackNow(done: DriverDone<void>): void {
    if (!this.sender.inTransaction) return done(succeeded)
    const ended = this.#within(this.config.resetTimeout, "RESET_TIMEOUT", "a ROLLBACK", done)
    this.sender.sendCommand("ROLLBACK", ({ error }) =>
      ended(error === undefined ? succeeded : failure(this.toError(error))),
    )
  }

  call(send: (answered: (request: ServerRequest) => void) => void, done: DriverDone<ServerRequest>): void {
    this.#enter(() => {
      if (!this.#mayGoOn(done)) return
      send((request) =>
        done(request.error === undefined ? { ok: true, value: request } : failure(this.toError(request.error))),
      )
    }, done)
  }

  callInTime(send: (answered: (request: ServerRequest) => void) => void, done: DriverDone<void>): void {
    const ended = this.#within(this.config.resetTimeout, "RESET_TIMEOUT", "the closing of a cursor", done)
    this.call(send, (outcome) => ended(outcome.ok ? succeeded : outcome))
  }

  heldCursor(change: 1 | -1): void {
    this.#heldCursors += change
  }

  #execute(call: DriverCall, done: DriverDone<DriverResult>): void {
    if (!this.#mayGoOn(done)) return
    if (call.prelude.length > 0) return executeGroup(this, call, this.#guard(call, done))
    let bound: BoundStatement
    try {
      bound = this.sender.bind(call.sql, call.parameters)
    } catch (error) {
      return done(failure(this.toError(error)))
    }
    this.#send(bound, call, !this.sender.inTransaction, call.isWrite === undefined ? this.#alone(done) : done)
  }

  #send(bound: BoundStatement, call: DriverCall, mayTryAgain: boolean, done: DriverDone<DriverResult>): void {
    const { sender } = this
    sender.send(bound, call.bigints, (request) => {
      const { error, cells, result } = request
      if (error === undefined) {
        return done({ ok: true, value: { columns: bound.statement.names, cells, rowCount: result?.count ?? -1 } })
      }
      if (needsNewPlan(error)) {
        sender.distrust(bound.statement)
        if (mayTryAgain && this.isOpen) return this.#send(bound, call, false, done)
      }
      done(failure(this.toError(error)))
    })
  }

  #enter(make: () => void, done: DriverDone<never>): void {
    this.#gate.enter(make, (reason) => done(failure(this.toError(reason))))
  }

  /** A call of SQL that the program wrote itself has the connection for itself. */
  #guard<A>(call: { readonly isWrite: boolean | undefined }, done: DriverDone<A>): DriverDone<A> {
    return call.isWrite === undefined ? this.#alone(done) : done
  }

  /** Later calls wait until this one has ended, and the session counts as changed. */
  #alone<A>(done: DriverDone<A>): DriverDone<A> {
    this.sender.markSession()
    this.#gate.close()
    return (outcome) => {
      done(outcome)
      this.#gate.open()
    }
  }

  /** Ends the connection if the answer does not come in time. */
  #within<A>(timeout: number, code: string, what: string, done: DriverDone<A>): DriverDone<A> {
    if (timeout === 0) return done
    const timer = setTimeout(
      () => this.#session.destroy(nativeError(code, `the server did not answer ${what} within ${timeout} ms`)),
      timeout,
    )
    return (outcome) => {
      clearTimeout(timer)
      done(outcome)
    }
  }
}
