/**
 * The memory of a line: the way by which code in a worker reaches the loop. It has rings of its own, so that an answer
 * overtakes the calls that wait for the thread, and so that who never calls back pays nothing for it.
 *
 * ```
 * rings and bells as between the loop and a worker; "requests" carries answers to the worker, "responses" its requests
 * served: 1 when the loop listens
 * cancelled: the numbers of calls whose caller was interrupted, each in the slot of its lowest bits
 * ```
 */
import { layout } from "../transport/memory.ts"

const places = layout({ requests: 16 * 1024, responses: 16 * 1024 })
const LINE = 64

/** Calls whose caller was interrupted that can be known at the same time, at least if they are successive. */
const SLOTS = 1024

/** Where everything is. */
export const linePlaces = { ...places, served: places.bytes, cancelled: places.bytes + LINE }

/** Bytes of a line's memory. */
export const lineBytes = linePlaces.cancelled + SLOTS * 4

/** The loop's view or the worker's of the line's own words. */
export class LineWords {
  readonly #words: Int32Array

  constructor(memory: SharedArrayBuffer) {
    this.#words = new Int32Array(memory)
  }

  /** Whether the loop listens to this line. */
  get served(): boolean {
    return Atomics.load(this.#words, linePlaces.served >> 2) === 1
  }

  serve(): void {
    Atomics.store(this.#words, linePlaces.served >> 2, 1)
  }

  /** Whether the caller of a call was interrupted. */
  cancelled(call: number): boolean {
    return Atomics.load(this.#words, slot(call)) === call
  }

  cancel(call: number): void {
    Atomics.store(this.#words, slot(call), call)
  }

  /** A call is over: its number may come back. */
  forget(call: number): void {
    Atomics.compareExchange(this.#words, slot(call), call, 0)
  }
}

const slot = (call: number): number => (linePlaces.cancelled >> 2) + (call & (SLOTS - 1))
