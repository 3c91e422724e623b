/** Where the items of a stream arrive: keeps batches until they are asked for, one at a time. */
import type { Caller } from "../context/sent.ts"
import type { CallExit, Link, LinkError } from "../link/link.ts"

/** What a stream is made by. */
export interface Producer {
  /** The oldest batch was used. */
  acknowledge(): void
  /**
   * No more is wanted, because the reader has enough or was interrupted. Says whether `ended` will still be told that the
   * iterator has cleaned up.
   */
  stop(interrupted: boolean): boolean
}

/** What there is for the reader: items, or the end, after all items. */
export type Next =
  | { readonly items: ReadonlyArray<unknown> }
  | { readonly items: undefined; readonly exit: CallExit<unknown, LinkError> }

export class Feed {
  #batches: ReadonlyArray<unknown>[] = []
  #producer: Producer | undefined
  #exit: CallExit<unknown, LinkError> | undefined
  #reader: ((next: Next) => void) | undefined
  #inUse = false
  #onEnd: ((exit: CallExit<unknown, LinkError>) => void) | undefined

  /** Says who makes the stream. */
  connect(producer: Producer): void {
    this.#producer = producer
  }

  /** Connects with a method of a link's object. */
  open(
    link: Pick<Link, "stream" | "acknowledge" | "stop">,
    method: string,
    args: ReadonlyArray<unknown>,
    bufferSize: number,
    caller?: Caller,
  ): void {
    const id = link.stream(method, args, bufferSize, this.items, this.ended, caller)
    this.connect({ acknowledge: () => link.acknowledge(id), stop: () => link.stop(id) })
  }

  /** A batch has arrived. */
  readonly items = (items: ReadonlyArray<unknown>): void => {
    if (this.#reader === undefined) this.#batches.push(items)
    else this.#give({ items })
  }

  /** Nothing more will arrive. */
  readonly ended = (exit: CallExit<unknown, LinkError>): void => {
    this.#exit = exit
    if (this.#reader !== undefined) this.#give({ items: undefined, exit })
    this.#onEnd?.(exit)
  }

  /**
   * Asks for the next batch, and thereby says that the one before is used. Returns how to stop asking.
   */
  next(reader: (next: Next) => void): () => void {
    if (this.#inUse) {
      this.#inUse = false
      this.#producer?.acknowledge()
    }
    this.#reader = reader
    const batch = this.#batches.shift()
    if (batch !== undefined) this.#give({ items: batch })
    else if (this.#exit !== undefined) this.#give({ items: undefined, exit: this.#exit })
    return () => {
      if (this.#reader === reader) this.#reader = undefined
    }
  }

  /** No more is wanted. Tells how the iterator's cleaning up went; at once if there is none to wait for. */
  stop(interrupted: boolean, onEnd: (exit: CallExit<unknown, LinkError>) => void): void {
    this.#batches = []
    if (this.#exit === undefined && this.#producer?.stop(interrupted) === true) this.#onEnd = onEnd
    else onEnd({ ok: true, value: undefined })
  }

  #give(next: Next): void {
    const reader = this.#reader
    this.#reader = undefined
    this.#inUse = next.items !== undefined
    reader?.(next)
  }
}
