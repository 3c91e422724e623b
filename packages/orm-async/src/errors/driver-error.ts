import { TaggedError } from "@offloop/runtime/tasks"
import { inspectCustom, printedError } from "./printed-error.ts"

/**
 * The classes of the Python DB-API (PEP 249), which SQLAlchemy keeps:
 *
 * - `IntegrityError`: a constraint was violated
 * - `OperationalError`: the database cannot do it now (locked, full, gone, refused, deadlock)
 * - `ProgrammingError`: the statement is wrong (syntax, unknown table, wrong number of parameters)
 * - `DataError`: a value is out of range or malformed
 * - `NotSupportedError`, `InternalError`: as they say
 * - `InterfaceError`: the driver itself failed or was misused (a missing native binary, a value it cannot bind)
 */
export type DriverErrorKind =
  | "DataError"
  | "IntegrityError"
  | "InterfaceError"
  | "InternalError"
  | "NotSupportedError"
  | "OperationalError"
  | "ProgrammingError"

/** A driver's report of a failure. The engine adds the statement and turns it into one of its public errors. */
export class DriverError extends TaggedError("DriverError")<{
  readonly kind: DriverErrorKind
  /** The problem and, where the driver knows it, the remedy. */
  readonly message: string
  /** The database's own code: an SQLSTATE, or `SQLITE_CONSTRAINT_UNIQUE`. */
  readonly code: string | undefined
  /** The violated constraint's name where the database tells it. */
  readonly constraint: string | undefined
  /** The connection is of no more use. */
  readonly isDisconnect: boolean
  /** The same transaction may succeed when it is tried again. */
  readonly isRetryable: boolean
  /** The number of statements of the call's prelude had succeeded. */
  readonly completedPrelude: number
  /** Which call of a unit failed, counted from 0; undefined for its beginning or its COMMIT, or outside of a unit. */
  readonly failedCall?: number | undefined
  /** The row count of that call, where it failed because another was expected (`OFFLOOP_ROW_COUNT`). */
  readonly rowCount?: number | undefined
  /** The native error. */
  readonly cause: unknown
}> {
  [inspectCustom](): string {
    return printedError(this, { kind: this.kind, code: this.code, constraint: this.constraint })
  }
}
