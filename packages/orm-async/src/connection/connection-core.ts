import type { DriverConnection, DriverCursor, DriverDone, DriverResult } from "../driver/driver.ts"
import type { DriverError } from "../errors/driver-error.ts"
import {
  type FailedStatement,
  fromDriverError,
  InvalidRequestError,
  PendingRollbackError,
  ResourceClosedError,
  type SqlError,
} from "../errors/index.ts"
import { CallbackCall, Left } from "../operation/call.ts"
import { FailedCleanUp } from "../operation/failed-clean-up.ts"
import { Operation, type Procedure, settled, wait } from "../operation/operation.ts"
import { WaitQueue } from "../operation/wait-queue.ts"
import type { PooledConnection, ReturnState } from "../pool/pooled-connection.ts"
import { type Level, Levels } from "../transaction/levels.ts"
import type { TransactionOwner } from "../transaction/transaction-owner.ts"
import { type Trouble, troubleText } from "../transaction/trouble.ts"
import type { ConnectionEngine } from "./connection-engine.ts"
import type { ExecutionOptions } from "./execution-options.ts"

/** A connection was used after its end. */
export const closedError = () =>
  new ResourceClosedError({ message: "This connection is closed; connect again, or close it later" })

const endedBlockError = () =>
  new InvalidRequestError({
    message:
      "Can't operate on closed transaction inside context manager: its block ended it by commit or rollback; leave the block before running more statements",
  })

/**
 * One connection's state: whose turn it is, what transaction is open, what is known of the connection underneath.
 *
 * Its calls run one after the other. Procedures that say "holding the turn" are to be run inside {@link exclusively}.
 */
export class ConnectionCore implements TransactionOwner {
  readonly engine: ConnectionEngine
  readonly levels = new Levels()
  /** Levels whose blocks are running, innermost last; a level may end before its block does. */
  readonly blocks: Array<Level> = []
  /** Taken by the call that runs; others wait. */
  readonly turn = new WaitQueue()
  options: ExecutionOptions
  pooled: PooledConnection | undefined
  trouble: Trouble | undefined
  closed = false
  /** Open cursors, and the level that was innermost when each was opened; few, and mostly none. */
  #cursors: ReadonlyArray<{ readonly cursor: DriverCursor; readonly level: number }> = []

  constructor(engine: ConnectionEngine, pooled: PooledConnection, options: ExecutionOptions) {
    this.engine = engine
    this.pooled = pooled
    this.options = options
    if (pooled.leftOpen) this.levels.begin(true).sent = true
  }

  get autocommit(): boolean {
    return this.options.isolationLevel === "AUTOCOMMIT"
  }

  /** Statements can run. */
  get isUsable(): boolean {
    return !this.closed && this.trouble === undefined
  }

  /** Why nothing can be run now, if so. */
  refusal(): ResourceClosedError | PendingRollbackError | InvalidRequestError | undefined {
    if (this.closed) return closedError()
    if (this.levels.root !== undefined && this.trouble !== undefined) {
      return new PendingRollbackError({
        message: `Can't go on in this transaction: ${troubleText[this.trouble]}. Roll it back first`,
      })
    }
    return this.blocks.at(-1)?.active === false ? endedBlockError() : undefined
  }

  /** Runs steps that need the connection for themselves. */
  *exclusively<A>(body: () => Procedure<A>): Procedure<A> {
    if (!this.turn.tryTake()) yield* wait(this.turn.take())
    try {
      return yield* body()
    } finally {
      this.turn.release()
    }
  }

  /**
   * The statements to send before another one, so that it runs in a transaction as its options ask.
   *
   * @throws {StatementBuildError} if the database cannot begin such a transaction
   */
  prelude(isWrite: boolean | undefined): ReadonlyArray<string> {
    if (this.autocommit) return nothing
    const { levels } = this
    if (levels.root === undefined) levels.begin(true)
    else if (levels.innermost?.sent === true) return nothing
    const { isolationLevel, readOnly, beginMode } = this.options
    try {
      return levels.prelude(this.engine.dialect, { isWrite: isWrite === true, isolationLevel, readOnly, beginMode })
    } catch (error) {
      this.#forgetUnbegun()
      throw error
    }
  }

  /** Outside a transaction: something must be done before the next statement, since the connection is missing or in doubt. */
  get needsRepair(): boolean {
    const { pooled } = this
    // In a transaction the statement must fail, which it does by being sent.
    if (pooled !== undefined && !this.levels.sent && (pooled.broken || !pooled.driver.isOpen)) this.#lose(pooled, false)
    return this.pooled === undefined || this.trouble !== undefined
  }

  /** Outside a transaction: replaces a connection that was lost, resets one in doubt. Holding the turn. */
  *repair(): Procedure<void> {
    if (this.pooled !== undefined) {
      const answer = yield* settled(new Operation(() => this.rollbackAll()))
      if (answer.ok) return
      this.engine.log("debug", "A connection that could not be reset is replaced", answer.error)
    }
    if (this.pooled !== undefined) return
    const checkout = this.engine.pool.checkout()
    try {
      this.pooled = yield* wait(checkout)
      this.trouble = undefined
    } catch (error) {
      if (error instanceof Left && error.outcome?.ok === true) {
        this.engine.pool.release(error.outcome.value as PooledConnection, "usable")
      }
      throw error
    }
  }

  /** A statement was answered, after what its prelude began. */
  answered(pooled: PooledConnection, preludeLength: number): void {
    if (preludeLength > 0) this.levels.markSent(preludeLength)
    if (this.pooled === pooled && pooled.driver.transaction !== "open") this.#believe(pooled.driver)
  }

  /** A statement failed: the error as programs see it. */
  failed(pooled: PooledConnection, preludeLength: number, error: DriverError, statement: FailedStatement): SqlError {
    this.levels.markSent(Math.min(error.completedPrelude, preludeLength))
    this.#forgetUnbegun()
    if (error.isDisconnect) this.lose(pooled)
    else if (this.pooled === pooled) this.#believe(pooled.driver)
    return fromDriverError(error, statement)
  }

  /** The caller of a statement that was sent has left: any part of it may reach the database. */
  left(pooled: PooledConnection, preludeLength: number): void {
    this.levels.markSent(preludeLength)
    if (this.pooled === pooled) this.trouble = "interrupted"
    pooled.driver.cancel()
  }

  /** A statement whose caller had left has ended. */
  endedAfterLeaving(pooled: PooledConnection, error: DriverError | undefined): void {
    if (error?.isDisconnect === true) return this.lose(pooled)
    if (this.pooled !== pooled || this.trouble !== "interrupted" || this.levels.root !== undefined) return
    const { transaction } = pooled.driver
    this.trouble = transaction === "none" ? undefined : "unknown"
  }

  /** Makes a level permanent. Holding the turn. */
  *commit(level: Level): Procedure<void> {
    if (this.closed) throw closedError()
    if (!level.active) return
    const refusal = this.trouble === undefined ? undefined : this.refusal()
    if (refusal !== undefined) throw refusal
    const { pooled } = this
    if (!level.sent || pooled === undefined) this.#end(level)
    else if (level.savepoint === undefined) yield* this.#commitAll(pooled)
    else yield* this.#releaseSavepoint(pooled, level, level.savepoint)
  }

  /** Takes back a level. Holding the turn. */
  *rollback(level: Level): Procedure<void> {
    if (!level.active) return
    if (level.savepoint === undefined) return yield* this.rollbackAll()
    const { pooled } = this
    // In trouble, only the whole transaction can be rolled back, which its owner will do.
    if (!level.sent || pooled === undefined || this.trouble !== undefined) this.#end(level)
    else yield* this.#rollbackToSavepoint(pooled, level, level.savepoint)
  }

  /** Takes back the whole transaction, whatever state it is in. Holding the turn. */
  *rollbackAll(): Procedure<void> {
    const { pooled, trouble, levels } = this
    if (pooled === undefined || (trouble === undefined && !levels.sent)) return this.#clear()
    const { driver } = pooled
    const inDoubt = trouble === "unknown" || driver.transaction === "unknown"
    if (!inDoubt) yield* this.#closeCursors()
    try {
      const answer = yield* settled(
        new CallbackCall<void>((done) => (inDoubt ? driver.reset(done) : driver.rollback(done)), "later"),
      )
      this.#cursors = []
      if (!answer.ok) {
        const error = answer.error as DriverError
        this.#lose(pooled, error.isDisconnect)
        this.#clear()
        throw fromDriverError(error, { statement: "ROLLBACK" })
      }
      this.#clear()
    } catch (error) {
      if (error instanceof Left) this.#rolledBackAfterLeaving(pooled, error)
      throw error
    }
  }

  /** Takes back a level when the connection is free, without anybody waiting for it. */
  rollbackInBackground(level: Level): void {
    new Operation(() => this.exclusively(() => this.rollback(level))).start((outcome) => {
      if (!outcome.ok) this.engine.log("warning", "A rollback after an interruption failed", outcome.error)
    })
  }

  /** Notes an open cursor, for which `closeCursor` must be called. */
  addCursor(cursor: DriverCursor): void {
    this.#cursors = [...this.#cursors, { cursor, level: this.levels.innermost?.id ?? 0 }]
  }

  /** True while a cursor is open; the end of its transaction closes it. */
  hasCursor(cursor: DriverCursor): boolean {
    return this.#cursors.some((open) => open.cursor === cursor)
  }

  /** Closes a cursor that may have been closed by the end of its transaction. Holding the turn. */
  *closeCursor(cursor: DriverCursor): Procedure<void> {
    if (!this.hasCursor(cursor)) return
    this.#cursors = this.#cursors.filter((open) => open.cursor !== cursor)
    // In doubt nothing may be called before the reset, which closes cursors.
    if (this.trouble !== "unknown") yield* this.#close(cursor)
  }

  /** Gives the connection back to the pool, as soon as nothing runs on it. */
  release(): void {
    if (this.closed) return
    this.closed = true
    const returned = this.turn.taken ? this.#returning() : undefined
    this.turn.whenFree(() => {
      const { pooled } = this
      this.pooled = undefined
      if (pooled !== undefined) this.engine.pool.release(pooled, this.#returnState())
      this.levels.endAll()
      this.turn.release()
      returned?.()
    })
  }

  /** The connection comes back when what runs on it has ended. By force only what was left is ended. */
  #returning(): (() => void) | undefined {
    const { pooled } = this
    const force = (): void => {
      if (this.trouble !== undefined) pooled?.driver.terminate()
    }
    return pooled && this.engine.pool.returning(pooled, force)
  }

  /** Ends the connection underneath now. */
  invalidate(): void {
    if (this.pooled !== undefined) this.#lose(this.pooled, false)
  }

  /** The connection underneath was lost, and with it, it seems, the database. */
  lose(pooled: PooledConnection): void {
    this.#lose(pooled, true)
  }

  #lose(pooled: PooledConnection, wholePool: boolean): void {
    if (this.pooled !== pooled) return
    this.pooled = undefined
    this.#cursors = []
    this.trouble = this.levels.sent ? "lost" : undefined
    if (wholePool) this.engine.pool.invalidateAll()
    this.engine.pool.release(pooled, "dead")
  }

  #returnState(): ReturnState {
    return this.trouble === "unknown" || this.#cursors.length > 0 ? "unknown" : "usable"
  }

  /** Takes the database's word: a transaction that it has ended by itself is over. */
  #believe({ transaction }: DriverConnection): void {
    if (this.trouble !== undefined) return
    if (transaction === "unknown") this.trouble = "unknown"
    else if (transaction === "none" && this.levels.sent) this.trouble = "ended"
  }

  /** A transaction that the last statement was to begin, and that has not begun, needs no rollback. */
  #forgetUnbegun(): void {
    const { root, innermost } = this.levels
    if (root?.implicit && !root.sent && innermost === root) this.levels.endAll()
  }

  #rolledBackAfterLeaving(pooled: PooledConnection, { outcome }: Left): void {
    if (outcome?.ok === true) this.#clear()
    else if (this.pooled === pooled) this.trouble = "unknown"
  }

  *#commitAll(pooled: PooledConnection): Procedure<void> {
    const { driver } = pooled
    yield* this.#closeCursors()
    // Only the answer tells whether the data are in, so whoever leaves waits for it.
    const mayHaveCommitted = driver.isOpen
    const answer = yield* settled(new CallbackCall<void>((done) => driver.commit(done), "stay"))
    if (answer.ok) return this.#clear()
    const driverError = answer.error as DriverError
    const error = fromDriverError(driverError, { statement: "COMMIT", mayHaveCommitted })
    if (driverError.isDisconnect) {
      this.lose(pooled)
      this.#clear()
      throw error
    }
    // In some databases, what they refused to commit is still open.
    this.trouble ??= driver.transaction === "unknown" ? "unknown" : undefined
    yield* this.#remedied(error, () => this.rollbackAll())
  }

  *#releaseSavepoint(pooled: PooledConnection, level: Level, name: string): Procedure<void> {
    const sql = this.engine.dialect.releaseSavepoint(name)
    const answer = yield* settled(this.#command(pooled, sql, nothing))
    if (answer.ok) {
      this.#end(level)
      this.#believe(pooled.driver)
      return
    }
    const driverError = answer.error as DriverError
    const error = fromDriverError(driverError, { statement: sql })
    if (driverError.isDisconnect) {
      this.lose(pooled)
      throw error
    }
    yield* this.#remedied(error, () => this.#rollbackToSavepoint(pooled, level, name))
  }

  *#rollbackToSavepoint(pooled: PooledConnection, level: Level, name: string): Procedure<void> {
    const { dialect } = this.engine
    const sql = dialect.rollbackToSavepoint(name)
    // Levels are numbered in the order of their beginning: what was opened since this one began ends with it.
    yield* this.#closeCursors(level.id)
    // The savepoint survives a rollback to it: releasing it keeps them from piling up.
    const answer = yield* settled(this.#command(pooled, dialect.releaseSavepoint(name), [sql]))
    this.#end(level)
    if (answer.ok) return this.#believe(pooled.driver)
    if (this.pooled === pooled) this.trouble = "failed"
    const driverError = answer.error as DriverError
    if (driverError.isDisconnect) this.lose(pooled)
    throw fromDriverError(driverError, { statement: sql })
  }

  /** SQL that belongs to a transaction's course. Its outcome must be known, so whoever leaves waits for it. */
  #command({ driver }: PooledConnection, sql: string, prelude: ReadonlyArray<string>): CallbackCall<DriverResult> {
    return new CallbackCall((done: DriverDone<DriverResult>) => {
      driver.execute({ sql, parameters: nothing, prelude, isWrite: false, bigints: false }, done)
    }, "stay")
  }

  /** Fails with an error after a remedy was tried; what goes wrong with that is told as well. */
  *#remedied(error: SqlError, remedy: () => Procedure<void>): Procedure<never> {
    const answer = yield* settled(new Operation(remedy))
    throw answer.ok ? error : new FailedCleanUp(error, answer.error)
  }

  #end(level: Level): void {
    if (level.savepoint === undefined) this.#clear()
    else this.levels.end(level)
  }

  #clear(): void {
    this.levels.endAll()
    this.trouble = undefined
  }

  *#closeCursors(since = 0): Procedure<void> {
    const ending = this.#cursors.filter(({ level }) => level >= since)
    this.#cursors = this.#cursors.filter(({ level }) => level < since)
    for (const { cursor } of ending) yield* this.#close(cursor)
  }

  *#close(cursor: DriverCursor): Procedure<void> {
    const answer = yield* settled(new CallbackCall<void>((done) => cursor.close(done), "stay"))
    if (!answer.ok) this.engine.log("debug", "A cursor did not close in order", answer.error)
  }
}

const nothing: ReadonlyArray<never> = []
