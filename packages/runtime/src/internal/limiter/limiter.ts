/**
 * The bookkeeping of a capacity limiter: anyio's semantics, without waiting. Tokens are lent to borrowers, which are
 * identities; who waits is served in order; a token that comes free belongs from that moment to the first who waits.
 */

/** A waiting borrower's way to be told that it has a token. */
export type Granted = () => void

export class Limiter {
  readonly #borrowers = new Set<unknown>()
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
    return this.#borrowers.size
  }
  get waiting(): number {
    return this.#waiting.size
  }
  get borrowers(): ReadonlyArray<unknown> {
    return [...this.#borrowers]
  }

  /** Whether a borrower has a token or waits for one. */
  knows(borrower: unknown): boolean {
    return this.#borrowers.has(borrower) || this.#waiting.has(borrower)
  }

  /** Takes a token if one is free and nobody waits. The borrower must not be known. */
  take(borrower: unknown): boolean {
    if (this.#waiting.size > 0 || this.#borrowers.size >= this.#total) return false
    this.#borrowers.add(borrower)
    return true
  }

  /** Waits in line. The borrower must not be known. */
  wait(borrower: unknown, granted: Granted): void {
    this.#waiting.set(borrower, granted)
  }

  /** Gives back the token, or the place in line. Says whether the borrower had either. */
  giveBack(borrower: unknown): boolean {
    if (this.#waiting.delete(borrower)) return true
    if (!this.#borrowers.delete(borrower)) return false
    this.#grant()
    return true
  }

  /** Gives back the token. Says whether the borrower had one. */
  release(borrower: unknown): boolean {
    if (!this.#borrowers.delete(borrower)) return false
    this.#grant()
    return true
  }

  /** Changes the number of tokens. More serve those who wait; fewer take effect as tokens come back. */
  resize(total: number): void {
    this.#total = total
    this.#grant()
  }

  #grant(): void {
    for (const [borrower, granted] of this.#waiting) {
      if (this.#borrowers.size >= this.#total) return
      this.#waiting.delete(borrower)
      this.#borrowers.add(borrower)
      granted()
    }
  }
}
