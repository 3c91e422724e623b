/** The streams that a worker is making. */
import { enteredSource } from "../context/entered-source.ts"
import type { Here } from "../context/place.ts"
import { frames } from "../stream/frames.ts"
import { sourceOf } from "../stream/iterate.ts"
import { type Ending, Production } from "../stream/production.ts"
import { stay } from "../transport/moves.ts"
import { describe } from "../transport/portrait.ts"
import * as Protocol from "../transport/protocol.ts"
import { sendThrown } from "../transport/send-failure.ts"
import type { Outgoing } from "../transport/wire.ts"

export class Streams {
  readonly #outbox: Outgoing
  readonly #show: () => void
  readonly #onEnd: (id: number) => void
  readonly #productions = new Map<number, Production>()
  /** Asked for, and not begun or stopped yet. */
  readonly #expected = new Set<number>()

  /** `show` makes the loop see what was sent; `onEnd` is told before a stream's end is. */
  constructor(outbox: Outgoing, show: () => void, onEnd: (id: number) => void) {
    this.#outbox = outbox
    this.#show = show
    this.#onEnd = onEnd
  }

  /** Whether an iterator can be read now. */
  get ready(): boolean {
    if (this.#productions.size === 0) return false
    for (const production of this.#productions.values()) if (production.ready) return true
    return false
  }

  /** A stream was asked for. */
  expect(id: number): void {
    this.#expected.add(id)
  }

  /**
   * Begins to iterate what was called for `at`, or ends at once what was stopped before it began. Returns a promise when that has to be waited
   * for. Throws when there is nothing to iterate.
   */
  begin(id: number, bufferSize: number, iterable: unknown, at: Here): Promise<void> | undefined {
    const wanted = this.#expected.delete(id)
    const source = sourceOf(iterable)
    if (source === undefined) {
      throw new TypeError(`a stream needs a function that returns an iterable, not ${typeof iterable}`)
    }
    const entered = enteredSource(source, at)
    const production = new Production(entered, bufferSize, frames(this.#outbox, id, this.#show), (ending) =>
      this.#ended(id, ending),
    )
    this.#productions.set(id, production)
    return wanted ? undefined : production.stop()
  }

  /** There will be nothing to iterate. */
  forget(id: number): void {
    this.#expected.delete(id)
  }

  acknowledge(id: number): void {
    this.#productions.get(id)?.acknowledge()
  }

  stop(id: number): Promise<void> | undefined {
    this.#expected.delete(id)
    return this.#productions.get(id)?.stop()
  }

  async stopAll(): Promise<void> {
    for (const production of [...this.#productions.values()]) await production.stop()
  }

  /** Reads a batch of each iterator that is ready. Returns a promise when one has to be waited for. */
  advance(): Promise<unknown> | undefined {
    let later: Promise<void>[] | undefined
    for (const production of this.#productions.values()) {
      if (!production.ready) continue
      const waiting = production.advance()
      if (waiting === undefined) continue
      later ??= []
      later.push(waiting)
    }
    return later === undefined ? undefined : Promise.all(later)
  }

  #ended(id: number, ending: Ending): void {
    this.#productions.delete(id)
    this.#onEnd(id)
    if (ending.how === "done") this.#outbox.send(Protocol.RESULT, id, 0, undefined)
    else if (ending.how === "threw") sendThrown(this.#outbox, Protocol.FAILURE, id, ending.thrown)
    else {
      const { path, kind } = this.#outbox.obstacle(ending.item, `items[${ending.index}]`)
      stay(ending.item)
      this.#outbox.send(Protocol.UNSENDABLE, id, 0, [path, kind, describe(ending.thrown)])
    }
  }
}
