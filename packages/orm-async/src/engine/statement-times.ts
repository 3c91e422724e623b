/** How many statements are remembered. */
const capacity = 500

/** How much of an estimate the latest run decides, where it was quicker than expected and where it was slower. */
const weights = { quicker: 0.5, slower: 0.05 }

/**
 * How long statements take, by their text, in milliseconds. What is measured holds waiting too, for the loop or for a core,
 * which says nothing of a statement; so quick runs count more than slow ones. The latest 500 texts are remembered.
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
      const weight = milliseconds < before ? weights.quicker : weights.slower
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
