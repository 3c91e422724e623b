/**
 * What was asked of an object elsewhere and is not answered yet, and whether that is a reason for the program to go on: it
 * is, unless all of it are streams whose readers have items that they have not used.
 */
import type { Caller } from "../context/sent.ts"
import { Slots } from "../slots.ts"
import type { LinkError, OnExit, OnItems } from "./link.ts"
import { Unread } from "./unread.ts"

/** A call, or a stream if there is someone to be told its items. */
export interface PendingCall {
  readonly target: string
  readonly onExit: OnExit<unknown, LinkError>
  readonly onItems: OnItems | undefined
  readonly caller: Caller | undefined
}

/** A thread or process, which can keep the program alive. */
interface Keeper {
  ref(): void
  unref(): void
}

const dropped: OnExit<unknown, LinkError> = () => {}
const noItems: OnItems = () => {}

export class PendingCalls {
  readonly #keeper: Keeper
  readonly #calls = new Slots<PendingCall>()
  /** Those of them that wait for their reader. */
  readonly #unread = new Unread()

  constructor(keeper: Keeper) {
    this.#keeper = keeper
  }

  get size(): number {
    return this.#calls.size
  }

  /** A number for the next. */
  next(): number {
    return this.#calls.next()
  }

  get(id: number): PendingCall | undefined {
    return this.#calls.get(id)
  }

  add(id: number, call: PendingCall): void {
    if (this.#calls.size === this.#unread.size) this.#keeper.ref()
    this.#calls.set(id, call)
  }

  /** It is answered, or was taken back. */
  settle(id: number): void {
    this.#calls.delete(id)
    const waited = this.#unread.size > 0 && this.#unread.forget(id)
    if (!waited && this.#calls.size === this.#unread.size) this.#keeper.unref()
  }

  /** Its answer is of no interest any more, though it will come. */
  drop(id: number, call: PendingCall): void {
    call.caller?.keep()
    this.#calls.set(id, { ...call, onExit: dropped, onItems: undefined })
  }

  /** No more items of it are wanted; only its end. */
  mute(id: number, call: PendingCall): void {
    this.#calls.set(id, { ...call, onItems: noItems })
    if (this.#unread.forget(id)) this.#resumed()
  }

  /** A stream ends with this, whatever else is said of it: to be told when its iterator has cleaned up. */
  fail(id: number, call: PendingCall, error: LinkError): void {
    this.mute(id, { ...call, onExit: () => call.onExit({ ok: false, error }) })
  }

  /** Items of a stream have arrived. */
  arrived(id: number, items: ReadonlyArray<unknown>): void {
    const onItems = this.#calls.get(id)?.onItems
    if (onItems === undefined || onItems === noItems) return
    if (this.#unread.arrived(id) && this.#unread.size === this.#calls.size) this.#keeper.unref()
    onItems(items)
  }

  /** The reader of a stream has used its oldest batch. */
  used(id: number): void {
    if (this.#unread.used(id)) this.#resumed()
  }

  /** The object is gone: what waits for it, the oldest first, is to be told by the caller. */
  takeAll(): ReadonlyArray<PendingCall> {
    const all = this.#calls.all
    this.#calls.clear()
    this.#unread.clear()
    return all
  }

  /** A stream waits for its reader no longer. */
  #resumed(): void {
    if (this.#calls.size - this.#unread.size === 1) this.#keeper.ref()
  }
}
