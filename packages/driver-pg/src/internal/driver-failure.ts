import { DriverError } from "@offloop/orm-async/driver"
import { classifyFailure, type FailureContext } from "./pg-failure.ts"

/** A failure of the driver itself, or of the thread that a connection lives in. */
export const interfaceError = (message: string, cause: unknown, isDisconnect: boolean): DriverError =>
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

/** Where in a call a failure happened. */
export interface FailurePlace {
  /** The number of statements of the prelude that had succeeded. */
  readonly completedPrelude?: number
  readonly failedCall?: number | undefined
  /** The parameter set, from 1, of how many. */
  readonly parameterSet?: readonly [position: number, count: number] | undefined
}

/** The error that the engine is told, of a failure of the server, of postgres.js or of the network. */
export const toDriverError = (cause: unknown, context: FailureContext, place: FailurePlace = {}): DriverError => {
  const failure = classifyFailure(cause, context)
  const { parameterSet } = place
  return new DriverError({
    ...failure,
    message:
      parameterSet === undefined
        ? failure.message
        : `${failure.message}; parameter set ${parameterSet[0]} of ${parameterSet[1]}`,
    completedPrelude: place.completedPrelude ?? 0,
    failedCall: place.failedCall,
    cause,
  })
}
