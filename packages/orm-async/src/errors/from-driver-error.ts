import {
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
import type { DriverError } from "./driver-error.ts"
import { dropInternalFrames } from "./frames.ts"
import { type Parameters, parametersText } from "./parameters-text.ts"

const classes = {
  DataError,
  IntegrityError,
  InterfaceError,
  InternalError,
  NotSupportedError,
  OperationalError,
  ProgrammingError,
} as const

/** The statement that was running when a driver failed. */
export interface FailedStatement {
  readonly statement?: string | undefined
  readonly parameters?: Parameters | undefined
  /** Keep the values out of the error and its message, as the engine's `hideParameters` asks. */
  readonly hideParameters?: boolean | undefined
  /** It makes a change permanent and was sent: if its connection was lost, nobody knows whether it did. */
  readonly mayHaveCommitted?: boolean | undefined
}

const unknown =
  "the change may be in the database or not: look there before it is made again, or make it so that it can be made twice"

const isUnknown = ({ isDisconnect }: DriverError, { mayHaveCommitted }: FailedStatement): boolean =>
  isDisconnect && mayHaveCommitted === true

const messageOf = (driverError: DriverError, failed: FailedStatement): string => {
  const lines = [isUnknown(driverError, failed) ? `${driverError.message}; ${unknown}` : driverError.message]
  if (failed.statement !== undefined) {
    lines.push(`[SQL: ${failed.statement}]`)
    if (failed.parameters !== undefined) {
      lines.push(failed.hideParameters ? "[parameters hidden]" : `[parameters: ${parametersText(failed.parameters)}]`)
    }
  }
  return lines.join("\n")
}

/**
 * The public error for what a driver reported, with the statement that was running.
 *
 * @example
 * ```ts
 * import { DriverError, fromDriverError } from "@offloop/orm-async"
 *
 * declare const driverError: DriverError
 * const error = fromDriverError(driverError, {
 *   statement: "INSERT INTO users (email) VALUES (?)",
 *   parameters: { kind: "one", values: ["ann@example.org"] },
 * })
 * if (error._tag === "IntegrityError") console.log(error.constraint)
 * ```
 */
export const fromDriverError = (driverError: DriverError, failed: FailedStatement = {}): DbapiError => {
  const fields: DbapiErrorFields = {
    message: messageOf(driverError, failed),
    statement: failed.statement,
    parameters: failed.hideParameters ? undefined : failed.parameters,
    code: driverError.code,
    constraint: driverError.constraint,
    isRetryable: driverError.isRetryable && !isUnknown(driverError, failed),
    isDisconnect: driverError.isDisconnect,
    driverError,
    cause: driverError.cause,
  }
  // Printed below the error, where the frames of a driver say nothing.
  if (driverError.cause instanceof Error) dropInternalFrames(driverError.cause)
  return isUnknown(driverError, failed) ? new OutcomeUnknownError(fields) : new classes[driverError.kind](fields)
}
