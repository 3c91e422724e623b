/** Calls as Promises. */

import { placeError, placeHere } from "../errors/caller-stack.ts"
import { ownFrames, setFrames } from "../errors/frames.ts"
import { ArgumentError } from "../errors/index.ts"
import { isTypedError } from "../errors/typed-error.ts"
import { type Call, Left } from "../operation/call.ts"
import { FailedCleanUp } from "../operation/failed-clean-up.ts"
import type { Log } from "../operation/log.ts"
import { Operation, type Procedure } from "../operation/operation.ts"
import type { Outcome } from "../operation/outcome.ts"
import { shown } from "../options/check-options.ts"
import { turnIfDue } from "./loop-turns.ts"
import type { CallOptions } from "./promise-style.ts"
import { forgottenHint, type RunningBlock } from "./running-block.ts"
import { type AbortableCall, link, unlink } from "./signal-calls.ts"

/** The context that calls of one object of the Promise style share. */
export interface CallContext {
  /** Is told of a clean-up that failed after an error. */
  readonly log: Log
  /** The block whose callback makes the calls, if they are made on an object that was given to it. */
  readonly block?: RunningBlock | undefined
}

/** The end of a call, `aborted` where the error is the reason of whoever ended it. */
type Ending<A> = Outcome<A> | { readonly ok: false; readonly error: unknown; readonly aborted: true }

/** One run of a call, and the promise of its end if that does not come at once. */
class RunningCall<A> implements AbortableCall {
  readonly #call: Call<A>
  readonly #block: RunningBlock | undefined
  readonly #signal: AbortSignal | undefined
  #settle: ((ending: Ending<A>) => void) | undefined
  #abortion: { readonly reason: unknown } | undefined
  ending: Ending<A> | undefined

  constructor(call: Call<A>, block: RunningBlock | undefined, signal: AbortSignal | undefined) {
    this.#call = call
    this.#block = block
    this.#signal = signal
  }

  start(): void {
    this.#call.start((outcome) => this.#end(outcome))
  }

  /** Waits for the outcome, or for the moment at which the caller may go. */
  wait(): Promise<Ending<A>> {
    const signal = this.#signal
    return new Promise((resolve) => {
      this.#settle = resolve
      this.#block?.add(this)
      if (signal === undefined) return
      if (signal.aborted) this.abort(signal.reason)
      else link(signal, this)
    })
  }

  abort(reason: unknown): void {
    if (this.ending !== undefined || this.#abortion !== undefined) return
    this.#abortion = { reason }
    if (this.#call.leave() !== "stay") this.#end({ ok: false, error: new Left() })
  }

  #end(outcome: Outcome<A>): void {
    if (this.ending !== undefined) return
    const abortion = this.#abortion
    const hasLeft = abortion !== undefined && !outcome.ok && outcome.error instanceof Left
    this.ending = hasLeft ? { ok: false, error: abortion.reason, aborted: true } : outcome
    if (this.#settle === undefined) return
    this.#block?.remove(this)
    if (this.#signal !== undefined) unlink(this.#signal, this)
    this.#settle(this.ending)
  }
}

/**
 * A call as a Promise, started before this returns. It rejects with the typed error itself, whose stack names the line that
 * awaits it; aborting the signal leaves the call, and rejects with the signal's reason unless the outcome decides.
 *
 * To be returned, not awaited, by the method that the program calls, so that it is the program which awaits it:
 * `return runCall(this.#context, () => new StatementCall(core, compile), options)`.
 *
 * @param make gives the call, or throws why there is none
 * @param what says what is called, for whoever reads that it came too late
 */
export const runCall = async <A>(
  { log, block }: CallContext,
  make: () => Call<A>,
  options?: CallOptions,
  what?: () => string,
): Promise<A> => {
  const signal = options?.signal
  let ending: Ending<A> | undefined
  let hasReturned = false
  try {
    if (signal !== undefined) checkSignal(signal)
    ending = block?.refusal(what) ?? (signal?.aborted ? abortedBy(signal) : undefined)
    if (ending === undefined) {
      const running = new RunningCall(make(), block, signal)
      running.start()
      ending = running.ending
      if (ending === undefined) {
        hasReturned = true
        ending = await running.wait()
      } else if (ending.ok) {
        const turn = turnIfDue()
        if (turn !== undefined) await turn
      }
    }
  } catch (error) {
    ending = { ok: false, error }
  }
  if (ending.ok) return ending.value
  if (!hasReturned) {
    // The caller is on the stack, also one that awaits nothing.
    if (!("aborted" in ending)) placeHere(ending.error, new Error())
    const turn = turnIfDue()
    if (turn !== undefined) await turn
  }
  // Nobody can await this before it has returned, and `placeError` needs to know who does.
  await undefined
  if ("aborted" in ending) throw ending.error
  const error = placeError(shownError(ending.error, log), new Error())
  throw block?.hasForgotten === true ? explainForgotten(error) : error
}

/** {@link runCall} for a procedure. */
export const runProcedure = <A>(context: CallContext, make: () => Procedure<A>, options?: CallOptions): Promise<A> =>
  runCall(context, () => new Operation(make), options)

/** A call that failed when its block had ended is awaited by nobody, so that this may be all that is ever read of it. */
const explainForgotten = (error: unknown): unknown => {
  if (isTypedError(error) && !error.message.includes(forgottenHint)) {
    const message = `${error.message}\nThe block that made this call had ended before it failed. ${forgottenHint}`
    const frames = ownFrames(error.stack)
    Object.defineProperty(error, "message", { value: message, configurable: true, writable: true })
    setFrames(error, frames)
  }
  return error
}

const abortedBy = (signal: AbortSignal): Ending<never> => ({ ok: false, error: signal.reason, aborted: true })

const checkSignal = (signal: AbortSignal): void => {
  if (typeof signal === "object" && signal !== null && typeof signal.aborted === "boolean") return
  throw new ArgumentError({ message: `signal must be an AbortSignal; got ${shown(signal)}` })
}

/** The one error that a Promise can reject with. */
const shownError = (error: unknown, log: Log): unknown => {
  if (!(error instanceof FailedCleanUp)) return error
  log("warning", "The clean-up after an error failed as well", error.cleanUp)
  return error.error
}
