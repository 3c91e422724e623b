import { RetriesExhaustedError } from "../errors/retry-error.ts"
import { ArgumentError } from "../errors/usage-errors.ts"
import { checkKeys, isCount, shown } from "./check-options.ts"
import { type DurationInput, toMilliseconds } from "./duration.ts"

/** How often and when work is tried again. */
export interface RetryOptions {
  /** How often it is tried, the first time included (default 5). */
  readonly attempts?: number | undefined
  /** The longest pause before the second try; it doubles with each further one (default 10 milliseconds). */
  readonly delay?: DurationInput | undefined
  /** The longest pause of all (default 1 second). */
  readonly maxDelay?: DurationInput | undefined
}

/** Options of retrying, complete, in milliseconds. */
export interface RetrySettings {
  readonly attempts: number
  readonly delay: number
  readonly maxDelay: number
}

const known = ["attempts", "delay", "maxDelay"] as const satisfies ReadonlyArray<keyof RetryOptions>

const pause = (name: string, value: unknown, byDefault: number): number => {
  const milliseconds = value === undefined ? byDefault : toMilliseconds(value)
  if (milliseconds !== undefined && Number.isFinite(milliseconds)) return milliseconds
  throw new ArgumentError({ message: `retry: ${name} must be a duration; got ${shown(value)}` })
}

/** @throws {ArgumentError} naming the option that is unknown or wrong */
export const retrySettings = (options: RetryOptions = {}): RetrySettings => {
  checkKeys(options, known, "retry")
  const { attempts = 5 } = options
  if (!isCount(attempts) || attempts < 1) {
    throw new ArgumentError({ message: `retry: attempts must be an integer of 1 or more; got ${shown(attempts)}` })
  }
  return {
    attempts,
    delay: pause("delay", options.delay, 10),
    maxDelay: pause("maxDelay", options.maxDelay, 1_000),
  }
}

/**
 * The pause after a failed try, in milliseconds: random below a limit that doubles, so that those who were in each other's
 * way do not meet again.
 *
 * @param attempt the try that has failed, from 1
 */
export const retryDelay = ({ delay, maxDelay }: RetrySettings, attempt: number): number =>
  Math.random() * Math.min(maxDelay, delay * 2 ** (attempt - 1))

/** Tells whether the same work may succeed when it is tried again: an error says so itself. */
export const isRetryable = (error: unknown): boolean =>
  typeof error === "object" && error !== null && Reflect.get(error, "isRetryable") === true

/** The end of trying. */
export const retriesExhausted = (attempts: number, cause: unknown): RetriesExhaustedError =>
  new RetriesExhaustedError({
    message: `The work was tried ${attempts} times, and other transactions were in the way each time: let fewer run at once, make them shorter, or try more often. ${cause instanceof Error ? cause.message : String(cause)}`,
    attempts,
    cause,
  })
