import { InvalidRequestError } from "../errors/index.ts"
import { inCallersContext } from "../operation/callers-context.ts"
import type { AbortableCall } from "./signal-calls.ts"

interface Refusal {
  readonly ok: false
  readonly error: unknown
  readonly aborted?: true
}

/** A block whose callback is running: aborting the block ends the calls that the callback made. */
export class RunningBlock {
  readonly #calls = new Set<AbortableCall>()
  #state: "running" | "interrupted" | "ended" | "failed" = "running"
  #entered = false
  #enterLater: ((run: () => void) => void) | undefined

  /** The program's call of the block is about to return: a callback that has to wait runs in its async context. */
  begun(): void {
    if (!this.#entered) this.#enterLater = inCallersContext((run) => run())
  }

  /** Runs the callback, now or, if the block had to wait for its turn, in a moment. */
  enter(run: () => void): void {
    this.#entered = true
    if (this.#enterLater === undefined) run()
    else this.#enterLater(run)
  }

  /** The block was aborted: ends the calls that are under way. Whatever the callback calls from now on is refused. */
  interrupt(): void {
    if (this.#state === "interrupted") return
    this.#state = "interrupted"
    const calls = [...this.#calls]
    this.#calls.clear()
    for (const call of calls) call.abort(interruption())
  }

  /** The callback has returned. */
  end(ok: boolean): void {
    if (this.#state === "running") this.#state = ok ? "ended" : "failed"
  }

  /** The callback has returned without waiting for a call: it forgot to, unless it failed. */
  get hasForgotten(): boolean {
    return this.#state === "ended"
  }

  /** Why nothing can be called here any more, if so. */
  refusal(what: (() => string) | undefined): Refusal | undefined {
    if (this.#state === "running") return undefined
    return this.#state === "interrupted"
      ? { ok: false, error: interruption(), aborted: true }
      : { ok: false, error: forgottenAwait(what) }
  }

  /** A call of the callback has to wait. */
  add(call: AbortableCall): void {
    // The block may have been interrupted while the call began.
    if (this.#state === "interrupted") call.abort(interruption())
    else this.#calls.add(call)
  }

  remove(call: AbortableCall): void {
    this.#calls.delete(call)
  }
}

const interruption = () => new DOMException("The block that this call belongs to was interrupted", "AbortError")

/** The likely reason of a call that outlives its block. */
export const forgottenHint =
  "An await is probably missing before a call inside the block: await everything that the block's callback begins"

const forgottenAwait = (what: (() => string) | undefined) =>
  new InvalidRequestError({
    message:
      `The block that this call belongs to has ended, and so has its transaction: ${what === undefined ? "this call" : what()} was not sent. ` +
      forgottenHint,
  })
