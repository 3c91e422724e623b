/**
 * What code in a worker catches when it calls back to the loop. Plain errors, because nothing of Effect is loaded there.
 */
import type { Refusal } from "./messages.ts"

/**
 * The call that this code runs for, or the request that it made, was cancelled: on the loop the fiber that waits for it
 * was interrupted. Python's `concurrent.futures.CancelledError`. Let it pass after cleaning up.
 */
export class CallCancelledError extends Error {
  readonly _tag = "CallCancelledError"
  override readonly name = "CallCancelledError"

  constructor() {
    super("The call was cancelled: its caller on the loop was interrupted.")
  }
}

/** A request to the loop could not be served. `reason` says why, the message what to do. */
export class PortalError extends Error {
  readonly _tag = "PortalError"
  override readonly name = "PortalError"
  /**
   * - `"NotInCall"`: this code does not run for a call: it is on the loop, after an `await` in an async worker, or in the
   *   iterator of a stream. anyio's `NoEventLoopError`.
   * - `"NoPortal"`: the call was given no portal.
   * - `"Closed"`: the portal's scope has closed. anyio's `RunFinishedError`.
   * - `"UnknownHandler"`: the portal has no handler of that name.
   * - `"Deadlock"`: waiting would never end: inline, the loop's own thread would wait for itself.
   * - `"NotSynchronous"`: `runSync` was used for a handler that waits for something.
   * - `"Unsendable"`: an argument or the result cannot cross.
   */
  readonly reason: Refusal | "NotInCall"

  constructor(target: string, reason: Refusal | "NotInCall", detail: string) {
    super(`${target}: ${detail}.`)
    this.reason = reason
  }
}
