import type { DriverDone, DriverError } from "@offloop/orm-async/driver"
import type { FailurePlace } from "./driver-failure.ts"
import type { PgConfig } from "./pg-config.ts"
import type { ServerRequest } from "./server-request.ts"
import type { StatementSender } from "./statement-sender.ts"

/** What calls of several steps need of their connection. */
export interface StatementRunner {
  readonly config: PgConfig
  readonly sender: StatementSender
  readonly isOpen: boolean
  /** Rolls back if a transaction is open, within the time for that. */
  rollbackNow(done: DriverDone<void>): void
  /** Commits, within the time for that; fails if the server rolled back instead. */
  commitNow(done: DriverDone<void>): void
  /** The error that the engine is told. */
  toError(cause: unknown, place?: FailurePlace): DriverError
  /** Makes a call of which only the answer counts, when nothing hinders it. */
  call(send: (answered: (request: ServerRequest) => void) => void, done: DriverDone<ServerRequest>): void
  /** The same for a call that must be answered within the time for a reset. */
  callInTime(send: (answered: (request: ServerRequest) => void) => void, done: DriverDone<void>): void
  /** How often the connection was reset, which closes every cursor. */
  readonly resets: number
  /** A cursor that outlives its transaction was opened, or closed. */
  heldCursor(change: 1 | -1): void
}
