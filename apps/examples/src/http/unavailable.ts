import type { SqlError } from "@offloop/orm-async"
import * as Effect from "effect/Effect"
import { Unavailable } from "./errors.ts"

const sqlTags: Readonly<Record<SqlError["_tag"], "later" | "never">> = {
  OperationalError: "later",
  TimeoutError: "later",
  QueueFullError: "later",
  DisconnectionError: "later",
  ArgumentError: "never",
  CompileError: "never",
  DataError: "never",
  IllegalStateChangeError: "never",
  IntegrityError: "never",
  InterfaceError: "never",
  InternalError: "never",
  InvalidRequestError: "never",
  NotSupportedError: "never",
  // Trying again might do it twice.
  OutcomeUnknownError: "never",
  PendingRollbackError: "never",
  ProgrammingError: "never",
  ResourceClosedError: "never",
  StatementError: "never",
}

const isSqlError = (error: unknown): error is SqlError =>
  typeof error === "object" && error !== null && "_tag" in error && Object.hasOwn(sqlTags, error._tag as string)

/**
 * Turns the database's errors into the API's. A failure that may pass is logged, and told to the client as `Unavailable`,
 * without its SQL. One that cannot pass is a fault of this program: a defect, which the server answers with 500.
 */
export const orUnavailable = <A, E, R>(
  work: Effect.Effect<A, E | SqlError, R>,
): Effect.Effect<A, Exclude<E, SqlError> | Unavailable, R> =>
  Effect.catchAll(work, (error): Effect.Effect<never, Exclude<E, SqlError> | Unavailable> => {
    if (!isSqlError(error)) return Effect.fail(error as Exclude<E, SqlError>)
    if (sqlTags[error._tag] === "never") return Effect.die(error)
    return Effect.zipRight(
      Effect.logWarning(error.message),
      new Unavailable({ message: "The database cannot answer now. Try again in a moment." }),
    )
  })
