/**
 * The bookkeeping of a capacity limiter: anyio's semantics, without waiting. Tokens are lent to borrowers, which are
 * identities; who waits is served in order; a token that comes free belongs from that moment to the first who waits.
 */

import { Slots } from "../slots.ts"

/** A borrower that is nothing but that, and costs less than one with an identity of its own. To be used once. */
export class Lease {
  place = 0
}

/** A waiting borrower's way to be told that it has a token. */
export type Granted = () => void

export class Limiter {
  readonly #borrowers = new Set<unknown>()
  readonly #leases = new Slots<Lease>()
  // A Map keeps the order of arrival.
  readonly #waiting = new Map<unknown, Granted>()
  #total: number

  constructor(total: number) {
    this.#total = total
  }

  get total(): number {
    return this.#total
  }
  get borrowed(): number {
    return this.#borrowers.size + this.#leases.size
  }
  get waiting(): number {
    return this.#waiting.size
  }
  get borrowers(): ReadonlyArray<unknown> {
    return [...this.#borrowers, ...this.#leases.all]
  }

  /** Whether a borrower has a token or waits for one. */
  knows(borrower: unknown): boolean {
    return (
      this.#waiting.has(borrower) ||
      (borrower instanceof Lease ? this.#leases.get(borrower.place) === borrower : this.#borrowers.has(borrower))
    )
  }

  /** Takes a token if one is free and nobody waits. The borrower must not be known. */
  take(borrower: unknown): boolean {
    if (this.#waiting.size > 0 || this.borrowed >= this.#total) return false
    this.#lend(borrower)
    return true
  }

  /**
   * Takes a token, at once or in line. The borrower must not be known. Looking and waiting are one step: a token that came
   * back between the two would be lent to nobody, and everyone behind would wait for ever.
   */
  takeInLine(borrower: unknown, granted: Granted): void {
    if (this.take(borrower)) granted()
    else this.#waiting.set(borrower, granted)
  }

  /** Gives back the token, or the place in line. Says whether the borrower had either. */
  giveBack(borrower: unknown): boolean {
    if (this.#waiting.delete(borrower)) return true
    return this.release(borrower)
  }

  /** Gives back the token. Says whether the borrower had one. */
  release(borrower: unknown): boolean {
    if (!this.#takeBack(borrower)) return false
    if (this.#waiting.size > 0) this.#grant()
    return true
  }

  #lend(borrower: unknown): void {
    if (borrower instanceof Lease) {
      borrower.place = this.#leases.next()
      this.#leases.set(borrower.place, borrower)
    } else this.#borrowers.add(borrower)
  }

  #takeBack(borrower: unknown): boolean {
    if (!(borrower instanceof Lease)) return this.#borrowers.delete(borrower)
    return this.#leases.get(borrower.place) === borrower && this.#leases.delete(borrower.place)
  }

  /** Changes the number of tokens. More serve those who wait; fewer take effect as tokens come back. */
  resize(total: number): void {
    this.#total = total
    this.#grant()
  }

  #grant(): void {
    for (const [borrower, granted] of this.#waiting) {
      if (this.borrowed >= this.#total) return
      this.#waiting.delete(borrower)
      this.#lend(borrower)
      granted()
    }
  }
}
