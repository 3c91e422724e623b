import { DriverError } from "@offloop/orm-async"
import type { CallError, OpenError } from "@offloop/runtime"
import type { FailureState } from "./sqlite-connection.ts"
import { classifyFailure, type FailureContext } from "./sqlite-failure.ts"

const interfaceError = (message: string, cause: unknown, isDisconnect: boolean): DriverError =>
  new DriverError({
    kind: "InterfaceError",
    message,
    code: undefined,
    constraint: undefined,
    isDisconnect,
    isRetryable: false,
    completedPrelude: 0,
    cause,
  })

/** A URL or an option that cannot be used. */
export const optionError = (problem: string): DriverError => interfaceError(problem, undefined, false)

/** What the connection told of itself together with an error, or undefined where the error is not the connection's. */
export const failureState = (error: CallError | OpenError): FailureState | undefined => {
  if (error._tag !== "TaskError" || !(error.cause instanceof Error)) return undefined
  const { completedPrelude, inTransaction } = error.cause as Partial<FailureState>
  return completedPrelude === undefined || inTransaction === undefined ? undefined : { completedPrelude, inTransaction }
}

/** `args[1][2]` is the third parameter, `args[1][0][2]` the third of the first set. */
const parameterOf = (path: string): string => {
  const indexes = /^args\[1\]((?:\[\d+\])+)/.exec(path)?.[1]?.match(/\d+/g)
  return indexes === undefined || indexes === null ? path : `Parameter ${Number(indexes.at(-1)) + 1}`
}

/** What the engine is told of a failed call, or of a connection that could not be opened. */
export const toDriverError = (error: CallError | OpenError, context: FailureContext): DriverError => {
  switch (error._tag) {
    case "TaskError":
      return new DriverError({
        ...classifyFailure(error.cause, context),
        isDisconnect: false,
        completedPrelude: failureState(error)?.completedPrelude ?? 0,
        cause: error.cause,
      })
    case "UnsendableError":
      return interfaceError(`${parameterOf(error.path)} is no value for SQLite. ${error.message}`, error, false)
    case "WorkerCrashedError":
    case "ResidentClosedError":
      return interfaceError(error.message, error, true)
    default:
      return interfaceError(error.message, error, false)
  }
}

/** The connection was ended while a call was pending. What the call did may or may not have happened. */
export const terminated = ({ path }: FailureContext): DriverError =>
  interfaceError(`The connection to ${path} was terminated in the middle of a call`, undefined, true)

/** The wait for this process's own writers was as long as a wait for SQLite's lock may be. */
export const lockTimeout = (busyTimeout: number, context: FailureContext): DriverError =>
  new DriverError({
    kind: "OperationalError",
    message:
      `database is locked: another connection of this program has been writing to ${context.path} for more than ` +
      `${busyTimeout} ms; end transactions sooner, or wait longer with ?busy_timeout=`,
    code: "SQLITE_BUSY",
    constraint: undefined,
    isDisconnect: false,
    isRetryable: true,
    completedPrelude: 0,
    cause: undefined,
  })
