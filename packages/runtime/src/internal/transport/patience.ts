/**
 * Whether who waits for another thread should look again and again for a moment before it sleeps.
 *
 * A wake-up takes system calls of both threads and, where they run on different cores, an interrupt of the one that
 * sleeps: tens of microseconds on a virtual machine, often more than what is waited for. Looking for as long as a wake-up
 * takes costs at most twice what the better of the two would have cost. So that it is seldom the worse, a wait learns
 * from those before it: it looks while that finds something, stops when it does not, and begins again when sleeps were
 * so short that looking would have spared them. Where looking keeps the other thread from its core, sleeps are short
 * and looking never finds anything: each time that is learned it takes twice as many short sleeps to try again.
 */

/** How long to look, in milliseconds: about what a wake-up takes. */
export const LOOKING = 0.05

/** A sleep up to this long, in milliseconds with the wake-up, would have been spared by looking. */
const SHORT = 2 * LOOKING

/** How many times in a row looking may be in vain, when it is tried and at most. */
const TRIAL = 2
const CREDIT = 8

const FIRST = 2
const LAST = 1024

export class Patience {
  #credit = 0
  #shortSleeps = 0
  /** How many short sleeps it takes to look again. */
  #needed = FIRST

  /** Whether to look. */
  get pays(): boolean {
    return this.#credit > 0
  }

  /** Looking has found something. */
  found(): void {
    if (this.#credit < CREDIT) this.#credit++
    this.#needed = FIRST
  }

  /** Looking was in vain. */
  missed(): void {
    if (--this.#credit > 0) return
    this.#shortSleeps = 0
    if (this.#needed < LAST) this.#needed *= 2
  }

  /** Slept without having looked, for so many milliseconds. */
  slept(millis: number): void {
    if (millis > SHORT || ++this.#shortSleeps < this.#needed) return
    this.#shortSleeps = 0
    this.#credit = TRIAL
  }
}
