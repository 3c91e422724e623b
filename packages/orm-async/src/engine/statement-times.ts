import type { StatementNature } from "../driver/driver.ts"

/** The number of statements that are remembered. */
const capacity = 500

/** The share of an estimate that the latest run decides, where it was quicker than expected and where it was slower. */
const weights = { quicker: 0.5, slower: 0.05 }

/**
 * The times that statements take, by their text, in milliseconds. A measured time holds waiting too, for the loop or for a core,
 * which says nothing of a statement; so quick runs count more than slow ones. The latest 500 texts are remembered.
 */
export class StatementTimes {
  readonly #estimates = new Map<string, number>()
  readonly #natures = new Map<string, StatementNature>()

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

  /** The nature of a statement as it has turned out; undefined where it has not run lately, or its driver did not tell. */
  nature(sql: string): StatementNature | undefined {
    return this.#natures.get(sql)
  }

  /** Notes what the database told of a statement that has a time. */
  noteNature(sql: string, nature: StatementNature): void {
    if (this.#estimates.has(sql)) this.#natures.set(sql, nature)
  }

  #forgetOldest(): void {
    for (const sql of this.#estimates.keys()) {
      this.#estimates.delete(sql)
      this.#natures.delete(sql)
      return
    }
  }
}
