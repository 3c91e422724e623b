import type {
  DisconnectionError,
  PendingRollbackError,
  QueueFullError,
  ResourceClosedError,
  TimeoutError,
} from "./connection-errors.ts"
import type { DbapiError } from "./dbapi-errors.ts"
import type { StatementError } from "./statement-error.ts"
import type { ArgumentError, CompileError, IllegalStateChangeError, InvalidRequestError } from "./usage-errors.ts"

/** Every error of turning a statement value into SQL and parameters. */
export type StatementBuildError = ArgumentError | CompileError | InvalidRequestError | StatementError

/** Every error that running a statement can give. */
export type SqlError =
  | DbapiError
  | StatementBuildError
  | DisconnectionError
  | IllegalStateChangeError
  | PendingRollbackError
  | QueueFullError
  | ResourceClosedError
  | TimeoutError
