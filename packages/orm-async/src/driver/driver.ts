/**
 * The driver contract: what a package must offer so that the engine can talk to a database through it.
 *
 * A driver is an adapter. It turns a {@link DriverCall} into one round trip to its database and a native error into a
 * {@link DriverError}; pooling, transactions, SQL and types are the engine's.
 */
import type { Backend } from "@offloop/runtime"
import type * as Effect from "effect/Effect"
import type { Dialect } from "../dialect/dialect.ts"
import type { DriverError } from "../errors/driver-error.ts"
import type { Url } from "../url/url.ts"

/** Where a connection lives: `worker` is off the loop's thread, `inline` is on it. */
export type Placement = "worker" | "inline"

/** One statement, ready to run: SQL with the driver's placeholders and values that the database understands. */
export interface DriverCall {
  readonly sql: string
  readonly parameters: ReadonlyArray<unknown>
  /**
   * Runs first, in the same round trip: BEGIN and SAVEPOINT travel with the first statement that needs them. If one
   * fails, the statement does not run and the error says so in `completedPrelude`.
   */
  readonly prelude: ReadonlyArray<string>
  /** The statement may change data; SQLite takes its write lock for it. */
  readonly isWrite: boolean
  /** Integers arrive as `bigint`, because at least one result column has a type that needs all 64 bits. */
  readonly bigints: boolean
}

/** One statement run once for each set of parameters, in order, in one round trip. */
export interface DriverBatchCall extends Omit<DriverCall, "parameters"> {
  readonly parameterSets: ReadonlyArray<ReadonlyArray<unknown>>
}

/** A buffered answer. Cells are row-major and flat, the form in which rows cross from a worker in one piece. */
export interface DriverResult {
  /** Column names in order; empty when the statement returns no rows. */
  readonly columns: ReadonlyArray<string>
  /** `columns.length` values for each row, one row after the other. */
  readonly cells: ReadonlyArray<unknown>
  /** Rows changed by INSERT, UPDATE or DELETE (summed over a batch), rows returned by a query; -1 when unknown. */
  readonly rowCount: number
}

/** A server-side cursor. At most one fetch at a time; closing it twice is harmless. */
export interface DriverCursor {
  readonly columns: ReadonlyArray<string>
  /** The next rows, at most `size` of them, as flat cells; no cells when the result is exhausted. */
  readonly fetch: (size: number) => Effect.Effect<ReadonlyArray<unknown>, DriverError>
  readonly close: Effect.Effect<void, DriverError>
}

/**
 * One connection to a database. The engine never runs two calls of one connection at a time, with one exception:
 * `terminate` may come at any moment.
 *
 * Interrupting a call returns at once. The driver cancels the statement if its database can, else lets it end in the
 * background; calls that follow wait for it. After an interruption the engine always sends `reset` or `rollback`
 * before it uses the connection again.
 */
export interface DriverConnection {
  readonly execute: (call: DriverCall) => Effect.Effect<DriverResult, DriverError>
  /** Rows of a statement with RETURNING come back in the order of the parameter sets. */
  readonly executeMany: (call: DriverBatchCall) => Effect.Effect<DriverResult, DriverError>
  readonly openCursor: (call: DriverCall) => Effect.Effect<DriverCursor, DriverError>
  readonly commit: Effect.Effect<void, DriverError>
  /** Does nothing where the database has already ended the transaction by itself. */
  readonly rollback: Effect.Effect<void, DriverError>
  /** Back to the state after connecting: no transaction, no cursor, no lock. */
  readonly reset: Effect.Effect<void, DriverError>
  /**
   * `reset` without waiting for it, for a driver whose database takes a call behind another: the connection is lent again
   * at once, and its next call follows before the reset has answered. Calls come no more than one behind a reset.
   *
   * Tells `onDone`, once, how the reset ended; always after it has returned itself, and before what follows answers. When
   * it fails, what was called behind it must fail as well, without having run; the engine runs that on another connection.
   */
  readonly resetAhead?: ((onDone: (error: DriverError | undefined) => void) => void) | undefined
  /** Asks the database for an answer, to find out whether the connection still works. */
  readonly ping: Effect.Effect<void, DriverError>
  /** Ends the connection in order and waits until its resources are free. */
  readonly close: Effect.Effect<void>
  /** Ends the connection now, in the middle of a call if need be; does not wait for native code to return. */
  readonly terminate: Effect.Effect<void>
  /** The connection of the library underneath, where it lives on this thread; otherwise undefined. */
  readonly driverConnection: unknown
}

/** What a driver can and cannot do. The contract suite asserts each `false` instead of passing over it. */
export interface DriverCapabilities {
  /** `placement` values that the driver accepts; the first is the default. */
  readonly placements: readonly [Placement, ...ReadonlyArray<Placement>]
  /** A running statement can be stopped from outside. */
  readonly cancelsRunningStatement: boolean
  /** Several connections may be in a write transaction at once. */
  readonly concurrentWriters: boolean
  /** `openCursor` reads from the database as rows are fetched instead of buffering them all. */
  readonly streams: boolean
  /** DDL takes part in transactions. */
  readonly transactionalDdl: boolean
  /** Isolation levels by their SQL names, as `isolationLevel` accepts them. */
  readonly isolationLevels: ReadonlyArray<string>
}

/** What a driver is told when it connects. Everything the URL's query says has been merged in. */
export interface DriverOptions {
  readonly placement: Placement
  /** Options for the library underneath, from the URL's query and the engine's `connectArgs`. */
  readonly connectArgs: Readonly<Record<string, unknown>>
}

/** Pool settings that fit a database, used where the engine's options say nothing. */
export interface PoolDefaults {
  readonly poolSize: number
  readonly maxOverflow: number
}

/** A database driver, as third parties write them too. */
export interface Driver {
  /** The part after `+` in a URL: `better-sqlite3`, `postgres`. */
  readonly name: string
  readonly dialect: Dialect
  readonly capabilities: DriverCapabilities
  readonly poolDefaults: (url: Url, options: DriverOptions) => PoolDefaults
  /** Opens one connection. Fails typed when it cannot; leaves no thread, socket or file behind then. */
  readonly connect: (url: Url, options: DriverOptions) => Effect.Effect<DriverConnection, DriverError, Backend.Backend>
}
