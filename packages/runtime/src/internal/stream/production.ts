/**
 * Where the items of a stream are made: reads an iterator as far as the other side has use for it, and sends the items
 * in batches.
 *
 * The other side acknowledges each batch when it is done with it. So what is under way is bounded, in items and in
 * bytes, and an endless iterator is read no faster than its items are used. Batches begin with one item and double while they
 * are quickly filled: a slow iterator's items do not wait for each other, and a fast one's cost little each.
 */
import type { Source } from "./iterate.ts"

/** What brings items to the other side. */
export interface Carrier {
  /**
   * Takes an item, as it is now, into the batch. Returns the batch's size in bytes, or -1 if the item has to be sent
   * alone. Throws when it cannot cross.
   */
  add(item: unknown): number
  /** Sends the batch. */
  ship(): void
  /** Sends a batch of one item that `add` did not take. Throws when it cannot cross. */
  shipAlone(item: unknown): void
  /** Makes the other side see what was sent, when nothing else does so soon. */
  show(): void
}

/** How a stream ended. */
export type Ending =
  | { readonly how: "done" }
  | { readonly how: "threw"; readonly thrown: unknown }
  | { readonly how: "refused"; readonly item: unknown; readonly index: number; readonly thrown: unknown }

interface Batch {
  readonly items: number
  readonly bytes: number
}

/** Items in a batch at most. */
const LARGEST_BATCH = 256
/** A batch of this many bytes is full. */
const FULL_BATCH = 64 * 1024
/** With this many bytes under way the iterator is not read. */
const WINDOW = 1024 * 1024
/** What an item that was sent alone counts for, because nobody knows how large the engine's clone of it is. */
const ALONE = FULL_BATCH
/** Milliseconds in which a batch is filled at most, if the iterator is steady. */
const PACE = 1

export class Production {
  readonly #source: Source
  readonly #bufferSize: number
  readonly #largestBatch: number
  readonly #carrier: Carrier
  readonly #onEnd: (ending: Ending) => void
  /** Batches sent and not acknowledged, the oldest first. */
  readonly #underWay: Batch[] = []
  #itemsUnderWay = 0
  #bytesUnderWay = 0
  #limit = 1
  #items = 0
  #bytes = 0
  #count = 0
  #reading = false
  #turned = false
  #stopped = false

  constructor(source: Source, bufferSize: number, carrier: Carrier, onEnd: (ending: Ending) => void) {
    this.#source = source
    this.#bufferSize = bufferSize
    // Several batches have to fit, or one side would always wait for the other.
    this.#largestBatch = Math.min(LARGEST_BATCH, Math.ceil(bufferSize / 4))
    this.#carrier = carrier
    this.#onEnd = onEnd
  }

  /** Whether `advance` would read something. */
  get ready(): boolean {
    return !this.#stopped && !this.#reading && this.#itemsUnderWay < this.#bufferSize && this.#bytesUnderWay < WINDOW
  }

  /** The other side is done with the oldest batch. */
  acknowledge(): void {
    const batch = this.#underWay.shift()
    if (batch === undefined) return
    this.#itemsUnderWay -= batch.items
    this.#bytesUnderWay -= batch.bytes
  }

  /** Reads and sends one batch. Only when `ready`. Returns a promise when the iterator has to be waited for. */
  advance(): Promise<void> | undefined {
    const { later, iterator } = this.#source
    return later ? this.#readLater(iterator) : this.#read(iterator)
  }

  /** No more is wanted: lets the iterator clean up, then ends. */
  stop(): Promise<void> | undefined {
    if (this.#stopped) return undefined
    this.#stopped = true
    this.#items = 0
    try {
      const { later, iterator } = this.#source
      const returned = iterator.return?.()
      if (later && returned !== undefined) {
        return Promise.resolve(returned).then(
          () => this.#onEnd({ how: "done" }),
          (thrown: unknown) => this.#onEnd({ how: "threw", thrown }),
        )
      }
      this.#onEnd({ how: "done" })
    } catch (thrown) {
      this.#onEnd({ how: "threw", thrown })
    }
    return undefined
  }

  #read(iterator: Iterator<unknown>): undefined {
    const began = performance.now()
    do {
      let done: boolean | undefined
      let item: unknown
      try {
        const step = iterator.next()
        done = step.done
        if (done !== true) item = step.value
      } catch (thrown) {
        this.#end({ how: "threw", thrown })
        return
      }
      if (done === true) {
        this.#end({ how: "done" })
        return
      }
      const refused = this.#take(item)
      if (refused !== undefined) {
        try {
          iterator.return?.()
        } catch {
          // As in a `for` loop: the error that ends it counts, not one of the cleaning up.
        }
        this.#end(refused)
        return
      }
    } while (this.#hasRoom())
    this.#ship()
    this.#pace(began)
  }

  async #readLater(iterator: AsyncIterator<unknown>): Promise<void> {
    const began = performance.now()
    this.#reading = true
    this.#turned = false
    // What came in this turn of the event loop does not wait for what comes in another.
    const turn = setImmediate(() => {
      this.#turned = true
      this.#ship()
      this.#carrier.show()
    })
    try {
      do {
        const step = await iterator.next()
        if (this.#stopped) return
        if (step.done === true) {
          this.#end({ how: "done" })
          return
        }
        const refused = this.#take(step.value)
        if (refused !== undefined) {
          this.#stopped = true
          try {
            await iterator.return?.()
          } catch {
            // As in a `for await` loop: the error that ends it counts, not one of the cleaning up.
          }
          this.#end(refused)
          return
        }
      } while (!this.#turned && this.#hasRoom())
      this.#ship()
      this.#pace(began)
    } catch (thrown) {
      if (!this.#stopped) this.#end({ how: "threw", thrown })
    } finally {
      clearImmediate(turn)
      this.#reading = false
    }
  }

  /** Takes an item. Says how the stream ends where it cannot cross. */
  #take(item: unknown): Ending | undefined {
    const index = this.#count++
    try {
      const bytes = this.#carrier.add(item)
      if (bytes >= 0) {
        this.#items++
        this.#bytes = bytes
      } else {
        this.#ship()
        this.#carrier.shipAlone(item)
        this.#sent({ items: 1, bytes: ALONE })
      }
      return undefined
    } catch (thrown) {
      return { how: "refused", item, index, thrown }
    }
  }

  #hasRoom(): boolean {
    return (
      this.#items < this.#limit &&
      this.#bytes < FULL_BATCH &&
      this.#itemsUnderWay + this.#items < this.#bufferSize &&
      this.#bytesUnderWay + this.#bytes < WINDOW
    )
  }

  #ship(): void {
    if (this.#items === 0) return
    this.#carrier.ship()
    this.#sent({ items: this.#items, bytes: this.#bytes })
    this.#items = 0
    this.#bytes = 0
  }

  #sent(batch: Batch): void {
    this.#underWay.push(batch)
    this.#itemsUnderWay += batch.items
    this.#bytesUnderWay += batch.bytes
  }

  #pace(began: number): void {
    const quick = performance.now() - began < PACE
    this.#limit = quick ? Math.min(this.#limit * 2, this.#largestBatch) : Math.max(1, this.#limit >> 1)
  }

  #end(ending: Ending): void {
    this.#stopped = true
    this.#ship()
    this.#onEnd(ending)
  }
}
