/** Streams as async iterables. */
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { type Caller, type Opened, open, run } from "./run.ts"

type Pull<A, E> = Effect.Effect<Chunk.Chunk<A>, Option.Option<E>>

/** Each iteration runs the stream anew; nothing runs before the first `next`. */
export const iterable = <A, E>(
  stream: Stream.Stream<A, E>,
  signal: AbortSignal | undefined,
  caller: Caller,
): AsyncIterable<A> => ({ [Symbol.asyncIterator]: () => new StreamIterator(stream, signal, caller) })

/** Answers one `next` after the other; `return` does not wait for them, it interrupts. */
class StreamIterator<A, E> implements AsyncIterator<A, undefined> {
  readonly #stream: Stream.Stream<A, E>
  readonly #caller: Caller
  readonly #signal: AbortSignal | undefined
  readonly #left = new AbortController()
  #opened: Opened<Pull<A, E>> | undefined
  #items: ReadonlyArray<A> = []
  #at = 0
  #ended = false
  #turn: Promise<unknown> = Promise.resolve()
  #closing: Promise<void> | undefined

  constructor(stream: Stream.Stream<A, E>, signal: AbortSignal | undefined, caller: Caller) {
    this.#stream = stream
    this.#signal = signal
    this.#caller = caller
  }

  next(): Promise<IteratorResult<A, undefined>> {
    const step = this.#turn.then(() => this.#step())
    this.#turn = step.catch(() => {})
    return step
  }

  async return(): Promise<IteratorResult<A, undefined>> {
    this.#left.abort()
    await this.#turn
    this.#ended = true
    await this.#close()
    return { done: true, value: undefined }
  }

  async #step(): Promise<IteratorResult<A, undefined>> {
    while (this.#at === this.#items.length) {
      if (this.#ended || this.#left.signal.aborted) return { done: true, value: undefined }
      try {
        await this.#pull()
      } catch (error) {
        this.#ended = true
        await this.#close()
        // Who left is not told that it was interrupted.
        if (this.#left.signal.aborted) continue
        throw error
      }
    }
    return { done: false, value: this.#items[this.#at++] as A }
  }

  async #pull(): Promise<void> {
    const signal = this.#signal === undefined ? this.#left.signal : AbortSignal.any([this.#signal, this.#left.signal])
    this.#opened ??= await open(this.#pulling, signal, this.#caller)
    const next = Effect.catchAll(this.#opened.value, (end) =>
      end._tag === "None" ? Effect.succeed(undefined) : Effect.fail(end.value),
    )
    const items = await run(next, signal, this.#caller)
    if (items === undefined) {
      this.#ended = true
      await this.#close()
      return
    }
    this.#items = Chunk.toReadonlyArray(items)
    this.#at = 0
  }

  get #pulling(): Effect.Effect<Pull<A, E>, never, Scope.Scope> {
    return Stream.toPull(this.#stream)
  }

  #close(): Promise<void> {
    this.#closing ??= this.#opened?.close() ?? Promise.resolve()
    return this.#closing
  }
}
