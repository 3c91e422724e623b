/** Calls that return their answer. */

import { placeHere } from "../errors/caller-stack.ts"
import { InvalidRequestError } from "../errors/index.ts"
import type { Call } from "../operation/call.ts"
import { FailedCleanUp } from "../operation/failed-clean-up.ts"
import type { Log } from "../operation/log.ts"
import { Operation, type Procedure } from "../operation/operation.ts"
import type { Outcome } from "../operation/outcome.ts"

const wouldWait = () =>
  new InvalidRequestError({
    message:
      "This call would have to wait, and a synchronous call cannot: the connection is in use by a call that has not returned, or no connection is free, " +
      "or the database answers later. Close connections before asking for others, raise poolSize, or use @offloop/orm-async/promise",
  })

/**
 * Runs a call whose answer comes before it returns, and returns the answer.
 *
 * @throws the call's error; `InvalidRequestError` if the answer did not come, the call having been left then
 */
export const runCall = <A>(log: Log, call: Call<A>): A => {
  let outcome: Outcome<A> | undefined
  call.start((answer) => {
    outcome ??= answer
  })
  return valueOf(log, outcome ?? left(call))
}

/** {@link runCall} for a procedure. */
export const runProcedure = <A>(log: Log, make: () => Procedure<A>): A => runCall(log, new Operation(make))

const left = (call: Call<unknown>): Outcome<never> => {
  call.leave()
  return { ok: false, error: wouldWait() }
}

const valueOf = <A>(log: Log, outcome: Outcome<A>): A => {
  if (outcome.ok) return outcome.value
  // An answer has its own stack, in which the caller may be too far away to be seen.
  if (!(outcome.error instanceof FailedCleanUp)) throw placeHere(outcome.error, new Error())
  log("warning", "The clean-up after an error failed as well", outcome.error.cleanUp)
  throw placeHere(outcome.error.error, new Error())
}
