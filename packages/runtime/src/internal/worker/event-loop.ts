/**
 * The event loop of a thread that blocks. It stands still while the thread runs calls and waits for the next, so it is
 * turned now and then: output is shown, weak references are cleared, and a rejection that nobody handles comes to light.
 */

import { isDying } from "./last-words.ts"

/** How long a thread that has nothing to do waits before the loop turns; twice as long each time after, up to `LONGEST`. */
const QUIET = 20
const LONGEST = 1000

/** How long a busy thread goes on before the loop turns, in milliseconds. */
const BUSY = 50

/** Bun tells of a rejection that nobody handled after the turn in which it would have been handled. */
const TURNS = "Bun" in globalThis ? 2 : 1

/** How many calls in a row may go by without a look at the clock, which takes as long as a short call. */
const MOST_CALLS = 256

/** Is asked of an object before one of its methods is called. */
export const mayTurn = Symbol("mayTurn")

/** An object that knows which of its calls wait for something, so that the thread's loop turns while they run. */
export interface MayTurn {
  [mayTurn](method: string, args: ReadonlyArray<unknown>): boolean
}

export class EventLoop {
  /** Whether calls have run since it last turned. */
  pending = false
  #turnedAt = performance.now()
  #quiet = QUIET
  #lookedAt = this.#turnedAt
  #calls = 0
  #callsToLook = 1

  /** How long to wait for work before the next turn, in milliseconds. */
  get quiet(): number {
    return this.#quiet
  }

  /** A call has run. Says whether it is time to turn. */
  ran(): boolean {
    this.pending = true
    this.#quiet = QUIET
    if (++this.#calls < this.#callsToLook) return false
    this.#calls = 0
    const now = performance.now()
    this.#callsToLook = now - this.#lookedAt > 1 ? 1 : Math.min(this.#callsToLook * 2, MOST_CALLS)
    this.#lookedAt = now
    return now - this.#turnedAt >= BUSY
  }

  /** There was nothing to do for as long as it waits. */
  waited(): void {
    this.#quiet = Math.min(this.#quiet * 2, LONGEST)
  }

  /** Lets it do what has become due. What ends the thread meanwhile lets nothing go on. */
  async turn(): Promise<void> {
    for (let count = 0; count < TURNS; count++) await new Promise<void>((resolve) => setImmediate(resolve))
    if (isDying()) await new Promise(() => {})
    this.pending = false
    this.#turnedAt = performance.now()
  }
}
