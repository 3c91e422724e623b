/** What a worker iterates, as async iterables. */
import type { CallExit, LinkError } from "../internal/link/link.ts"
import { Feed } from "../internal/stream/feed.ts"
import { stay } from "../internal/transport/moves.ts"
import { onAbort } from "./abort.ts"
import { type Caller, calledFrom } from "./caller.ts"

/** What is iterated, and for whom. */
export interface IterableOptions {
  /** Opens the feed. Throws what types exclude. */
  readonly open: (feed: Feed) => void
  readonly signal: AbortSignal | undefined
  readonly caller: Caller
  /** What would be sent. */
  readonly args: ReadonlyArray<unknown>
  /** Whether nobody waits for an iterator that is not wanted any more. */
  readonly abandon?: boolean | undefined
}

/** Each iteration opens a feed anew; nothing is opened before the first `next`. */
export const iterable = <A>(options: IterableOptions): AsyncIterable<A> => ({
  [Symbol.asyncIterator]: () => new FeedIterator<A>(options),
})

/** Answers one `next` after the other; `return` does not wait for them, it interrupts. */
class FeedIterator<A> implements AsyncIterator<A, undefined> {
  readonly #options: IterableOptions
  readonly #feed = new Feed()
  #opened = false
  #items: ReadonlyArray<A> = []
  #at = 0
  #ended = false
  #left = false
  #interrupt: (() => void) | undefined
  #turn: Promise<unknown> = Promise.resolve()
  #closing: Promise<void> | undefined

  constructor(options: IterableOptions) {
    this.#options = options
  }

  next(): Promise<IteratorResult<A, undefined>> {
    const step = this.#turn.then(() => this.#step())
    this.#turn = step.catch(() => {})
    return step
  }

  async return(): Promise<IteratorResult<A, undefined>> {
    this.#left = true
    this.#interrupt?.()
    await this.#turn
    this.#ended = true
    await this.#close(false)
    return { done: true, value: undefined }
  }

  async #step(): Promise<IteratorResult<A, undefined>> {
    while (this.#at === this.#items.length) {
      if (this.#ended || this.#left) return { done: true, value: undefined }
      try {
        await this.#pull()
      } catch (error) {
        this.#ended = true
        await this.#close(this.#options.signal?.aborted === true)
        throw error
      }
    }
    return { done: false, value: this.#items[this.#at++] as A }
  }

  async #pull(): Promise<void> {
    const { open, signal, caller, args } = this.#options
    if (signal?.aborted === true) {
      if (!this.#opened) stay(args)
      throw signal.reason
    }
    if (!this.#opened) {
      this.#opened = true
      try {
        open(this.#feed)
      } catch (thrown) {
        throw calledFrom(thrown, caller)
      }
    }
    const items = await this.#batch(signal)
    // Who left is not told that it was interrupted.
    if (items === "left") return
    if (items.ok) {
      this.#items = items.value ?? []
      this.#at = 0
      if (items.value !== undefined) return
      this.#ended = true
      await this.#close(false)
      return
    }
    throw calledFrom(items.error, caller)
  }

  /** The next batch, `undefined` where the stream has ended; rejects with the signal's reason. */
  #batch(signal: AbortSignal | undefined): Promise<CallExit<ReadonlyArray<A> | undefined, LinkError> | "left"> {
    return new Promise((resolve, reject) => {
      let told = false
      let forget: (() => void) | undefined
      const stopAsking = this.#feed.next((next) => {
        told = true
        forget?.()
        this.#interrupt = undefined
        if (next.items !== undefined) resolve({ ok: true, value: next.items as ReadonlyArray<A> })
        else resolve(next.exit.ok ? { ok: true, value: undefined } : next.exit)
      })
      if (told) return
      if (signal !== undefined) {
        forget = onAbort(signal, () => {
          stopAsking()
          reject(signal.reason)
        })
      }
      this.#interrupt = () => {
        forget?.()
        stopAsking()
        resolve("left")
      }
    })
  }

  /** Lets the iterator clean up. Rejects with what it throws then, since nobody else would be told. */
  #close(interrupted: boolean): Promise<void> {
    this.#closing ??= this.#opened ? this.#stop(interrupted) : Promise.resolve()
    return this.#closing
  }

  #stop(interrupted: boolean): Promise<void> {
    const { abandon = false, caller } = this.#options
    return new Promise((resolve, reject) => {
      this.#feed.stop(interrupted, (exit) => {
        // That the object is gone is no failure of a stream that nobody reads.
        if (exit.ok || exit.error._tag !== "TaskError") resolve()
        else reject(calledFrom(exit.error, caller))
      })
      if (abandon) resolve()
    })
  }
}
