/**
 * Gives things small numbers, so that what crosses a thread often crosses once and is named by its number from then on.
 * The number of what was given one longest ago is given anew when all are taken, so both sides keep a bounded list.
 */
export class NumberTable<K> {
  readonly #limit: number
  readonly #numbers = new Map<K, number>()

  /** @param limit how many numbers there are */
  constructor(limit: number) {
    this.#limit = limit
  }

  /** The number of a thing; undefined if it has none. */
  get(key: K): number | undefined {
    return this.#numbers.get(key)
  }

  /** Gives a thing a number that nothing else has. The other side must be told both. */
  add(key: K): number {
    let number = this.#numbers.size
    if (number === this.#limit) {
      const [oldest] = this.#numbers as Iterable<[K, number]>
      const [gone, freed] = oldest as [K, number]
      this.#numbers.delete(gone)
      number = freed
    }
    this.#numbers.set(key, number)
    return number
  }

  /** Takes all numbers back, because nobody knows which of them the other side has been told. */
  clear(): void {
    this.#numbers.clear()
  }
}
