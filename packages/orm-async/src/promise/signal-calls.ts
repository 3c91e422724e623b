/** A call that is under way and ends when a signal is aborted. */
export interface AbortableCall {
  /** The signal was aborted. Must not throw. */
  abort(reason: unknown): void
}

const callsOf = new WeakMap<AbortSignal, SignalCalls>()

/** The calls that one signal ends. They share one listener: engines look through all of them to remove one. */
class SignalCalls {
  readonly #signal: AbortSignal
  readonly #calls = new Set<AbortableCall>()

  constructor(signal: AbortSignal) {
    this.#signal = signal
  }

  add(call: AbortableCall): void {
    if (this.#calls.size === 0) this.#signal.addEventListener("abort", this.#abort)
    this.#calls.add(call)
  }

  remove(call: AbortableCall): void {
    // A signal with a listener may be kept in memory for it.
    if (this.#calls.delete(call) && this.#calls.size === 0) this.#signal.removeEventListener("abort", this.#abort)
  }

  readonly #abort = (): void => {
    this.#signal.removeEventListener("abort", this.#abort)
    const calls = [...this.#calls]
    this.#calls.clear()
    for (const call of calls) call.abort(this.#signal.reason)
  }
}

/** Ends a call when the signal is aborted, until {@link unlink}. */
export const link = (signal: AbortSignal, call: AbortableCall): void => {
  let calls = callsOf.get(signal)
  if (calls === undefined) {
    calls = new SignalCalls(signal)
    callsOf.set(signal, calls)
  }
  calls.add(call)
}

/** The call has ended. */
export const unlink = (signal: AbortSignal, call: AbortableCall): void => callsOf.get(signal)?.remove(call)
