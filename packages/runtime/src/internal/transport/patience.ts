/**
 * Decides if a thread that waits for another looks again and again for a moment before it sleeps.
 *
 * A wake-up takes system calls of both threads and, where they run on different cores, an interrupt of the one that
 * sleeps: tens of microseconds on a virtual machine, often more than the awaited work itself. Looking for as long as a
 * wake-up takes costs at most twice what the better of the two would have cost. So that it is seldom the worse, a wait
 * learns from those before it: it looks while that finds something, stops when it does not, and begins again when sleeps
 * were so short that looking would have spared them. Where looking keeps the other thread from its core, sleeps are short
 * and looking never finds anything: each failed attempt doubles the short sleeps required before looking again.
 *
 * Machines differ by a factor of ten in what a wake-up takes, so it is measured whenever one happens.
 */

/** The time of a wake-up that is assumed before any was measured, in milliseconds. */
const ASSUMED = 0.05

/** Bounds of the time to look, in milliseconds: a busy machine takes longer for a wake-up than looking is worth. */
const SHORTEST = 0.02
const LONGEST = 0.2

/** How far one measured wake-up moves the estimate. Steps of one size settle at the median, whatever the outliers are. */
const STEP = 1.05

/** A sleep of up to so many wake-ups, the wake-up included, would have been spared by looking. */
const SHORT = 2

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
  #looking = ASSUMED

  /** True when the next wait is to look. */
  get pays(): boolean {
    return this.#credit > 0
  }

  /** How long to look, in milliseconds: as long as a wake-up takes on this machine. */
  get looking(): number {
    return this.#looking
  }

  /** Notes that looking has found something. */
  found(): void {
    if (this.#credit < CREDIT) this.#credit++
    this.#needed = FIRST
  }

  /** Notes that looking was in vain. */
  missed(): void {
    if (--this.#credit > 0) return
    this.#shortSleeps = 0
    if (this.#needed < LAST) this.#needed *= 2
  }

  /** Notes a sleep without a look before it, and its length in milliseconds. */
  slept(millis: number): void {
    if (millis > SHORT * this.#looking || ++this.#shortSleeps < this.#needed) return
    this.#shortSleeps = 0
    this.#credit = TRIAL
  }

  /** Notes how long it took to be woken, in milliseconds from the other thread's signal. */
  woken(millis: number): void {
    // Clocks of two threads may disagree by more than a wake-up takes.
    if (millis <= 0) return
    const next = millis > this.#looking ? this.#looking * STEP : this.#looking / STEP
    this.#looking = Math.min(Math.max(next, SHORTEST), LONGEST)
  }
}
