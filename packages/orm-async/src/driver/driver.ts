/**
 * The driver contract: what a package must offer so that the engine can talk to a database through it.
 *
 * A driver is an adapter. It turns a {@link DriverCall} into one round trip to its database and a native error into a
 * {@link DriverError}; pooling, transactions, SQL and types are the engine's. It uses callbacks, and knows neither
 * Effects nor Promises: each method that does I/O tells its `done` exactly once, perhaps before it returns.
 */
import type { BeginMode, Dialect } from "../dialect/dialect.ts"
import type { DriverError } from "../errors/driver-error.ts"
import type { Done } from "../operation/outcome.ts"
import type { Url } from "../url/url.ts"

/** Where a connection lives: `worker` is off the loop's thread, `inline` is on it. */
export type Placement = "worker" | "inline"

/** Is told how a driver's call ended, exactly once, perhaps before the call has returned. */
export type DriverDone<A> = Done<A, DriverError>

/** One statement, ready to run: SQL with the driver's placeholders and values that the database understands. */
export interface DriverCall {
  readonly sql: string
  readonly parameters: ReadonlyArray<unknown>
  /**
   * Runs first, in the same round trip: BEGIN and SAVEPOINT travel with the first statement that needs them. If one
   * fails, the statement does not run and the error says so in `completedPrelude`.
   */
  readonly prelude: ReadonlyArray<string>
  /**
   * The statement may change data; SQLite takes its write lock for it. Undefined for SQL that the program wrote itself:
   * only the database can tell, and such a statement may also change the session.
   */
  readonly isWrite: boolean | undefined
  /** Integers arrive as `bigint`, because at least one result column has a type that needs all 64 bits. */
  readonly bigints: boolean
}

/** One statement run once for each set of parameters, in order, in one round trip: all of them or none. */
export interface DriverBatchCall extends Omit<DriverCall, "parameters"> {
  readonly parameterSets: ReadonlyArray<ReadonlyArray<unknown>>
}

/** A statement of a {@link DriverUnit}. */
export type DriverUnitCall = (DriverCall | DriverBatchCall) & {
  /**
   * The unit fails and is rolled back if the statement's row count is another: rows changed, or rows returned where it
   * has RETURNING, summed over a batch.
   */
  readonly expectedRowCount?: number | undefined
}

/** Statements that are one transaction of their own. */
export interface DriverUnit {
  /** The statement that begins the transaction. */
  readonly begin: string
  /** In order; their preludes are empty. */
  readonly calls: ReadonlyArray<DriverUnitCall>
}

/** A function to be run on the thread where a connection lives. */
export interface BesideRequest {
  /** The URL of the module that exports the function. */
  readonly module: string
  /** The function's name there. */
  readonly name: string
  readonly args: ReadonlyArray<unknown>
  /** Is passed on to `runBeside` of `@offloop/orm-async/sync`, which needs it. */
  readonly context: unknown
}

/** A buffered answer. Cells are row-major and flat, the form in which rows cross from a worker in one piece. */
export interface DriverResult {
  /**
   * Column names in order; empty when the statement returns no rows. The same array for as long as the prepared
   * statement has the same columns, so that readers of rows can be kept by it.
   */
  readonly columns: ReadonlyArray<string>
  /** `columns.length` values for each row, one row after the other. */
  readonly cells: ReadonlyArray<unknown>
  /** Rows changed by INSERT, UPDATE or DELETE (summed over a batch), rows returned by a query; -1 when unknown. */
  readonly rowCount: number
  /**
   * The nature of SQL that the program wrote itself (`isWrite` undefined), where the database tells that it is nothing but
   * that: it can have changed neither the session nor the schema nor a transaction. Undefined where that is not
   * certain; then nothing is sent beside such a statement.
   */
  readonly nature?: StatementNature | undefined
}

/** A statement that only reads, or one that changes rows. */
export type StatementNature = "query" | "change"

/** A server-side cursor. At most one fetch at a time; closing it twice is harmless. */
export interface DriverCursor {
  readonly columns: ReadonlyArray<string>
  /** The next rows, at most `size` of them, as flat cells; no cells when the result is exhausted. */
  fetch(size: number, done: DriverDone<ReadonlyArray<unknown>>): void
  close(done: DriverDone<void>): void
}

/**
 * The transaction of a connection, as the database said with its last answer:
 *
 * - `"none"`: none is open
 * - `"open"`: one is open
 * - `"failed"`: one is open and accepts only a rollback, as PostgreSQL's after an error
 * - `"unknown"`: nobody can tell, as after an answer that did not arrive whole; only `reset` may follow
 */
export type TransactionState = "none" | "open" | "failed" | "unknown"

/**
 * One connection to a database. The engine makes one call of a connection at a time, with these exceptions: `cancel` and
 * `terminate` may come at any moment; one call may come behind a `resetAhead`; and where `pipelineDepth` is more than 1,
 * that many `execute` calls without a prelude may be under way at once while no transaction is open, and calls of
 * `executeUnit` among them where the driver's capabilities say `groupsUnits`.
 */
export interface DriverConnection {
  execute(call: DriverCall, done: DriverDone<DriverResult>): void
  /** Rows of a statement with RETURNING come back in the order of the parameter sets. */
  executeMany(call: DriverBatchCall, done: DriverDone<DriverResult>): void
  /**
   * Runs statements as one transaction, from its beginning to its COMMIT, in one round trip; no transaction may be open
   * before, and none is after. If one fails, everything is rolled back, and the error's `failedCall` says which it was; a
   * row count that is not the expected one has the code `OFFLOOP_ROW_COUNT`, and `rowCount` is what it was. Undefined where
   * the driver cannot: the engine sends the statements one by one then.
   */
  executeUnit?(unit: DriverUnit, done: DriverDone<ReadonlyArray<DriverResult>>): void
  /**
   * Runs a function on the connection's own thread: calls `runBeside` of `@offloop/orm-async/sync` there, with a connection
   * that answers at once, and tells what that gives. Undefined where the connection lives on the caller's thread, or has no
   * thread that may block.
   */
  runBeside?(request: BesideRequest, done: DriverDone<unknown>): void
  openCursor(call: DriverCall, done: DriverDone<DriverCursor>): void
  commit(done: DriverDone<void>): void
  /** Does nothing where the database has already ended the transaction by itself. */
  rollback(done: DriverDone<void>): void
  /** Back to the state after connecting: no transaction, no cursor, no lock, and no setting that a borrower has changed. */
  reset(done: DriverDone<void>): void
  /**
   * `reset` without waiting for it, for a driver whose database takes a call behind another: the connection is lent again
   * at once, and its next call follows before the reset has answered. Calls come no more than one behind a reset.
   *
   * Tells `done`, once, how the reset ended; before what follows answers. When it fails, what was called behind it must
   * fail as well, without having run; the engine runs that on another connection.
   */
  resetAhead?(done: DriverDone<void>): void
  /** Asks the database for an answer, to find out whether the connection still works. */
  ping(done: DriverDone<void>): void
  /**
   * Stops the call that is under way, if the database or the driver can: one that waits in the driver ends at once, one
   * that runs is cancelled or ends by itself. Its `done` is told as ever, and the next call comes only after that.
   */
  cancel(): void
  /**
   * Takes back the calls of a pipeline that have not begun: each is told `withdrawn`, and has not run. Undefined where a
   * call cannot be taken back once it was made.
   */
  withdraw?(): void
  /** Ends the connection in order; `done` is told when its resources are free. */
  close(done: () => void): void
  /**
   * Ends the connection now, in the middle of a call if need be; does not wait for native code to return. A call that is
   * under way fails at once with `isDisconnect`.
   */
  terminate(): void
  /** The transaction, as of the last answer. Read in `done`, it is that of the answer told there. */
  readonly transaction: TransactionState
  /**
   * Since the last reset something may have changed that outlives a transaction: a setting, a role, a lock, a temporary
   * object, an attached file, or a cursor that is open. The pool resets such a connection before it is lent again.
   */
  readonly sessionChanged: boolean
  /** The number of statements that may be under way at once outside of a transaction; 1 where they cannot overlap. */
  readonly pipelineDepth: number
  /** Every call is answered before it returns, so that the connection also serves synchronous programs. */
  readonly answersAtOnce: boolean
  /** False once the connection has ended, by itself or not; the pool lends it no more. */
  readonly isOpen: boolean
  /** The connection of the library underneath, where it lives on this thread; otherwise undefined. */
  readonly driverConnection: unknown
}

/** The opening of a connection. */
export interface ConnectAttempt {
  /** Gives up: `done` is told soon, mostly with an error; a connection that was opened all the same is closed by the engine. */
  cancel(): void
}

/** The abilities of a driver. The contract suite asserts each `false` instead of passing over it. */
export interface DriverCapabilities {
  /** `placement` values that the driver accepts; the first is the default. */
  readonly placements: readonly [Placement, ...ReadonlyArray<Placement>]
  /** A running statement can be stopped from outside. */
  readonly cancelsRunningStatement: boolean
  /** Several connections may be in a write transaction at once. */
  readonly concurrentWriters: boolean
  /**
   * Connections have `executeUnit`, and units that are under way at once share what a COMMIT costs. The engine sends units of
   * many callers over one connection then. Left out: no.
   */
  readonly groupsUnits?: boolean | undefined
  /** `openCursor` reads from the database as rows are fetched instead of buffering them all. */
  readonly streams: boolean
  /** DDL takes part in transactions. */
  readonly transactionalDdl: boolean
  /** Isolation levels by their SQL names, as `isolationLevel` accepts them. */
  readonly isolationLevels: ReadonlyArray<string>
  /** How transactions may begin; undefined where there is one way only. */
  readonly beginModes?: ReadonlyArray<BeginMode> | undefined
}

/** A remark of the database beside its answers: a warning, or what a function of its own says. */
export interface DriverNotice {
  /** `NOTICE`, `WARNING`, …, as the database has it. */
  readonly severity: string
  readonly message: string
  readonly code: string | undefined
}

/** The settings that a driver is given when it connects. Everything the URL's query says has been merged in. */
export interface DriverOptions {
  readonly placement: Placement
  /** Options for the library underneath, from the URL's query and the engine's `connectArgs`. */
  readonly connectArgs: Readonly<Record<string, unknown>>
  /** Starts threads, where the engine's options name one; else that of the runtime does. */
  readonly backend?: unknown
  /** Is told what the database remarks, before the answer that it belongs to. */
  readonly onNotice?: ((notice: DriverNotice) => void) | undefined
}

/** Pool settings that fit a database, used where the engine's options say nothing. */
export interface PoolDefaults {
  readonly poolSize: number
  readonly maxOverflow: number
  /** Why there can be no second connection, where there can be none: told to whoever waits for one. */
  readonly onlyConnection?: string | undefined
  /** Lend the connection that was used last: where each has a thread, that one is awake (default false). */
  readonly useLifo?: boolean | undefined
}

/** A database driver, as third parties write them too. */
export interface Driver {
  /** The part after `+` in a URL: `better-sqlite3`, `postgres`. */
  readonly name: string
  readonly dialect: Dialect
  readonly capabilities: DriverCapabilities
  readonly poolDefaults: (url: Url, options: DriverOptions) => PoolDefaults
  /** Opens one connection. Fails typed when it cannot; leaves no thread, socket or file behind then. */
  readonly connect: (url: Url, options: DriverOptions, done: DriverDone<DriverConnection>) => ConnectAttempt
}
