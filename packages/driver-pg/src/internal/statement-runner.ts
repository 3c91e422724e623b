import { type DriverDone, DriverError, type DriverNotice, failure, succeeded } from "@offloop/orm-async/driver"
import { CallGate } from "./call-gate.ts"
import { type FailurePlace, toDriverError } from "./driver-failure.ts"
import type { PgConfig } from "./pg-config.ts"
import { needsNewPlan } from "./pg-failure.ts"
import type { PreparedStatement } from "./prepared-statements.ts"
import type { ServerRequest } from "./server-request.ts"
import { ServerSession, type SessionOwner } from "./server-session.ts"
import { type Answered, StatementSender } from "./statement-sender.ts"

/** The events that a connection tells its owner. */
export interface PgConnectionListeners {
  readonly onNotice?: ((notice: DriverNotice) => void) | undefined
  /** Is told when the connection has ended, after what was under way has failed. */
  readonly onLost?: (() => void) | undefined
}

const nativeError = (code: string, message: string): Error => Object.assign(new Error(message), { code })

/** The error of a COMMIT that the server answered with a rollback; undefined if it did commit. */
const refusedCommit = (request: ServerRequest): Error | undefined =>
  request.result?.command === "ROLLBACK"
    ? nativeError("25P02", "a statement had failed, so that COMMIT rolled the transaction back")
    : undefined

/** The building blocks of calls: steps on a session, of which some have limited time, and what all calls have to do with. */
export class StatementRunner implements SessionOwner {
  readonly config: PgConfig
  readonly session: ServerSession
  readonly sender: StatementSender
  readonly gate = new CallGate()
  readonly #listeners: PgConnectionListeners
  #heldCursors = 0
  #resets = 0
  #isClosing = false

  constructor(config: PgConfig, listeners: PgConnectionListeners) {
    this.config = config
    this.#listeners = listeners
    this.session = new ServerSession(config, this)
    this.sender = new StatementSender(this.session, config.prepare ? config.statementCacheSize : 0)
  }

  get isOpen(): boolean {
    return this.session.lostBecause === undefined && !this.#isClosing
  }

  /** The number of resets of the connection, each of which closes every cursor. */
  get resets(): number {
    return this.#resets
  }

  get sessionChanged(): boolean {
    return this.sender.sessionChanged || this.#heldCursors > 0
  }

  /** Makes a call now, or when nothing is under way that it must not meet; fails it if the connection is lost. */
  enter(make: () => void, done: DriverDone<never>): void {
    if (this.#isClosing)
      return done(failure(this.toError(nativeError("CONNECTION_ENDED", "the connection was closed"))))
    this.gate.enter(
      () => {
        const { lostBecause } = this.session
        if (lostBecause === undefined) make()
        else done(failure(this.toError(lostBecause)))
      },
      (reason) => done(failure(this.toError(reason))),
    )
  }

  /** Later calls wait until this one has ended, and the session counts as changed. */
  alone<A>(done: DriverDone<A>): DriverDone<A> {
    this.sender.markSession()
    this.gate.close()
    return (outcome) => {
      done(outcome)
      this.gate.open()
    }
  }

  /** Makes a call of which only the answer counts. */
  call(send: (answered: Answered) => void, done: DriverDone<ServerRequest>): void {
    this.enter(
      () =>
        send((request) =>
          done(request.error === undefined ? { ok: true, value: request } : failure(this.toError(request.error))),
        ),
      done,
    )
  }

  /** Makes a call that must be answered within the time for a reset. `what` is it called in messages. */
  callInTime(what: string, send: (answered: Answered) => void, done: DriverDone<void>): void {
    const ended = this.within(this.config.resetTimeout, "RESET_TIMEOUT", what, done)
    this.call(send, (outcome) => ended(outcome.ok ? succeeded : outcome))
  }

  /** Commits; fails if the server rolled back instead. */
  commit(done: DriverDone<void>): void {
    const ended = this.within(this.config.commitTimeout, "COMMIT_TIMEOUT", "a COMMIT", done)
    this.sender.sendCommand("COMMIT", (request) => {
      const error = request.error ?? refusedCommit(request)
      ended(error === undefined ? succeeded : failure(this.toError(error)))
    })
  }

  /** Rolls back if a transaction is open. */
  rollback(done: DriverDone<void>): void {
    if (!this.sender.inTransaction) return done(succeeded)
    const ended = this.within(this.config.resetTimeout, "RESET_TIMEOUT", "a ROLLBACK", done)
    this.sender.sendCommand("ROLLBACK", ({ error }) =>
      ended(error === undefined ? succeeded : failure(this.toError(error))),
    )
  }

  /** Closes the connection when the calls made so far have ended; ends it if that takes longer than closing may. */
  close(done: () => void): void {
    if (!this.isOpen) return this.session.close(done)
    this.#isClosing = true
    const timer = setTimeout(() => this.session.destroy(), this.config.closeTimeout)
    const close = (): void => {
      clearTimeout(timer)
      this.session.close(done)
    }
    this.gate.enter(() => this.session.onceIdle(close), close)
  }

  /** Ends the connection if the answer does not come in time. */
  within<A>(timeout: number, code: string, what: string, done: DriverDone<A>): DriverDone<A> {
    if (timeout === 0) return done
    const timer = setTimeout(
      () => this.session.destroy(nativeError(code, `the server did not answer ${what} within ${timeout} ms`)),
      timeout,
    )
    return (outcome) => {
      clearTimeout(timer)
      done(outcome)
    }
  }

  /**
   * Tells whether a statement failed only because the server refuses to run it as it was prepared. It is prepared anew
   * when it is sent next.
   */
  isStale(error: unknown, statement: PreparedStatement | undefined): boolean {
    if (statement === undefined || !needsNewPlan(error, statement.name)) return false
    this.sender.statements.distrust(statement)
    return true
  }

  /** The same of the statement that a group has failed with. */
  hasFailedStale({ error, steps, completedSteps }: ServerRequest): boolean {
    return this.isStale(error, steps[completedSteps]?.statement)
  }

  /** The error that the engine is told. After a loss it is the reason of that. */
  toError(cause: unknown, place?: FailurePlace): DriverError {
    if (cause instanceof DriverError) return cause
    return toDriverError(this.session.lostBecause ?? cause, this.config, place)
  }

  /** A cursor that outlives its transaction was opened, or closed. */
  heldCursor(change: 1 | -1): void {
    this.#heldCursors += change
  }

  /** The session is as it was after connecting. */
  wasReset(): void {
    this.#heldCursors = 0
    this.#resets++
    this.sender.wasReset()
  }

  settingChanged(): void {
    this.sender.settingChanged()
  }

  noticed(notice: DriverNotice): void {
    this.#listeners.onNotice?.(notice)
  }

  usedByProgram(): void {
    this.sender.markSession()
  }

  lost(): void {
    this.gate.refuse(this.session.lostBecause as Error)
    this.#listeners.onLost?.()
  }
}
