import { TaggedError } from "@offloop/runtime/tasks"

/** Work was tried again as often as it may, and failed each time because other transactions were in the way. */
export class RetriesExhaustedError extends TaggedError("RetriesExhaustedError")<{
  readonly message: string
  /** How often it was tried, the first time included. */
  readonly attempts: number
  /** The error of the last try, which is retryable. */
  readonly cause: unknown
}> {}
