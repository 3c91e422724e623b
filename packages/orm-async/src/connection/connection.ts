import type { Dialect } from "../dialect/dialect.ts"
import type { SqlError } from "../errors/index.ts"
import type { Result, ScalarResult } from "../result/result.ts"
import type { SyncStyle } from "../result/sync-style.ts"
import type { Executable } from "../statement/executable.ts"
import type { Body, Member, Run, RunSync, Streamed, Style } from "../style.ts"
import type { Transaction } from "../transaction/transaction.ts"
import type { ExecutionOptions } from "./execution-options.ts"

/** Values for `bindparam`s by name; an array of such sets runs the statement once for each. */
export type ExecuteParameters = Readonly<Record<string, unknown>> | ReadonlyArray<Readonly<Record<string, unknown>>>

/** The options of {@link Connection.execute}. */
export interface ExecuteOptions {
  /** Options for this statement alone; they win over the connection's and the engine's. */
  readonly executionOptions?: ExecutionOptions | undefined
}

/** A row of a statement that was given as plain SQL. */
export type DriverRow = Readonly<Record<string, unknown>>

/**
 * A connection to a database, taken from an engine's pool, in some {@link Style}.
 *
 * "Commit as you go": a transaction begins by itself with the first statement and lasts until `commit` or `rollback`;
 * closing rolls back. BEGIN travels with the first statement, so beginning costs no round trip. With the isolation level
 * `AUTOCOMMIT` no transaction begins and each statement is permanent at once.
 *
 * Statements that are executed at once on one connection run one after the other. A caller that leaves a statement,
 * interrupted or aborted, goes at once; since nobody knows whether the statement took effect, the transaction accepts only
 * `rollback` then (`PendingRollbackError`). A connection that was lost (`isDisconnect`) is replaced by the next statement, once the
 * transaction that was lost with it has been rolled back.
 *
 * @see SQLAlchemy `sqlalchemy.ext.asyncio.AsyncConnection`
 */
export interface Connection<S extends Style> {
  /** The dialect that statements are compiled for. */
  readonly dialect: Dialect
  /** True once the connection was closed. */
  readonly closed: boolean
  /** True if the connection underneath was lost or invalidated, and not yet replaced. */
  readonly invalidated: boolean
  /**
   * Notes that live as long as the connection underneath, across its returns to the pool.
   *
   * @throws {ResourceClosedError} if the connection is closed
   */
  readonly info: Record<string, unknown>
  /** The connection of the library underneath where it lives on this thread; otherwise undefined. */
  readonly driverConnection: unknown

  /**
   * Runs a statement and gives its whole result, in one round trip. The database works where the engine's placement says;
   * compiling and making rows happen on the calling thread.
   *
   * @param statement a Core statement
   * @param parameters values for its `bindparam`s; with an array, the statement runs once for each set
   */
  execute<Row>(
    statement: Executable<Row>,
    parameters?: ExecuteParameters,
    options?: ExecuteOptions & S["options"],
  ): Run<S, Result<Row, S["results"]>, SqlError>

  /** The first column of the first row, or null if there is no row. */
  scalar<Row>(
    statement: Executable<Row>,
    parameters?: ExecuteParameters,
    options?: ExecuteOptions & S["options"],
  ): Run<S, Row[keyof Row] | null, SqlError>

  /** The first column of all rows. */
  scalars<Row>(
    statement: Executable<Row>,
    parameters?: ExecuteParameters,
    options?: ExecuteOptions & S["options"],
  ): Run<S, ScalarResult<Row[keyof Row], S["results"]>, SqlError>

  /**
   * Rows as they come, `yieldPer` at a time, from a server-side cursor where the driver has one. The cursor is closed
   * however the stream ends: exhausted, abandoned, failed or interrupted. `commit` and `rollback` close it as well.
   */
  stream<Row>(
    statement: Executable<Row>,
    parameters?: ExecuteParameters,
    options?: ExecuteOptions & S["options"],
  ): Streamed<S, Row, SqlError>

  /**
   * Runs SQL as it stands, with the driver's own placeholders (`?` for SQLite, `$1` for PostgreSQL). Rows come as the
   * driver gives them.
   *
   * @param parameters values for the placeholders; an array of arrays runs the statement once for each
   */
  execDriverSql(
    sql: string,
    parameters?: ReadonlyArray<unknown> | ReadonlyArray<ReadonlyArray<unknown>>,
    options?: ExecuteOptions & S["options"],
  ): Run<S, Result<DriverRow, S["results"]>, SqlError>

  /**
   * Runs a block in a transaction: commits when it succeeds, rolls back when it fails or is interrupted.
   *
   * Fails with `InvalidRequestError` if a transaction has begun already. An interruption that comes while COMMIT is under
   * way waits for its answer, since nothing else can tell whether the data are in.
   */
  begin<A, E = never, R = never>(
    block: (transaction: Transaction<S>) => Body<S, A, E, R>,
    options?: S["options"],
  ): Run<S, A, E | SqlError, R>

  /**
   * Runs a block in a savepoint: releases it when the block succeeds, rolls back to it when it fails or is interrupted.
   * Begins a transaction first if there is none, which stays open afterwards.
   *
   * Blocks of one connection must nest. In the Effect style, one that is opened while a fiber that is no parent has a
   * block open fails with `InvalidRequestError`.
   */
  beginNested<A, E = never, R = never>(
    block: (transaction: Transaction<S>) => Body<S, A, E, R>,
    options?: S["options"],
  ): Run<S, A, E | SqlError, R>

  /**
   * Runs an exported function where the connection lives, with a synchronous connection in the same transaction. On SQLite
   * it runs at native speed in the connection's worker, or on this thread where the connection is inline; for PostgreSQL it
   * runs in a worker, and its statements come back to the connection here.
   *
   * The function is named by `syncTasks` and must not be `async`. BEGIN is sent by the first statement, wherever that is.
   * Transactions that it begins and leaves open are open afterwards, except for savepoints, which are rolled back and reported. Arguments
   * and result are copied to and from the worker, as those of any task.
   *
   * Fails with the typed error that the function threw, with `TaskError` for any other that it threw, and with
   * `InvalidRequestError` if there is no such function, or if it leaves the transaction in a wrong state. Undefined in the
   * sync style, where functions are called with the connection.
   *
   * @see SQLAlchemy `AsyncConnection.run_sync`
   */
  readonly runSync: RunSync<S, Connection<SyncStyle>, SqlError>

  /** Begins a transaction that is ended by its handle, or by closing the connection. Does no I/O. */
  readonly beginTransaction: Member<S, Transaction<S>, SqlError>
  /** Begins a savepoint that is ended by its handle, or with the transaction. Does no I/O. */
  readonly beginNestedTransaction: Member<S, Transaction<S>, SqlError>

  /** Commits the transaction, savepoints included; does nothing if none has begun. */
  readonly commit: Member<S, void, SqlError>
  /** Rolls the transaction back, savepoints included; does nothing if none has begun. */
  readonly rollback: Member<S, void, SqlError>
  /** True if a transaction has begun, by itself or explicitly. */
  inTransaction(): boolean
  /** True if a savepoint is open. */
  inNestedTransaction(): boolean
  /** The transaction that has begun, or null. */
  getTransaction(): Transaction<S> | null
  /** The innermost open savepoint, or null. */
  getNestedTransaction(): Transaction<S> | null

  /**
   * Sets options for the statements that follow, in place, and gives the connection itself. Does no I/O.
   *
   * Fails with `InvalidRequestError` if the isolation level is set while a transaction is open.
   */
  executionOptions(options: ExecutionOptions): Run<S, this, SqlError>
  /** The options in force. */
  getExecutionOptions(): ExecutionOptions
  /** The isolation level in force; asks the database where nothing was set. */
  readonly getIsolationLevel: Member<S, string, SqlError>

  /**
   * Ends the connection underneath, even in the middle of a statement. The next statement gets a new one, once a
   * transaction that was open has been rolled back.
   */
  readonly invalidate: Member<S, void>
  /**
   * Gives the connection back to the pool. An open transaction is rolled back in the background, before anything else
   * runs on it. Closing twice is harmless.
   */
  readonly close: Member<S, void>
}
