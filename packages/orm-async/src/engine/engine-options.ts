import type { ExecutionOptions } from "../connection/execution-options.ts"
import type { BeginMode } from "../dialect/dialect.ts"
import type { Driver, Placement } from "../driver/driver.ts"
import type { DurationInput } from "../options/duration.ts"
import type { PoolClass, ResetOnReturn } from "../pool/pool-settings.ts"

/**
 * Options of an engine. Durations given as numbers are milliseconds.
 *
 * @see SQLAlchemy `sqlalchemy.create_engine`
 * @example
 * ```ts
 * import { type AsyncEngineOptions, createAsyncEngine } from "@offloop/orm-async"
 *
 * const options: AsyncEngineOptions = { poolSize: 10, poolTimeout: "5 seconds", poolPrePing: true }
 * const engine = createAsyncEngine("postgresql://ann@db.example/app", options)
 * ```
 */
export interface AsyncEngineOptions {
  /** The driver to use, instead of the registered one that the URL names. */
  readonly driver?: Driver | undefined
  /**
   * Where connections live: `worker` off the loop's thread, `inline` on it (default: the URL's `?placement=`, else the
   * driver's first).
   */
  readonly placement?: Placement | undefined
  /** The backend that starts threads (default: that of the runtime which the program runs on). */
  readonly backend?: unknown
  /** Connections kept open when nobody uses them; 0 means no limit (default: the driver's, mostly 5). */
  readonly poolSize?: number | undefined
  /** Connections that may be open beyond `poolSize`; -1 means no limit (default: the driver's, mostly 10). */
  readonly maxOverflow?: number | undefined
  /** The number of callers that may wait for a connection; one more fails at once with `QueueFullError` (default: no limit). */
  readonly maxWaiting?: number | undefined
  /** The time to wait for a connection when all are in use; 0 fails at once (default 30 seconds). */
  readonly poolTimeout?: DurationInput | undefined
  /** The age at which a connection is replaced when it is next asked for; -1 means never (default -1). */
  readonly poolRecycle?: DurationInput | undefined
  /** Ask the database for an answer before a connection is handed out, and replace what is dead (default false). */
  readonly poolPrePing?: boolean | undefined
  /** Hand out the connection that was used last, so that the others can grow old (default: the driver's; true for SQLite). */
  readonly poolUseLifo?: boolean | undefined
  /** The fate of a transaction that is open when its connection is given back; null for nothing (default "rollback"). */
  readonly poolResetOnReturn?: ResetOnReturn | undefined
  /** Which kind of pool (default "queue"). */
  readonly poolClass?: PoolClass | undefined
  /** Opens connections in the place of the driver's `connect`, as for one that needs a fresh password each time. */
  readonly creator?: Driver["connect"] | undefined
  /** The isolation level of all transactions, or `AUTOCOMMIT` (default: the database's own). */
  readonly isolationLevel?: string | undefined
  /** How transactions begin on SQLite: see `executionOptions` (default: as their first statement asks). */
  readonly beginMode?: BeginMode | undefined
  /** Log every statement at info level through the style's log: Effect's logger, or the console (default false). */
  readonly echo?: boolean | undefined
  /** Keep values out of errors and log (default false). */
  readonly hideParameters?: boolean | undefined
  /** The number of compiled statements to keep; 0 keeps none (default 500). */
  readonly queryCacheSize?: number | undefined
  /** Options for the library underneath; they win over the URL's query. */
  readonly connectArgs?: Readonly<Record<string, unknown>> | undefined
  /** Options of all statements. */
  readonly executionOptions?: ExecutionOptions | undefined
  /** The engine's name in the log (default: the URL without its password). */
  readonly loggingName?: string | undefined
}
