import { DriverError } from "@offloop/orm-async"
import type { CallError, OpenError } from "@offloop/runtime"
import { classifyFailure, type FailureContext } from "./pg-failure.ts"

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

const completedPrelude = (cause: unknown): number => {
  const completed = cause instanceof Error && "completedPrelude" in cause ? cause.completedPrelude : 0
  return typeof completed === "number" ? completed : 0
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
        completedPrelude: completedPrelude(error.cause),
        cause: error.cause,
      })
    case "UnsendableError":
      return interfaceError(`${parameterOf(error.path)} is no value for PostgreSQL. ${error.message}`, error, false)
    case "WorkerCrashedError":
    case "ResidentClosedError":
      return interfaceError(error.message, error, true)
    default:
      return interfaceError(error.message, error, false)
  }
}
