import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import type { DriverConnection, DriverCursor } from "../../driver/driver.ts"
import type { EngineCore } from "../../engine/internal/engine-core.ts"
import type { DriverError } from "../../errors/driver-error.ts"
import {
  type FailedStatement,
  fromDriverError,
  InvalidRequestError,
  PendingRollbackError,
  ResourceClosedError,
  type SqlError,
} from "../../errors/index.ts"
import type { PooledConnection, ReturnState } from "../../pool/internal/pooled-connection.ts"
import { type Level, Levels } from "../../transaction/internal/levels.ts"
import type { TransactionOwner } from "../../transaction/internal/transaction-handle.ts"
import type { ExecutionOptions } from "../execution-options.ts"
import { attempt } from "./attempt.ts"
import { Turn } from "./turn.ts"

/** Gives a region of an uninterruptible effect the interruptibility of its surroundings. */
export type Restore = <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>

/** For calls that must not be interrupted. */
export const noRestore: Restore = (effect) => effect

/** Why a transaction accepts nothing but a rollback. */
export type Trouble = "interrupted" | "failed" | "lost" | "crossed"

const troubleText: Readonly<Record<Trouble, string>> = {
  interrupted: "a statement in it was interrupted and may or may not have taken effect",
  failed: "one of its savepoints could not be rolled back",
  lost: "its connection was lost",
  crossed: "its blocks did not end in the reverse order of their beginning",
}

/** A call of the driver, given what must be sent before it. */
export type Start<A> = (driver: DriverConnection, prelude: ReadonlyArray<string>) => Effect.Effect<A, DriverError>

const nothing: Either.Either<ReadonlyArray<string>> = Either.right([])

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
 * Methods with a `restore` parameter are to be run uninterruptibly; they are interruptible where `restore` is. Those that
 * say "holding the turn" are to be run inside {@link withTurn}.
 */
export class ConnectionCore implements TransactionOwner {
  readonly engine: EngineCore
  readonly levels = new Levels()
  /** Levels whose blocks are running, innermost last; a level may end before its block does. */
  readonly blocks: Array<Level> = []
  options: ExecutionOptions
  pooled: PooledConnection | undefined
  trouble: Trouble | undefined
  closed = false
  readonly #turn = new Turn()
  /** Open cursors; few, and mostly none. */
  #cursors: ReadonlyArray<DriverCursor> = []

  constructor(engine: EngineCore, pooled: PooledConnection, options: ExecutionOptions) {
    this.engine = engine
    this.pooled = pooled
    this.options = options
  }

  get autocommit(): boolean {
    return this.options.isolationLevel === "AUTOCOMMIT"
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

  /** Runs what needs the connection for itself. */
  withTurn<A, E, R>(restore: Restore, body: () => Effect.Effect<A, E, R>): Effect.Effect<A, E, R> {
    const held = Effect.matchCauseEffect(Effect.suspend(body), {
      onFailure: (cause) => {
        this.#turn.leave()
        return Effect.failCause(cause)
      },
      onSuccess: (answer) => {
        this.#turn.leave()
        return Effect.succeed(answer)
      },
    })
    return this.#turn.take() ? held : Effect.zipRight(this.#turn.wait(restore), held)
  }

  /** Calls the driver, beginning a transaction and replacing the connection first if need be. Holding the turn. */
  send<A>(
    restore: Restore,
    isWrite: boolean,
    start: Start<A>,
    failed: () => FailedStatement,
  ): Effect.Effect<A, SqlError> {
    const refusal = this.refusal()
    if (refusal !== undefined) return Effect.fail(refusal)
    if (this.pooled?.broken) this.#lose(this.pooled, false)
    const { pooled, levels } = this
    if (pooled === undefined || this.trouble !== undefined) {
      return Effect.flatMap(this.#repair(restore), () => this.send(restore, isWrite, start, failed))
    }
    const begun = this.autocommit ? nothing : attempt(() => this.#begin(isWrite))
    if (Either.isLeft(begun)) {
      this.#forgetUnbegun()
      return Effect.fail(begun.left)
    }
    const prelude = begun.right
    return Effect.matchCauseEffect(restore(start(pooled.driver, prelude)), {
      onSuccess: (answer) => {
        if (prelude.length > 0) levels.markSent(prelude.length)
        return Effect.succeed(answer)
      },
      onFailure: (cause) =>
        pooled.broken && !levels.sent && !Cause.isInterrupted(cause)
          ? this.send(restore, isWrite, start, failed)
          : Effect.failCause(this.#failed(cause, pooled, prelude.length, failed)),
    })
  }

  /** Whether statements can run. */
  isUsable(): boolean {
    return !this.closed && this.trouble === undefined
  }

  commitLevel(level: Level): Effect.Effect<void, SqlError> {
    return Effect.uninterruptibleMask((restore) => this.withTurn(restore, () => this.commit(level, restore)))
  }

  rollbackLevel(level: Level): Effect.Effect<void, SqlError> {
    return Effect.uninterruptibleMask((restore) => this.withTurn(restore, () => this.rollback(level, restore)))
  }

  /** Makes a level permanent. Holding the turn. */
  commit(level: Level, restore: Restore): Effect.Effect<void, SqlError> {
    if (this.closed) return Effect.fail(closedError())
    if (!level.active) return Effect.void
    const refusal = this.trouble === undefined ? undefined : this.refusal()
    if (refusal !== undefined) return Effect.fail(refusal)
    const { pooled } = this
    if (!level.sent || pooled === undefined) return Effect.sync(() => this.#end(level))
    return level.savepoint === undefined
      ? this.#commitAll(pooled, restore)
      : this.#releaseSavepoint(pooled, level, level.savepoint, restore)
  }

  /** Takes back a level. Holding the turn. */
  rollback(level: Level, restore: Restore): Effect.Effect<void, SqlError> {
    if (!level.active) return Effect.void
    if (level.savepoint === undefined) return this.rollbackAll(restore)
    const { pooled } = this
    // In trouble, only the whole transaction can be rolled back, which its owner will do.
    if (!level.sent || pooled === undefined || this.trouble !== undefined) return Effect.sync(() => this.#end(level))
    return this.#rollbackToSavepoint(pooled, level, level.savepoint, restore)
  }

  /** Takes back the whole transaction, whatever state it is in. Holding the turn. */
  rollbackAll(restore: Restore): Effect.Effect<void, SqlError> {
    const { pooled, trouble, levels } = this
    if (pooled === undefined || (trouble === undefined && !levels.sent)) return Effect.sync(() => this.#clear())
    const { rollback, reset } = pooled.driver
    const settled = trouble === undefined ? Effect.zipRight(this.#closeCursors(), rollback) : reset
    return Effect.matchCauseEffect(restore(settled), {
      onSuccess: () => {
        this.#cursors = []
        this.#clear()
        return Effect.void
      },
      onFailure: (cause): Effect.Effect<never, SqlError> => {
        const failure = Cause.failureOption(cause)
        if (Option.isNone(failure)) {
          this.#setTrouble(pooled, "interrupted")
          return Effect.failCause(cause as Cause.Cause<never>)
        }
        this.#lose(pooled, failure.value.isDisconnect)
        this.#clear()
        return Effect.fail(fromDriverError(failure.value, { statement: "ROLLBACK" }))
      },
    })
  }

  /** Takes back a level on a fiber of the engine's, when it can; what is run meanwhile waits for it. */
  rollbackInBackground(level: Level): void {
    this.#turn.whenFree(() => {
      const work = Effect.suspend(() => this.rollback(level, noRestore)).pipe(
        Effect.catchAllCause((cause) => Effect.logWarning("A rollback after an interruption failed", cause)),
        Effect.zipRight(Effect.sync(() => this.#turn.leave())),
        Effect.uninterruptible,
      )
      this.engine.fork(work)
    })
  }

  /** Opens a cursor, which `closeCursor` must be called for. Holding the turn. */
  openCursor(
    restore: Restore,
    isWrite: boolean,
    start: Start<DriverCursor>,
    failed: () => FailedStatement,
  ): Effect.Effect<DriverCursor, SqlError> {
    return Effect.map(this.send(restore, isWrite, start, failed), (cursor) => {
      this.#cursors = [...this.#cursors, cursor]
      return cursor
    })
  }

  /** Whether a cursor is open; the end of its transaction closes it. */
  hasCursor(cursor: DriverCursor): boolean {
    return this.#cursors.includes(cursor)
  }

  /** Closes a cursor that may have been closed by the end of its transaction. Holding the turn. */
  closeCursor(cursor: DriverCursor): Effect.Effect<void> {
    if (!this.hasCursor(cursor)) return Effect.void
    this.#cursors = this.#cursors.filter((open) => open !== cursor)
    // After an interruption nothing may be called before the reset, which closes cursors.
    return this.trouble === undefined ? this.#close(cursor) : Effect.void
  }

  /** Gives the connection back to the pool, as soon as nothing runs on it. */
  release(): void {
    if (this.closed) return
    this.closed = true
    this.#turn.whenFree(() => {
      const { pooled } = this
      this.pooled = undefined
      if (pooled !== undefined) this.engine.pool.release(pooled, this.#returnState())
      this.levels.endAll()
      this.#turn.leave()
    })
  }

  /** Ends the connection underneath now. */
  invalidate(): void {
    if (this.pooled !== undefined) this.#lose(this.pooled, false)
  }

  #returnState(): ReturnState {
    if (this.trouble !== undefined || this.#cursors.length > 0) return "unknown"
    return this.levels.sent ? "open" : "clean"
  }

  /** Begins a transaction if there is none, and says what must be sent before the statement. */
  #begin(isWrite: boolean): ReadonlyArray<string> {
    if (this.levels.root === undefined) this.levels.begin(true)
    const { isolationLevel, readOnly } = this.options
    return this.levels.prelude(this.engine.dialect, { isWrite, isolationLevel, readOnly })
  }

  /** A transaction that the last statement was to begin, and that has not begun, needs no rollback. */
  #forgetUnbegun(): void {
    const { root, innermost } = this.levels
    if (root?.implicit && !root.sent && innermost === root) this.levels.endAll()
  }

  #failed(
    cause: Cause.Cause<DriverError>,
    pooled: PooledConnection,
    preludeLength: number,
    failed: () => FailedStatement,
  ): Cause.Cause<SqlError> {
    const { levels } = this
    const failure = Cause.failureOption(cause)
    if (Option.isNone(failure)) {
      // Any part of it may have reached the database.
      levels.markSent(preludeLength)
      this.#setTrouble(pooled, "interrupted")
      return cause as Cause.Cause<never>
    }
    levels.markSent(Math.min(failure.value.completedPrelude, preludeLength))
    this.#forgetUnbegun()
    if (failure.value.isDisconnect) this.#lose(pooled, true)
    return Cause.map(cause, (error) => fromDriverError(error, failed()))
  }

  #setTrouble(pooled: PooledConnection, trouble: Trouble): void {
    if (this.pooled === pooled) this.trouble = trouble
  }

  #lose(pooled: PooledConnection, wholePool: boolean): void {
    if (this.pooled !== pooled) return
    this.pooled = undefined
    this.#cursors = []
    this.trouble = this.levels.sent ? "lost" : undefined
    if (wholePool) this.engine.pool.invalidateAll()
    this.engine.pool.release(pooled, "dead")
  }

  /** Outside a transaction: replaces a connection that was lost, resets one whose statement was interrupted. */
  #repair(restore: Restore): Effect.Effect<void, SqlError> {
    if (this.pooled !== undefined) {
      return Effect.catchAll(this.rollbackAll(restore), (error) =>
        Effect.zipRight(
          Effect.logDebug("A connection that could not be reset is replaced", error),
          this.#repair(restore),
        ),
      )
    }
    return Effect.map(this.engine.pool.checkout(restore), (next) => {
      this.pooled = next
      this.trouble = undefined
    })
  }

  #commitAll(pooled: PooledConnection, restore: Restore): Effect.Effect<void, SqlError> {
    return Effect.matchCauseEffect(Effect.zipRight(this.#closeCursors(), restore(pooled.driver.commit)), {
      onSuccess: () => {
        this.#clear()
        return Effect.void
      },
      onFailure: (cause) => {
        const failure = Cause.failureOption(cause)
        if (Option.isNone(failure)) {
          this.#setTrouble(pooled, "interrupted")
          return Effect.failCause(cause as Cause.Cause<never>)
        }
        const error = fromDriverError(failure.value, { statement: "COMMIT" })
        if (failure.value.isDisconnect) {
          this.#lose(pooled, true)
          this.#clear()
          return Effect.fail(error)
        }
        // What the database refused to commit is still open in some of them.
        return failingWith(error, this.rollbackAll(noRestore))
      },
    })
  }

  #releaseSavepoint(
    pooled: PooledConnection,
    level: Level,
    name: string,
    restore: Restore,
  ): Effect.Effect<void, SqlError> {
    const sql = this.engine.dialect.releaseSavepoint(name)
    return Effect.matchCauseEffect(restore(command(pooled.driver, sql)), {
      onSuccess: () => {
        this.#end(level)
        return Effect.void
      },
      onFailure: (cause) => {
        const failure = Cause.failureOption(cause)
        if (Option.isNone(failure)) {
          this.#setTrouble(pooled, "interrupted")
          return Effect.failCause(cause as Cause.Cause<never>)
        }
        const error = fromDriverError(failure.value, { statement: sql })
        if (failure.value.isDisconnect) {
          this.#lose(pooled, true)
          return Effect.fail(error)
        }
        return failingWith(error, this.#rollbackToSavepoint(pooled, level, name, noRestore))
      },
    })
  }

  #rollbackToSavepoint(
    pooled: PooledConnection,
    level: Level,
    name: string,
    restore: Restore,
  ): Effect.Effect<void, SqlError> {
    const { dialect } = this.engine
    const sql = dialect.rollbackToSavepoint(name)
    // The savepoint survives a rollback to it: releasing it keeps them from piling up.
    const call = command(pooled.driver, dialect.releaseSavepoint(name), [sql])
    return Effect.matchCauseEffect(restore(call), {
      onSuccess: () => {
        this.#end(level)
        return Effect.void
      },
      onFailure: (cause): Effect.Effect<never, SqlError> => {
        const failure = Cause.failureOption(cause)
        this.#end(level)
        if (Option.isNone(failure)) {
          this.#setTrouble(pooled, "interrupted")
          return Effect.failCause(cause as Cause.Cause<never>)
        }
        this.#setTrouble(pooled, "failed")
        if (failure.value.isDisconnect) this.#lose(pooled, true)
        return Effect.fail(fromDriverError(failure.value, { statement: sql }))
      },
    })
  }

  #end(level: Level): void {
    if (level.savepoint === undefined) this.#clear()
    else this.levels.end(level)
  }

  #clear(): void {
    this.levels.endAll()
    this.trouble = undefined
  }

  #closeCursors(): Effect.Effect<void> {
    const cursors = this.#cursors
    if (cursors.length === 0) return Effect.void
    this.#cursors = []
    return Effect.forEach(cursors, (cursor) => this.#close(cursor), { discard: true })
  }

  #close(cursor: DriverCursor): Effect.Effect<void> {
    return Effect.catchAllCause(cursor.close, (cause) => Effect.logDebug("A cursor did not close in order", cause))
  }
}

/** SQL that belongs to a transaction's course. */
const command = (driver: DriverConnection, sql: string, prelude: ReadonlyArray<string> = []) =>
  driver.execute({ sql, parameters: [], prelude, isWrite: false, bigints: false })

/** Fails with an error after a remedy was tried; what went wrong with that is told as well. */
const failingWith = (error: SqlError, remedy: Effect.Effect<void, SqlError>): Effect.Effect<never, SqlError> =>
  Effect.matchCauseEffect(remedy, {
    onSuccess: () => Effect.fail(error),
    onFailure: (cause) => Effect.failCause(Cause.sequential(Cause.fail(error), cause)),
  })
