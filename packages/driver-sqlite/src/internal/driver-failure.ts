import { DriverError } from "@offloop/orm-async/driver"
import type { CallError, OpenResidentError } from "@offloop/runtime/callback"
import type { RowCountError } from "./row-count-error.ts"
import { classifyFailure, type FailureContext } from "./sqlite-failure.ts"
import type { FailureState } from "./statement-runner.ts"
import type { WireFailure } from "./wire.ts"

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

/** Reads what the connection told of itself together with an error; undefined where the error is not the connection's. */
export const failureState = (cause: unknown): FailureState | undefined => {
  if (!(cause instanceof Error)) return undefined
  const state = cause as Partial<FailureState>
  return state.completedPrelude === undefined || state.inTransaction === undefined ? undefined : (state as FailureState)
}

/** A row count that was not the expected one is told by an error of the driver's own, perhaps rebuilt from another thread's. */
const rowCountOf = (cause: unknown): number | undefined =>
  cause instanceof Error && cause.name === "RowCountError" ? (cause as RowCountError).rowCount : undefined

/** Says for the engine what an error of the connection, or of its opening, means. */
export const nativeDriverError = (cause: unknown, context: FailureContext): DriverError => {
  const state = failureState(cause)
  const meaning = classifyFailure(cause, context)
  if (state !== undefined) hideState(state)
  return new DriverError({
    ...meaning,
    isDisconnect: false,
    completedPrelude: state?.completedPrelude ?? 0,
    failedCall: state?.failedCall,
    rowCount: rowCountOf(cause),
    cause,
  })
}

/** Keeps what the connection told out of what is printed of its error. */
const hideState = (state: FailureState): void => {
  for (const name of ["completedPrelude", "inTransaction", "sessionChanged", "failedCall"]) {
    if (Object.hasOwn(state, name)) Object.defineProperty(state, name, { enumerable: false })
  }
}

/** Makes an error of what a worker told of it. */
export const rebuiltFailure = ({ failure, message }: WireFailure): Error => Object.assign(new Error(message), failure)

/** `args[1][2]` is the third parameter, `args[1][0][2]` the third of the first set. */
const parameterOf = (path: string): string => {
  const indexes = /^args\[1\]((?:\[\d+\])+)/.exec(path)?.[1]?.match(/\d+/g)
  return indexes === undefined || indexes === null ? path : `Parameter ${Number(indexes.at(-1)) + 1}`
}

/** Says for the engine what a failed call of a worker, or of its start, means. */
export const toDriverError = (error: CallError | OpenResidentError, context: FailureContext): DriverError => {
  switch (error._tag) {
    case "TaskError":
      return nativeDriverError(error.cause, context)
    case "UnsendableError":
      return wasNotSent(error)
        ? interfaceError(`${parameterOf(error.path)} is no value for SQLite. ${error.message}`, error, false)
        : interfaceError(
            `The result of the statement is too large to be sent by its worker. ${error.message}`,
            error,
            false,
          )
    case "WorkerCrashedError":
    case "ResidentClosedError":
      return interfaceError(error.message, error, true)
    default:
      return interfaceError(error.message, error, false)
  }
}

/** The call itself could not cross, so that nothing has run. */
export const wasNotSent = (error: CallError | OpenResidentError): boolean =>
  error._tag === "UnsendableError" && error.path.startsWith("args")

/** The connection was ended while a call was under way. What the call did may or may not have happened. */
export const terminated = ({ path }: FailureContext): DriverError =>
  interfaceError(`The connection to ${path} was terminated in the middle of a call`, undefined, true)

/** An answer says something of columns that were never told. */
export const outOfStep = ({ path }: FailureContext): DriverError =>
  interfaceError(`An answer from ${path} was lost: run the statement again on another connection`, undefined, false)

/** A call came after the connection's end. */
export const closed = ({ path }: FailureContext): DriverError =>
  interfaceError(`The connection to ${path} is closed`, undefined, true)

const notRun = (code: string, message: string, isRetryable: boolean): DriverError =>
  new DriverError({
    kind: "OperationalError",
    message,
    code,
    constraint: undefined,
    isDisconnect: false,
    isRetryable,
    completedPrelude: 0,
    cause: undefined,
  })

/** The program gave up a connection that was being opened. */
export const connectCancelled = ({ path }: FailureContext): DriverError =>
  notRun("OFFLOOP_CANCELLED", `Connecting to ${path} was given up`, false)

/** The caller gave up before the call began. */
export const cancelled = (): DriverError => notRun("OFFLOOP_CANCELLED", "The call was cancelled before it began", false)

/** The wait for this process's own writers was as long as a wait for SQLite's lock may be. */
export const lockTimeout = (busyTimeout: number, context: FailureContext): DriverError =>
  notRun(
    "SQLITE_BUSY",
    `database is locked: another connection of this program has been writing to ${context.path} for more than ` +
      `${busyTimeout} ms; end transactions sooner, or wait longer with ?busy_timeout=`,
    true,
  )
