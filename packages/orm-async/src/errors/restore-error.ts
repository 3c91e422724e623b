import {
  DisconnectionError,
  PendingRollbackError,
  QueueFullError,
  ResourceClosedError,
  TimeoutError,
} from "./connection-errors.ts"
import {
  DataError,
  IntegrityError,
  InterfaceError,
  InternalError,
  NotSupportedError,
  OperationalError,
  OutcomeUnknownError,
  ProgrammingError,
} from "./dbapi-errors.ts"
import { DriverError } from "./driver-error.ts"
import { MultipleResultsFound, NoResultFound } from "./result-errors.ts"
import { CircularDependencyError, FlushError, StaleDataError } from "./session-errors.ts"
import { StatementError } from "./statement-error.ts"
import {
  ArgumentError,
  CompileError,
  IllegalStateChangeError,
  InvalidRequestError,
  NoSuchModuleError,
} from "./usage-errors.ts"

const classes: Readonly<Record<string, { readonly prototype: object }>> = {
  ArgumentError,
  CircularDependencyError,
  CompileError,
  DataError,
  DisconnectionError,
  DriverError,
  FlushError,
  IllegalStateChangeError,
  IntegrityError,
  InterfaceError,
  InternalError,
  InvalidRequestError,
  MultipleResultsFound,
  NoResultFound,
  NoSuchModuleError,
  NotSupportedError,
  OperationalError,
  OutcomeUnknownError,
  PendingRollbackError,
  ProgrammingError,
  QueueFullError,
  ResourceClosedError,
  StaleDataError,
  StatementError,
  TimeoutError,
}

/**
 * Gives an error of this package that has come from another thread its class back, and those inside of it; a class does
 * not cross. Any other value is given as it is.
 */
export const restoreError = (error: unknown): unknown => {
  if (!(error instanceof Error) || !("_tag" in error) || typeof error._tag !== "string") return error
  const restored = Object.hasOwn(classes, error._tag) ? classes[error._tag] : undefined
  if (restored === undefined || Object.prototype.isPrototypeOf.call(restored.prototype, error)) return error
  Object.setPrototypeOf(error, restored.prototype)
  if (Object.hasOwn(error, "name")) Reflect.deleteProperty(error, "name")
  if ("driverError" in error) restoreError(error.driverError)
  return error
}
