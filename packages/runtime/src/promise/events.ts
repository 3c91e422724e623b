/** Events that any number of readers follow, each at its own pace. */

/** How many events are kept for a reader that does not take them. */
const KEPT = 256

export class Events<A> implements AsyncIterable<A> {
  readonly #readers = new Set<Reader<A>>()
  #ended = false

  /** Tells everyone who reads. */
  publish(event: A): void {
    for (const reader of this.#readers) reader.add(event)
  }

  /** No more events will come. */
  end(): void {
    this.#ended = true
    for (const reader of this.#readers) reader.end()
    this.#readers.clear()
  }

  /** Reads from the first `next` on. */
  [Symbol.asyncIterator](): AsyncIterator<A, undefined> {
    const reader = new Reader<A>()
    let reading = false
    return {
      next: () => {
        if (!reading && !this.#ended) this.#readers.add(reader)
        if (!reading && this.#ended) reader.end()
        reading = true
        return reader.next()
      },
      return: async () => {
        reading = true
        this.#readers.delete(reader)
        reader.leave()
        return { done: true, value: undefined }
      },
    }
  }
}

type Step<A> = IteratorResult<A, undefined>

/** One reader: the events that it has not taken, or its `next` calls that wait for one. */
class Reader<A> {
  readonly #kept: A[] = []
  readonly #waiting: Array<(step: Step<A>) => void> = []
  #ended = false

  add(value: A): void {
    const waiting = this.#waiting.shift()
    if (waiting !== undefined) {
      waiting({ done: false, value })
      return
    }
    this.#kept.push(value)
    if (this.#kept.length > KEPT) this.#kept.shift()
  }

  end(): void {
    this.#ended = true
    for (const waiting of this.#waiting.splice(0)) waiting({ done: true, value: undefined })
  }

  leave(): void {
    this.#kept.length = 0
    this.end()
  }

  next(): Promise<Step<A>> {
    if (this.#kept.length > 0) return Promise.resolve({ done: false, value: this.#kept.shift() as A })
    if (this.#ended) return Promise.resolve({ done: true, value: undefined })
    return new Promise((resolve) => this.#waiting.push(resolve))
  }
}
