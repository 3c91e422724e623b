export {
  DisconnectionError,
  PendingRollbackError,
  QueueFullError,
  ResourceClosedError,
  TimeoutError,
} from "./connection-errors.ts"
export {
  DataError,
  type DbapiError,
  type DbapiErrorFields,
  IntegrityError,
  InterfaceError,
  InternalError,
  NotSupportedError,
  OperationalError,
  OutcomeUnknownError,
  ProgrammingError,
} from "./dbapi-errors.ts"
export { DriverError, type DriverErrorKind } from "./driver-error.ts"
export { type FailedStatement, fromDriverError } from "./from-driver-error.ts"
export type { Parameters } from "./parameters-text.ts"
export { MultipleResultsFound, NoResultFound } from "./result-errors.ts"
export { RetriesExhaustedError } from "./retry-error.ts"
export { CircularDependencyError, FlushError, StaleDataError } from "./session-errors.ts"
export type { SqlError, StatementBuildError } from "./sql-error.ts"
export { StatementError } from "./statement-error.ts"
export {
  ArgumentError,
  CompileError,
  type ErrorFields,
  IllegalStateChangeError,
  InvalidRequestError,
  NoSuchModuleError,
} from "./usage-errors.ts"
