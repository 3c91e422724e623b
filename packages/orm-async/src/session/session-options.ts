import type { BeginMode } from "../dialect/dialect.ts"
import { ArgumentError } from "../errors/index.ts"
import { checkKeys, shown } from "../options/check-options.ts"

/** Options of a session. */
export interface SessionOptions {
  /** Flush before each query, so that it sees what the session holds (default true). */
  readonly autoflush?: boolean | undefined
  /**
   * Forget the values of all objects on commit (default false).
   *
   * SQLAlchemy's default is true: it loads an object again when a property is read. A property here cannot wait for the
   * database, so with `true` reading one throws `InvalidRequestError` until `refresh` or a query has loaded it again.
   */
  readonly expireOnCommit?: boolean | undefined
  /**
   * How the session's transactions begin on SQLite, as `beginMode` of execution options: `IMMEDIATE` for a session that reads
   * and then changes. For a session that is bound to an engine.
   */
  readonly beginMode?: BeginMode | undefined
  /** Notes of the program's own, as `session.info`. */
  readonly info?: Readonly<Record<string, unknown>> | undefined
}

/** A session's options, complete. */
export interface SessionSettings {
  readonly autoflush: boolean
  readonly expireOnCommit: boolean
  readonly info: Readonly<Record<string, unknown>>
}

const known = ["autoflush", "expireOnCommit", "beginMode", "info"] as const satisfies ReadonlyArray<
  keyof SessionOptions
>

/** The settings of a session without options. */
const defaults: SessionSettings = { autoflush: true, expireOnCommit: false, info: {} }

const flag = (place: string, name: string, value: unknown, byDefault: boolean): boolean => {
  if (value === undefined) return byDefault
  if (typeof value === "boolean") return value
  throw new ArgumentError({ message: `${place}: ${name} must be a boolean; got ${shown(value)}` })
}

/**
 * Checks a session's options and fills in defaults.
 *
 * @param place what was called, for the message
 * @throws {ArgumentError} naming the option that is unknown or wrong
 */
export const checkSessionOptions = (options: SessionOptions | undefined, place: string): SessionSettings => {
  if (options === undefined) return defaults
  checkKeys(options, known, place)
  return {
    autoflush: flag(place, "autoflush", options.autoflush, defaults.autoflush),
    expireOnCommit: flag(place, "expireOnCommit", options.expireOnCommit, defaults.expireOnCommit),
    info: options.info ?? defaults.info,
  }
}
