import {
  type DriverBatchCall,
  type DriverCall,
  type DriverConnection,
  type DriverCursor,
  type DriverDone,
  type DriverError,
  type DriverResult,
  type DriverUnit,
  failure,
  type Outcome,
  type TransactionState,
} from "@offloop/orm-async/driver"
import { beginsWriting } from "./begins-writing.ts"
import { cancelled, closed, lockTimeout, nativeDriverError } from "./driver-failure.ts"
import type { PreparedStatement } from "./prepared-statement.ts"
import type { SqliteConnection } from "./sqlite-connection.ts"
import { StatementCache } from "./statement-cache.ts"
import type { RunOptions } from "./statement-runner.ts"
import type { Step } from "./together.ts"
import type { Writer } from "./writer.ts"

type SomeCall = Pick<DriverCall, "sql" | "isWrite" | "bigints" | "prelude">

const plain: RunOptions = { bigints: false, isOpaque: false }
const plainExact: RunOptions = { bigints: true, isOpaque: false }
const opaque: RunOptions = { bigints: false, isOpaque: true }
const opaqueExact: RunOptions = { bigints: true, isOpaque: true }

const optionsOf = ({ isWrite, bigints }: SomeCall): RunOptions => {
  if (isWrite === undefined) return bigints ? opaqueExact : opaque
  return bigints ? plainExact : plain
}

/**
 * A {@link SqliteConnection} on this thread, as the engine wants it. Every call is answered before it returns, except for a
 * write that has to wait until another connection of this program has written.
 */
export class InlineDriverConnection implements DriverConnection {
  readonly answersAtOnce = true
  readonly pipelineDepth = 1
  readonly #connection: SqliteConnection
  readonly #writer: Writer
  readonly #close: (done: () => void) => void
  readonly #statements: StatementCache<PreparedStatement>
  /** Ends the call that waits for the write lock, with an error. */
  #stopWaiting: ((error: DriverError) => void) | undefined
  #isOpen = true
  /** Calls back when the connection has closed; undefined before it closes. */
  #closing: Array<() => void> | "closed" | undefined

  /** @param close closes the connection, at once or when others have closed */
  constructor(connection: SqliteConnection, writer: Writer, close: (done: () => void) => void) {
    this.#connection = connection
    this.#writer = writer
    this.#close = close
    this.#statements = new StatementCache(connection.config.statementCacheSize)
  }

  get transaction(): TransactionState {
    return this.#connection.inTransaction ? "open" : "none"
  }

  get sessionChanged(): boolean {
    return this.#connection.sessionChanged || this.#connection.openCursors > 0
  }

  get driverConnection(): unknown {
    return this.#isOpen ? this.#connection.lend() : undefined
  }

  execute(call: DriverCall, done: DriverDone<DriverResult>): void {
    // The path of most statements, without functions made for each.
    if (call.isWrite !== false || beginsWriting(call.prelude) || !this.#isOpen) {
      return this.#run(call, done, (statement) =>
        this.#connection.execute(statement, call.parameters, call.prelude, optionsOf(call)),
      )
    }
    let outcome: Outcome<DriverResult, DriverError>
    try {
      const value = this.#connection.execute(this.#statement(call), call.parameters, call.prelude, optionsOf(call))
      outcome = { ok: true, value }
    } catch (error) {
      outcome = this.#failed(error)
    }
    done(outcome)
    // An error may have ended the transaction.
    if (!outcome.ok) this.#writer.settle(this.#connection.inTransaction)
  }

  executeMany(call: DriverBatchCall, done: DriverDone<DriverResult>): void {
    this.#run(call, done, (statement) =>
      this.#connection.executeMany(statement, call.parameterSets, call.prelude, optionsOf(call)),
    )
  }

  executeUnit(unit: DriverUnit, done: DriverDone<ReadonlyArray<DriverResult>>): void {
    const isWrite = beginsWriting([unit.begin]) || unit.calls.some((call) => call.isWrite !== false)
    this.#perform(isWrite, done, () =>
      this.#connection.executeUnit(
        unit.begin,
        unit.calls.map((call) => (): Step => ({ statement: this.#statement(call), ...optionsOf(call), ...call })),
      ),
    )
  }

  openCursor(call: DriverCall, done: DriverDone<DriverCursor>): void {
    this.#run(call, done, (statement) => {
      const options = optionsOf(call)
      const { id, columns } = this.#connection.openCursor(statement, call.parameters, call.prelude, options)
      return {
        columns,
        fetch: (size: number, told: DriverDone<ReadonlyArray<unknown>>) =>
          this.#perform(false, told, () => this.#connection.fetch(id, size)),
        close: (told: DriverDone<void>) => this.#perform(false, told, () => this.#connection.closeCursor(id)),
      }
    })
  }

  commit(done: DriverDone<void>): void {
    this.#perform(false, done, () => this.#connection.commit())
  }

  rollback(done: DriverDone<void>): void {
    this.#perform(false, done, () => this.#connection.rollback())
  }

  reset(done: DriverDone<void>): void {
    this.#perform(false, done, () => this.#connection.reset())
  }

  ping(done: DriverDone<void>): void {
    this.#perform(false, done, () => this.#connection.ping())
  }

  cancel(): void {
    this.#stopWaiting?.(cancelled())
  }

  close(done: () => void): void {
    if (this.#closing === undefined) this.#end()
    if (this.#closing === "closed") done()
    else this.#closing?.push(done)
  }

  terminate(): void {
    this.close(() => {})
  }

  get isOpen(): boolean {
    return this.#isOpen
  }

  #end(): void {
    this.#isOpen = false
    const waiting: Array<() => void> = []
    this.#closing = waiting
    this.#stopWaiting?.(closed(this.#connection.config))
    this.#close(() => {
      this.#closing = "closed"
      this.#writer.end()
      for (const told of waiting) told()
    })
  }

  #statement({ sql, isWrite }: SomeCall): PreparedStatement {
    const known = this.#statements.get(sql)
    if (known !== undefined) return known
    const statement = this.#connection.prepare(sql, isWrite === undefined)
    this.#statements.add(sql, statement)
    return statement
  }

  #mayWrite(): boolean {
    return this.#writer.tryBegin(this.#connection.inTransaction)
  }

  #run<A>(call: SomeCall, done: DriverDone<A>, body: (statement: PreparedStatement) => A): void {
    if (!this.#isOpen) return done(failure(closed(this.#connection.config)))
    let statement: PreparedStatement
    try {
      statement = this.#statement(call)
    } catch (error) {
      return done(this.#failed(error))
    }
    this.#perform(beginsWriting(call.prelude) || (call.isWrite ?? !statement.isReadonly), done, () => body(statement))
  }

  #perform<A>(isWrite: boolean, done: DriverDone<A>, body: () => A): void {
    if (!this.#isOpen) return done(failure(closed(this.#connection.config)))
    if (isWrite && !this.#mayWrite()) return this.#wait(done, body)
    this.#tell(isWrite, done, body)
  }

  /** Runs a call and tells how it ended, before others that wait for the lock do so. */
  #tell<A>(isWrite: boolean, done: DriverDone<A>, body: () => A): void {
    const outcome = this.#outcome(body)
    if (isWrite) this.#writer.ended()
    done(outcome)
    this.#writer.settle(this.#connection.inTransaction)
  }

  #outcome<A>(body: () => A): Outcome<A, DriverError> {
    try {
      return { ok: true, value: body() }
    } catch (error) {
      return this.#failed(error)
    }
  }

  #failed(error: unknown): Outcome<never, DriverError> {
    return failure(nativeDriverError(error, this.#connection.config))
  }

  #wait<A>(done: DriverDone<A>, body: () => A): void {
    const { config } = this.#connection
    const leave = this.#writer.wait(
      () => {
        this.#stopWaiting = undefined
        this.#tell(true, done, body)
      },
      () => this.#stopWaiting?.(lockTimeout(config.busyTimeout, config)),
    )
    this.#stopWaiting = (error) => {
      this.#stopWaiting = undefined
      leave()
      done(failure(error))
    }
  }
}
