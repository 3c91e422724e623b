/** How many statements are remembered. */
const capacity = 500

/** How much of an estimate the latest run decides. */
const weight = 0.25

/**
 * How long statements take, by their text, in milliseconds: an average in which late runs count more than early ones. The
 * statements used last are remembered.
 */
export class StatementTimes {
  readonly #estimates = new Map<string, number>()

  /** The expected time of a statement; undefined where it has not run lately. */
  expected(sql: string): number | undefined {
    return this.#estimates.get(sql)
  }

  /** Notes how long a run took. */
  note(sql: string, milliseconds: number): void {
    const before = this.#estimates.get(sql)
    if (before !== undefined) {
      this.#estimates.set(sql, before + (milliseconds - before) * weight)
      return
    }
    if (this.#estimates.size >= capacity) this.#forgetOldest()
    this.#estimates.set(sql, milliseconds)
  }

  #forgetOldest(): void {
    for (const sql of this.#estimates.keys()) {
      this.#estimates.delete(sql)
      return
    }
  }
}
