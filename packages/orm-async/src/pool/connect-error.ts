import type {
  DbapiError,
  DisconnectionError,
  InvalidRequestError,
  QueueFullError,
  ResourceClosedError,
  TimeoutError,
} from "../errors/index.ts"

/** Every error of taking a connection from a pool. */
export type ConnectError =
  | DbapiError
  | DisconnectionError
  | InvalidRequestError
  | QueueFullError
  | ResourceClosedError
  | TimeoutError
