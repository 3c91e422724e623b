/**
 * Tells callers how their calls ended, after the function that started the call has returned. A caller that starts its
 * next call from the callback can do so for ever without growing the stack, inline as with a thread.
 */
import type { CallExit, LinkError, OnExit } from "./link.ts"

/** Tells one caller. Its own error does not keep others from being told: it is the program's, uncaught. */
export const deliver = <A, E>(onExit: OnExit<A, E>, exit: CallExit<A, E>): void => {
  try {
    onExit(exit)
  } catch (thrown) {
    queueMicrotask(() => {
      throw thrown
    })
  }
}

/** Exits to be delivered at the end of this turn, in order. */
export class Deliveries {
  #waiting: Array<{
    readonly id: number
    onExit: OnExit<unknown, LinkError>
    readonly exit: CallExit<unknown, LinkError>
  }> = []

  /** Delivers later. */
  add<A, E extends LinkError>(id: number, onExit: OnExit<A, E>, exit: CallExit<A, E>): void {
    if (this.#waiting.length === 0) queueMicrotask(this.#run)
    this.#waiting.push({ id, onExit: onExit as OnExit<unknown, LinkError>, exit: exit as CallExit<unknown, LinkError> })
  }

  /** Does not deliver what was added under a number. */
  drop(id: number): void {
    for (const waiting of this.#waiting) if (waiting.id === id) waiting.onExit = () => {}
  }

  readonly #run = (): void => {
    const waiting = this.#waiting
    this.#waiting = []
    for (const { onExit, exit } of waiting) deliver(onExit, exit)
  }
}
