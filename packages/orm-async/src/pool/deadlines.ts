import type { Timer } from "../operation/timer.ts"

/** A wait of limited time. */
export interface Impatient {
  /** Ends the wait, if it has not ended. */
  giveUp(): void
}

/**
 * Ends what has waited for too long. All wait equally long, so that who came first is due first, and one timer serves
 * them all: one for each would cost more than the statement that somebody waits to run.
 */
export class Deadlines {
  readonly #timer: Timer
  readonly #milliseconds: number
  // Insertion order is the order in which they are due.
  readonly #due = new Map<Impatient, number>()
  #callOff: (() => void) | undefined

  constructor(timer: Timer, milliseconds: number) {
    this.#timer = timer
    this.#milliseconds = milliseconds
  }

  add(waiter: Impatient): void {
    this.#due.set(waiter, this.#timer.now() + this.#milliseconds)
    this.#callOff ??= this.#timer.later(this.#expire, this.#milliseconds)
  }

  /** Its wait is over. */
  remove(waiter: Impatient): void {
    this.#due.delete(waiter)
    if (this.#due.size > 0) return
    // A timer would keep the program alive.
    this.#callOff?.()
    this.#callOff = undefined
  }

  readonly #expire = (): void => {
    this.#callOff = undefined
    const now = this.#timer.now()
    for (const [waiter, at] of this.#due) {
      if (at > now) {
        this.#callOff = this.#timer.later(this.#expire, at - now)
        return
      }
      this.#due.delete(waiter)
      waiter.giveUp()
    }
  }
}
