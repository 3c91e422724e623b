import { TaggedError } from "@offloop/runtime/tasks"
import type { DriverError } from "./driver-error.ts"
import type { Parameters } from "./parameters-text.ts"
import { inspectCustom, printedError } from "./printed-error.ts"

/** The fields of every error that comes from the database or its driver. */
export interface DbapiErrorFields {
  /** The database's message, then the SQL, then the parameters. */
  readonly message: string
  /** The SQL that failed; undefined where none was running, as when connecting. */
  readonly statement: string | undefined
  /** The values it ran with; undefined where there were none or they are hidden. */
  readonly parameters: Parameters | undefined
  /** The database's own code: an SQLSTATE, or `SQLITE_CONSTRAINT_UNIQUE`. */
  readonly code: string | undefined
  /** The violated constraint's name, where the database tells it. */
  readonly constraint: string | undefined
  /** The same transaction may succeed when it is tried again. */
  readonly isRetryable: boolean
  /** The connection is of no more use; the pool replaces it. */
  readonly isDisconnect: boolean
  /** The driver's report. */
  readonly driverError: DriverError
  /** The native error of the library underneath. */
  readonly cause: unknown
}

const optionalFields = ["statement", "parameters", "code", "constraint", "cause"] as const

/** Makes the base of a class: an error that a console prints in a few lines. */
const dbapiError = <Tag extends string>(tag: Tag) =>
  class extends TaggedError(tag)<DbapiErrorFields> {
    constructor(fields: DbapiErrorFields) {
      super(fields)
      // Uncaught errors are printed with all that is enumerable; the cause is there already.
      Object.defineProperty(this, "driverError", { enumerable: false })
      for (const name of optionalFields) {
        if (fields[name] === undefined) Object.defineProperty(this, name, { enumerable: false })
      }
    }

    [inspectCustom](): string {
      return printedError(this, { code: this.code, constraint: this.constraint })
    }
  }

/**
 * A value is out of range or malformed for its type.
 *
 * @see PEP 249 `DataError`
 */
export class DataError extends dbapiError("DataError") {}

/**
 * A constraint was violated; `constraint` names it where the database does.
 *
 * @see PEP 249 `IntegrityError`
 */
export class IntegrityError extends dbapiError("IntegrityError") {}

/**
 * The driver itself failed or was misused: a missing native binary, a value that it cannot bind.
 *
 * @see PEP 249 `InterfaceError`
 */
export class InterfaceError extends dbapiError("InterfaceError") {}

/**
 * The database reports a fault of its own.
 *
 * @see PEP 249 `InternalError`
 */
export class InternalError extends dbapiError("InternalError") {}

/**
 * The database or driver has no such feature.
 *
 * @see PEP 249 `NotSupportedError`
 */
export class NotSupportedError extends dbapiError("NotSupportedError") {}

/**
 * The database cannot do it now: locked, full, gone, refused, deadlocked.
 *
 * @see PEP 249 `OperationalError`
 */
export class OperationalError extends dbapiError("OperationalError") {}

/**
 * The connection was lost while what makes a change permanent was under way: a COMMIT, a list of statements, or a statement
 * that is a transaction of its own. The change may be in the database or not, and only the database can tell: look there before
 * it is made again. Never retryable.
 *
 * @see SQLSTATE 08007 `transaction_resolution_unknown`
 */
export class OutcomeUnknownError extends dbapiError("OutcomeUnknownError") {}

/**
 * The statement is wrong: its syntax, a table or column that does not exist, the number of its parameters.
 *
 * @see PEP 249 `ProgrammingError`
 */
export class ProgrammingError extends dbapiError("ProgrammingError") {}

/** Every error that comes from the database or its driver. */
export type DbapiError =
  | DataError
  | IntegrityError
  | InterfaceError
  | InternalError
  | NotSupportedError
  | OperationalError
  | OutcomeUnknownError
  | ProgrammingError
