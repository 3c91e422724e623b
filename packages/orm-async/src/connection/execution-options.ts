import type { BeginMode } from "../dialect/dialect.ts"
import type { DriverCapabilities } from "../driver/driver.ts"
import { ArgumentError } from "../errors/index.ts"
import { checkKeys, isCount, shown } from "../options/check-options.ts"

/**
 * Options of statements, given to an engine, a connection or a single `execute`; the nearer one wins.
 *
 * @see SQLAlchemy `Connection.execution_options`
 * @example
 * ```ts
 * import type { AsyncEngine } from "@offloop/orm-async"
 *
 * const autocommitting = (engine: AsyncEngine) => engine.executionOptions({ isolationLevel: "AUTOCOMMIT" })
 * ```
 */
export interface ExecutionOptions {
  /**
   * The isolation level that transactions begin with, by its SQL name; `AUTOCOMMIT` begins none. For an engine or a
   * connection, not for one statement.
   */
  readonly isolationLevel?: string | undefined
  /** Transactions begin read-only. For an engine or a connection, not for one statement. */
  readonly readOnly?: boolean | undefined
  /**
   * How transactions begin on SQLite (default: `IMMEDIATE` if the first statement is built and writes, else `DEFERRED`). A
   * transaction that reads first and then writes needs `IMMEDIATE`, or fails with `SQLITE_BUSY_SNAPSHOT` if another has
   * written in between. For an engine, a connection or a session, not for one statement.
   */
  readonly beginMode?: BeginMode | undefined
  /** The number of rows that `stream` fetches at a time (default 1000). */
  readonly yieldPer?: number | undefined
  /** Put before the SQL in the log. */
  readonly loggingToken?: string | undefined
}

const known = ["isolationLevel", "readOnly", "beginMode", "yieldPer", "loggingToken"] as const

/** The isolation level as the driver names it. */
export const checkIsolationLevel = (level: unknown, levels: ReadonlyArray<string>): string => {
  const wanted = typeof level === "string" ? level.toUpperCase().replaceAll("_", " ") : undefined
  const all = ["AUTOCOMMIT", ...levels.filter((one) => one !== "AUTOCOMMIT")]
  if (wanted === undefined || !all.includes(wanted)) {
    throw new ArgumentError({
      message: `isolationLevel must be one of ${all.map((one) => `"${one}"`).join(", ")} for this driver; got ${shown(level)}`,
    })
  }
  return wanted
}

/**
 * The begin mode as the driver names it.
 *
 * @param place what was called, for the message
 * @throws {ArgumentError} if the driver has no such mode
 */
export const checkBeginMode = (mode: unknown, { beginModes = [] }: DriverCapabilities, place: string): BeginMode => {
  const found = beginModes.find((one) => one === (typeof mode === "string" ? mode.toUpperCase() : undefined))
  if (found !== undefined) return found
  throw new ArgumentError({
    message:
      beginModes.length === 0
        ? `${place}: beginMode is SQLite's; this driver's transactions begin in one way only. Set isolationLevel, or lock rows with forUpdate`
        : `${place}: beginMode must be one of ${beginModes.map((one) => `"${one}"`).join(", ")}; got ${shown(mode)}`,
  })
}

/**
 * @throws {ArgumentError} naming the option that is unknown or wrong
 */
export const checkExecutionOptions = (
  options: ExecutionOptions,
  capabilities: DriverCapabilities,
  place: string,
): ExecutionOptions => {
  checkKeys(options, known, place)
  const checked: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(options)) if (value !== undefined) checked[name] = value
  const { isolationLevel, readOnly, beginMode, yieldPer, loggingToken } = options
  if (isolationLevel !== undefined) {
    checked.isolationLevel = checkIsolationLevel(isolationLevel, capabilities.isolationLevels)
  }
  if (beginMode !== undefined) checked.beginMode = checkBeginMode(beginMode, capabilities, place)
  if (readOnly !== undefined && typeof readOnly !== "boolean") {
    throw new ArgumentError({ message: `${place}: readOnly must be a boolean; got ${shown(readOnly)}` })
  }
  if (yieldPer !== undefined && !(isCount(yieldPer) && yieldPer >= 1)) {
    throw new ArgumentError({ message: `${place}: yieldPer must be an integer of 1 or more; got ${shown(yieldPer)}` })
  }
  if (loggingToken !== undefined && typeof loggingToken !== "string") {
    throw new ArgumentError({ message: `${place}: loggingToken must be a string; got ${shown(loggingToken)}` })
  }
  return checked
}

/**
 * Options of one statement inside of a transaction, checked.
 *
 * @throws {ArgumentError} naming the option that is unknown, wrong, or not for a statement
 */
export const checkStatementOptions = (
  options: ExecutionOptions | undefined,
  capabilities: DriverCapabilities,
): ExecutionOptions => {
  if (options === undefined) return none
  if (options.isolationLevel !== undefined || options.readOnly !== undefined || options.beginMode !== undefined) {
    throw new ArgumentError({
      message:
        "execute: isolationLevel, readOnly and beginMode hold for whole transactions: set them by the connection's or engine's executionOptions(), or when creating the engine",
    })
  }
  return checkExecutionOptions(options, capabilities, "execute: executionOptions")
}

const none: ExecutionOptions = {}
