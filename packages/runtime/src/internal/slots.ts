/**
 * Values under numbers, in the order in which they were added: a Map for what comes and goes with every call.
 *
 * A Map is copied to a new table each time deletions have used up the old one, which keeps all that was in it, and the
 * new one, alive until a full collection once it has become old. So with a Map every call's garbage outlives many
 * collections, which costs more than the call.
 */
const INITIAL = 16

export class Slots<A extends object> {
  #keys: number[] = new Array(INITIAL).fill(0)
  #values: Array<A | undefined> = new Array(INITIAL).fill(undefined)
  #last = 0
  #size = 0

  get size(): number {
    return this.#size
  }

  /** A number of 32 bits that is not in use, and not 0. A value may stay while billions of others come and go. */
  next(): number {
    if (this.#size * 2 >= this.#values.length) this.#grow()
    const mask = this.#values.length - 1
    do this.#last = (this.#last + 1) | 0
    while (this.#last === 0 || this.#values[this.#last & mask] !== undefined)
    return this.#last
  }

  get(number: number): A | undefined {
    const at = number & (this.#values.length - 1)
    return this.#keys[at] === number ? this.#values[at] : undefined
  }

  /** Puts a value under a number that `next` gave, or replaces the one that is there. */
  set(number: number, value: A): void {
    const at = number & (this.#values.length - 1)
    if (this.#values[at] === undefined) this.#size++
    this.#keys[at] = number
    this.#values[at] = value
  }

  /** Says whether there was one. */
  delete(number: number): boolean {
    const at = number & (this.#values.length - 1)
    if (this.#keys[at] !== number || this.#values[at] === undefined) return false
    this.#values[at] = undefined
    this.#size--
    return true
  }

  clear(): void {
    this.#values.fill(undefined)
    this.#size = 0
  }

  /** All values, the oldest first. */
  get all(): A[] {
    const age = (at: number): number => ((this.#keys[at] as number) - this.#last - 1) >>> 0
    return this.#used()
      .sort((one, other) => age(one) - age(other))
      .map((at) => this.#values[at] as A)
  }

  #used(): number[] {
    const used: number[] = []
    for (let at = 0; at < this.#values.length; at++) if (this.#values[at] !== undefined) used.push(at)
    return used
  }

  #grow(): void {
    const used = this.#used().map((at) => [this.#keys[at] as number, this.#values[at] as A] as const)
    const length = this.#values.length * 2
    this.#keys = new Array(length).fill(0)
    this.#values = new Array(length).fill(undefined)
    this.#size = 0
    for (const [number, value] of used) this.set(number, value)
  }
}
