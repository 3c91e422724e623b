import type { InvalidRequestError, PendingRollbackError, ResourceClosedError } from "../errors/index.ts"
import { Left } from "../operation/call.ts"
import { FailedCleanUp } from "../operation/failed-clean-up.ts"
import { Operation, type Procedure, settled } from "../operation/operation.ts"
import { beginSavepoint, type SurroundingBlocks } from "../transaction/block.ts"
import { flush } from "./flush.ts"
import { flushAndCommit, type UnitEnding } from "./flush-unit.ts"
import { openConnection, type SessionBind } from "./session-bind.ts"
import type { SessionCall, SessionUse } from "./session-call.ts"
import { SessionConnection } from "./session-connection.ts"
import { begunError, busyError, crossedError, endedBlockError, pendingRollbackError } from "./session-refusals.ts"
import { endedError, SessionState } from "./session-state.ts"
import { SessionTransaction } from "./session-transaction.ts"
import { SharedUnit } from "./shared-unit.ts"
import type { StatementObserver } from "./statement-observer.ts"

/** Calls during which no object may come or go. */
const exclusive = new Set(["flush", "commit", "rollback", "close", "invalidate", "beginNested"])

/** The settings of a session's transactions. */
export interface TransactionSettings {
  readonly expireOnCommit: boolean
  /** Gives the blocks that the code which calls now is inside of. */
  readonly surroundings: () => SurroundingBlocks
}

/**
 * A session's objects and its transaction: who may use the session now, what is open, and how objects and database end
 * together.
 *
 * A caller that leaves is let go at once, and the session is free for the next: what becomes of the objects is decided in
 * that moment, by {@link left} and {@link abandonBlock}, and not by the procedures that clean up behind it.
 */
export class SessionTransactions implements SessionUse {
  readonly state = new SessionState(() => this.#touch())
  readonly #bind: SessionBind
  readonly #settings: TransactionSettings
  /** The transaction and its savepoints, innermost last; none outside a transaction. */
  #open: Array<SessionTransaction> = []
  /** Transactions whose blocks are running, innermost last; one may end before its block does. */
  readonly #blocks: Array<SessionTransaction> = []
  #connection: SessionConnection | undefined
  #running: SessionCall<unknown> | undefined
  /** The blocks around the call that is under way, as they were when it began. */
  #around: SurroundingBlocks = "unknown"
  /** Is told of the statements that the call which runs sends. */
  #observer: StatementObserver | undefined
  /** The flush that is under way. */
  #flush: object | undefined

  constructor(bind: SessionBind, settings: TransactionSettings) {
    this.#bind = bind
    this.#settings = settings
  }

  /** The number of transactions and savepoints that are open. */
  get depth(): number {
    return this.#open.length
  }

  /** A flush has failed, and nothing has been rolled back since. */
  get failed(): boolean {
    return this.#open.at(-1)?.failure !== undefined
  }

  /** A statement of the program's own may have changed rows in this transaction. */
  get changedRows(): boolean {
    return this.#open.some((transaction) => transaction.changedRows)
  }

  /** Notes that a statement of the program's own may change rows. */
  noteChangedRows(): void {
    const transaction = this.#open.at(-1)
    if (transaction !== undefined) transaction.changedRows = true
  }

  /** @throws {IllegalStateChangeError | ResourceClosedError} if objects cannot come or go now */
  requireIdle(method: string): void {
    if (this.state.ended) throw endedError()
    const running = this.#running?.use.method
    if (running !== undefined && exclusive.has(running)) throw busyError(method, running)
  }

  enter(call: SessionCall<unknown>): unknown {
    const { method, always } = call.use
    if (this.#running !== undefined) return busyError(method, this.#running.use.method)
    const refusal = always === true ? undefined : this.#refusal()
    if (refusal !== undefined) return refusal
    this.#running = call
    this.#around = this.#settings.surroundings()
    this.#observer = call.observer
    if (this.#connection !== undefined) this.#connection.observer = call.observer
    return undefined
  }

  exit(call: SessionCall<unknown>): void {
    if (this.#running === call) this.#running = undefined
  }

  left(call: SessionCall<unknown>): void {
    if (this.#running !== call) return
    this.#running = undefined
    if (this.#flush === undefined) return
    this.#flush = undefined
    // The statement that was cut short is not waited for; the rollback that must follow waits.
    this.#takeBack("it was interrupted")
  }

  /** The reason why nothing can be done now, if there is one. */
  #refusal(): ResourceClosedError | InvalidRequestError | PendingRollbackError | undefined {
    if (this.state.ended) return endedError()
    if (this.#blocks.at(-1)?.active === false) return endedBlockError()
    const failure = this.#open.at(-1)?.failure
    return failure === undefined ? undefined : pendingRollbackError(failure)
  }

  /** The connection of the transaction, if it has one already. */
  get connection(): SessionConnection | undefined {
    return this.#connection
  }

  /** The connection of the transaction, which begins with it. */
  *connect(): Procedure<SessionConnection> {
    if (this.#connection !== undefined) return this.#connection
    this.#touch()
    const { core, use } = yield* openConnection(this.#bind, this.#around)
    const opened = new SessionConnection(core, use, this.#observer)
    if (this.state.ended) {
      yield* opened.abandon()
      throw endedError()
    }
    this.#connection = opened
    return opened
  }

  /** Writes what the session holds. */
  *flush(): Procedure<void> {
    if (!this.state.hasWork) return
    yield* this.#flushing(() => flush(this.state, () => this.connect()))
  }

  /** Runs a flush. If it fails, the innermost transaction is taken back, and only a rollback may follow. */
  *#flushing<A>(body: () => Procedure<A>): Procedure<A> {
    this.#touch()
    const own = {}
    this.#flush = own
    try {
      return yield* body()
    } catch (error) {
      if (error instanceof Left) {
        // A caller that goes is heard of here first, if what it waited for could be withdrawn.
        if (this.#flush === own) this.#takeBack("it was interrupted")
        throw error
      }
      const transaction = this.#takeBack(failureText(error))
      const savepoint = transaction?.savepoint
      const connection = this.#connection
      if (transaction === undefined) throw error
      return yield* following(error, () =>
        savepoint === undefined || connection === undefined
          ? this.#rollbackConnection()
          : connection.core.exclusively(() => connection.core.rollback(savepoint)),
      )
    } finally {
      if (this.#flush === own) this.#flush = undefined
    }
  }

  /** Puts the objects back to where they were when the innermost transaction began. */
  #takeBack(failure: string): SessionTransaction | undefined {
    const transaction = this.#open.at(-1)
    if (transaction === undefined) {
      // The session was closed meanwhile: what has been written since is taken back with the rest.
      this.state.rollbackTo(0, false)
      this.state.expungeAll()
      return undefined
    }
    transaction.failure = failure
    this.state.rollbackTo(transaction.position, transaction.changedRows)
    return transaction
  }

  /**
   * Begins the transaction. Does no I/O.
   *
   * @throws {InvalidRequestError} if one has begun
   */
  begin(): SessionTransaction {
    if (this.#open.length > 0) throw begunError()
    this.#touch()
    return this.#open[0] as SessionTransaction
  }

  /** Flushes and begins a savepoint. */
  *beginNested(): Procedure<SessionTransaction> {
    this.#touch()
    const around = this.#around
    yield* this.flush()
    const { core } = yield* this.connect()
    const nested = new SessionTransaction(this.state.log.position, beginSavepoint(core, around))
    this.#open.push(nested)
    return nested
  }

  /** A block begins to run in a transaction that was begun for it. */
  enterBlock(transaction: SessionTransaction): void {
    this.#blocks.push(transaction)
  }

  /** A block ended; its transaction is yet to be. */
  leaveBlock(transaction: SessionTransaction): void {
    const at = this.#blocks.lastIndexOf(transaction)
    if (at >= 0) this.#blocks.splice(at, 1)
  }

  /** Makes the transaction of a block permanent. */
  *commitBlock(transaction: SessionTransaction): Procedure<void> {
    if (transaction.savepoint === undefined) yield* this.commit()
    else yield* this.#commitNested(transaction)
  }

  /** A block failed, or could not be committed: its transaction is taken back. */
  *rollbackBlock(transaction: SessionTransaction): Procedure<void> {
    this.leaveBlock(transaction)
    if (!transaction.active) return
    const { savepoint } = transaction
    if (savepoint === undefined) return yield* this.rollback()
    const core = this.#connection?.core
    this.#endNested(transaction)
    if (core !== undefined) yield* core.exclusively(() => core.rollback(savepoint))
  }

  /** {@link rollbackBlock} for a caller that has gone: it does not wait for the statement that was cut short. */
  abandonBlock(transaction: SessionTransaction): void {
    this.leaveBlock(transaction)
    if (!transaction.active) return
    const { savepoint } = transaction
    const connection = this.#connection
    if (savepoint === undefined) {
      this.#restoreObjects()
      this.#connection = undefined
      connection?.abandonNow()
    } else {
      this.#endNested(transaction)
      connection?.core.rollbackInBackground(savepoint)
    }
  }

  /** Flushes, commits, and ends the transaction. If nothing was sent before, all of it is one message. */
  *commit(): Procedure<void> {
    if (this.#open.length === 0) return
    const ending = yield* this.#flushForCommit()
    if (ending.state === "ended") return yield* following(ending.error, () => this.rollback())
    const connection = this.#connection
    if (connection !== undefined) yield* this.#commitConnection(connection)
    this.#connection = undefined
    this.#endAll()
    this.state.commit()
    if (this.#settings.expireOnCommit) this.state.expireAll()
  }

  *#flushForCommit(): Procedure<UnitEnding> {
    if (!this.state.hasWork) return { state: "flushed" }
    const shared = this.#connection === undefined ? SharedUnit.of(this.#bind, this.#observer) : undefined
    return yield* this.#flushing(() => flushAndCommit(this.state, () => this.connect(), shared))
  }

  /** Sends nothing where the flush has committed. */
  *#commitConnection(connection: SessionConnection): Procedure<void> {
    try {
      yield* connection.commit()
    } catch (error) {
      if (error instanceof Left) throw error
      yield* following(error, () => this.rollback())
    }
  }

  *#commitNested(transaction: SessionTransaction): Procedure<void> {
    if (this.#open.at(-1) !== transaction) throw crossedError()
    yield* this.flush()
    const core = this.#connection?.core
    const { savepoint } = transaction
    if (core !== undefined && savepoint !== undefined) yield* core.exclusively(() => core.commit(savepoint))
    this.#open.pop()
    transaction.active = false
    const outer = this.#open.at(-1)
    if (outer !== undefined && transaction.changedRows) outer.changedRows = true
  }

  /** Ends a savepoint and those inside it, and puts their objects back. */
  #endNested(transaction: SessionTransaction): void {
    const ended = this.#open.splice(this.#open.indexOf(transaction))
    const changedRows = ended.some((one) => one.changedRows)
    for (const one of ended) one.active = false
    this.state.rollbackTo(transaction.position, changedRows)
  }

  #endAll(): void {
    for (const transaction of this.#open) transaction.active = false
    this.#open = []
  }

  /** Puts the objects back to where they were before the transaction. */
  #restoreObjects(): void {
    const { changedRows } = this
    this.#endAll()
    this.state.rollbackTo(0, changedRows)
  }

  /** Takes back the transaction, in objects and database. */
  *rollback(): Procedure<void> {
    this.#restoreObjects()
    yield* this.#rollbackConnection()
  }

  *#rollbackConnection(): Procedure<void> {
    const connection = this.#connection
    this.#connection = undefined
    if (connection !== undefined) yield* connection.rollback()
  }

  /** Takes back the transaction and lets all objects go. */
  *close(): Procedure<void> {
    this.#restoreObjects()
    this.state.expungeAll()
    const connection = this.#connection
    this.#connection = undefined
    if (connection !== undefined) yield* connection.abandon()
  }

  /** Ends the connection underneath, then {@link close}. */
  *invalidate(): Procedure<void> {
    this.#connection?.core.invalidate()
    yield* this.close()
  }

  /** Begins the transaction if there is none. Does no I/O. */
  #touch(): void {
    if (this.#open.length === 0) this.#open.push(new SessionTransaction(this.state.log.position, undefined))
  }
}

/** Fails with an error after some clean-up; a failure of the clean-up is told as well. */
function* following(error: unknown, cleanUp: () => Procedure<void>): Procedure<never> {
  const ending = yield* settled(new Operation(cleanUp))
  throw ending.ok ? error : new FailedCleanUp(error, ending.error)
}

const failureText = (error: unknown): string =>
  error instanceof Error ? `of ${error.name}: ${error.message}` : `of ${String(error)}`
