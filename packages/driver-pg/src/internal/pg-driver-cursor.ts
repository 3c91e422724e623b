import { type DriverCursor, type DriverDone, failure, succeeded } from "@offloop/orm-async/driver"
import { type BoundStatement, bindOnce } from "./bound-statement.ts"
import { PreparedStatement } from "./prepared-statements.ts"
import type { StatementRunner } from "./statement-runner.ts"

const closing = "the closing of a cursor"
const exhausted = { ok: true, value: [] } as const

const refuseFetch = (runner: StatementRunner, done: DriverDone<never>): void => {
  const cause = Object.assign(new Error("the cursor is closed: its transaction has ended"), { code: "34000" })
  done(failure(runner.toError(cause)))
}

/** A portal that has been opened. */
export interface OpenedPortal {
  readonly portal: string
  readonly statement: PreparedStatement
  readonly bigints: boolean
  /** The cells that came when it was opened. */
  readonly first: ReadonlyArray<unknown>
}

/** A portal on the server: it lives as long as its transaction, and takes any statement that returns rows. */
export class PortalCursor implements DriverCursor {
  readonly columns: ReadonlyArray<string>
  readonly #runner: StatementRunner
  readonly #portal: string
  readonly #bigints: boolean
  readonly #transaction: number
  /** The columns as they are now: the statement may be prepared anew with others while the portal is open. */
  readonly #statement: PreparedStatement
  /** Rows that have come and were not asked for yet. */
  #ahead: ReadonlyArray<unknown>
  #isExhausted = false
  #isClosed = false

  constructor(runner: StatementRunner, { portal, statement, bigints, first }: OpenedPortal) {
    this.#runner = runner
    this.#portal = portal
    this.#bigints = bigints
    this.#ahead = first
    this.#transaction = runner.sender.transactions
    this.#statement = new PreparedStatement(statement.sql, statement.types)
    this.#statement.columns = statement.columns
    this.columns = statement.names
  }

  get #isGone(): boolean {
    const { sender } = this.#runner
    return this.#isClosed || !sender.inTransaction || sender.transactions !== this.#transaction
  }

  fetch(size: number, done: DriverDone<ReadonlyArray<unknown>>): void {
    if (this.#isGone) return refuseFetch(this.#runner, done)
    const ahead = this.#ahead
    const missing = size - ahead.length / this.columns.length
    this.#ahead = []
    if (missing === 0) return done({ ok: true, value: ahead })
    if (this.#isExhausted) return done(exhausted)
    const { sender } = this.#runner
    this.#runner.call(
      (answered) => sender.sendFetch(this.#portal, this.#statement, missing, this.#bigints, answered),
      (outcome) => {
        if (!outcome.ok) return done(outcome)
        this.#isExhausted = !outcome.value.isSuspended
        const { cells } = outcome.value
        done({ ok: true, value: ahead.length === 0 ? cells : [...ahead, ...cells] })
      },
    )
  }

  close(done: DriverDone<void>): void {
    if (this.#isGone) return done(succeeded)
    this.#isClosed = true
    const { sender } = this.#runner
    this.#runner.callInTime(closing, (answered) => sender.sendClose(this.#portal, answered), done)
  }
}

/** A cursor that was declared WITH HOLD, because no transaction was open. It lives until it is closed. */
export class HeldCursor implements DriverCursor {
  readonly columns: ReadonlyArray<string>
  readonly #runner: StatementRunner
  readonly #name: string
  readonly #bigints: boolean
  readonly #resets: number
  #isClosed = false

  constructor(runner: StatementRunner, name: string, columns: ReadonlyArray<string>, bigints: boolean) {
    this.#runner = runner
    this.#name = name
    this.columns = columns
    this.#bigints = bigints
    this.#resets = runner.resets
  }

  get #isGone(): boolean {
    return this.#isClosed || this.#runner.resets !== this.#resets
  }

  fetch(size: number, done: DriverDone<ReadonlyArray<unknown>>): void {
    if (this.#isGone) return refuseFetch(this.#runner, done)
    const { sender } = this.#runner
    this.#runner.call(
      (answered) => sender.send(this.#bound(`FETCH FORWARD ${size} FROM`), this.#bigints, answered),
      (outcome) => done(outcome.ok ? { ok: true, value: outcome.value.cells } : outcome),
    )
  }

  close(done: DriverDone<void>): void {
    if (this.#isGone) return done(succeeded)
    this.#isClosed = true
    const { sender } = this.#runner
    this.#runner.callInTime(
      closing,
      (answered) => sender.send(this.#bound("CLOSE"), false, answered),
      (outcome) => {
        if (outcome.ok) this.#runner.heldCursor(-1)
        done(outcome)
      },
    )
  }

  #bound(command: string): BoundStatement {
    return bindOnce(this.#runner.sender.statements, `${command} ${this.#name}`, [])
  }
}

/** The rows of a statement that no cursor can be declared for and that ran outside of a transaction: all at once. */
export class BufferedCursor implements DriverCursor {
  readonly columns: ReadonlyArray<string>
  readonly #cells: ReadonlyArray<unknown>
  #position = 0

  constructor(columns: ReadonlyArray<string>, cells: ReadonlyArray<unknown>) {
    this.columns = columns
    this.#cells = cells
  }

  fetch(size: number, done: DriverDone<ReadonlyArray<unknown>>): void {
    const end = this.#position + size * this.columns.length
    const cells = this.#cells.slice(this.#position, end)
    this.#position = end
    done({ ok: true, value: cells })
  }

  close(done: DriverDone<void>): void {
    this.#position = this.#cells.length
    done(succeeded)
  }
}
