/**
 * Streams that wait for their reader: they have sent it items that it has not used. Nothing is under way on their behalf
 * until it asks again, so they are no reason for the program to go on.
 */
export class Unread {
  /** How many batches the reader of a stream has not used. */
  readonly #batches = new Map<number, number>()

  /** How many streams wait. */
  get size(): number {
    return this.#batches.size
  }

  /** A batch has arrived. Says whether the stream waits from now on. */
  arrived(id: number): boolean {
    const batches = this.#batches.get(id) ?? 0
    this.#batches.set(id, batches + 1)
    return batches === 0
  }

  /** The oldest batch was used. Says whether the stream waits no longer. */
  used(id: number): boolean {
    const batches = this.#batches.get(id)
    if (batches === undefined) return false
    if (batches === 1) return this.#batches.delete(id)
    this.#batches.set(id, batches - 1)
    return false
  }

  /** The stream is over, or is not read any more. Says whether it has waited. */
  forget(id: number): boolean {
    return this.#batches.delete(id)
  }

  clear(): void {
    this.#batches.clear()
  }
}
