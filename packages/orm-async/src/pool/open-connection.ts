import type { ConnectAttempt, DriverConnection, DriverDone } from "../driver/driver.ts"
import { DriverError } from "../errors/driver-error.ts"
import { isTypedError } from "../errors/typed-error.ts"
import type { Outcome } from "../operation/outcome.ts"

/** Opens a connection: a driver's `connect`, or a program's `creator`. */
export type Connect = (done: DriverDone<DriverConnection>) => ConnectAttempt

const misuse = (message: string, cause: unknown): DriverError =>
  new DriverError({
    kind: "InterfaceError",
    message,
    code: undefined,
    constraint: undefined,
    isDisconnect: false,
    isRetryable: false,
    completedPrelude: 0,
    cause,
  })

const asDriverError = (error: unknown): DriverError => {
  // By its tag: a driver may have loaded another copy of the class.
  if (isTypedError(error) && error._tag === "DriverError") return error as DriverError
  const text = error instanceof Error ? error.message : String(error)
  return misuse(`The function that opens connections (creator, or the driver's connect) failed: ${text}`, error)
}

const noConnection = (value: unknown): DriverError =>
  misuse(
    "The function that opens connections (creator, or the driver's connect) told its callback something that is no " +
      "connection: pass on what a driver's connect gives",
    value,
  )

const checked = (outcome: Outcome<DriverConnection, DriverError>): Outcome<DriverConnection, DriverError> => {
  if (!outcome.ok) return { ok: false, error: asDriverError(outcome.error) }
  const connection: Partial<DriverConnection> | undefined = outcome.value
  return typeof connection?.execute === "function" ? outcome : { ok: false, error: noConnection(connection) }
}

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === "object" && value !== null && "then" in value && typeof value.then === "function"

/**
 * Opens a connection by a function that the program may have written: it may throw, be `async`, or tell its callback
 * twice, and the pool must be told exactly once, else it would count wrong for ever.
 */
export const openConnection = (connect: Connect, done: DriverDone<DriverConnection>): ConnectAttempt => {
  let opened: DriverConnection | undefined
  let told = false
  let cancelled = false
  let attempt: Partial<ConnectAttempt> | undefined
  const tell: DriverDone<DriverConnection> = (given) => {
    const outcome = checked(given)
    if (!told) {
      told = true
      if (outcome.ok) opened = outcome.value
      done(outcome)
    } else if (outcome.ok && outcome.value !== opened) outcome.value.terminate()
  }
  const fail = (error: unknown): void => tell({ ok: false, error: asDriverError(error) })
  const use = (given: unknown): void => {
    attempt = typeof given === "object" && given !== null ? given : undefined
    if (cancelled) attempt?.cancel?.()
  }
  try {
    const given: unknown = connect(tell)
    if (isThenable(given)) given.then(use, fail)
    else use(given)
  } catch (error) {
    fail(error)
  }
  return {
    cancel: () => {
      cancelled = true
      attempt?.cancel?.()
    },
  }
}
