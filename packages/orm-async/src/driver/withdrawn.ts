import { DriverError } from "../errors/driver-error.ts"

/** The error of a call that was taken back before it began: it has not run. */
export const withdrawn = new DriverError({
  kind: "OperationalError",
  message: "The call was taken back before it began",
  code: "OFFLOOP_WITHDRAWN",
  constraint: undefined,
  isDisconnect: false,
  isRetryable: true,
  completedPrelude: 0,
  cause: undefined,
})
