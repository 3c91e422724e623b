/**
 * A doorbell in shared memory: one side sleeps until the other rings.
 *
 * The sleeper arms the bell, looks once more whether there is something to do, and only then sleeps. The ringer
 * publishes first and rings afterwards, so one of the two always sees the other and no ring is lost. Ringing a bell
 * that is not armed costs one read, which is how many messages of one turn come to ring once.
 */
import type { DoorbellLayout } from "./memory.ts"

/** A clock that all threads of a process share, in microseconds, modulo 2^32. */
const micros = (): number => ((performance.timeOrigin + performance.now()) * 1000) | 0

export class Doorbell {
  readonly #words: Int32Array
  readonly #count: number
  readonly #armed: number
  readonly #closed: number
  readonly #rungAt: number

  constructor(buffer: SharedArrayBuffer, layout: DoorbellLayout) {
    this.#words = new Int32Array(buffer)
    this.#count = layout.count >> 2
    this.#armed = layout.armed >> 2
    // Written once at most, so it needs no cache line of its own.
    this.#closed = this.#armed + 1
    // Written only when somebody sleeps.
    this.#rungAt = this.#armed + 2
  }

  /** How often it was rung while someone slept. */
  get count(): number {
    return Atomics.load(this.#words, this.#count)
  }

  /** Wakes the sleeper, if there is one. Says whether there was. */
  ring(): boolean {
    if (Atomics.load(this.#words, this.#armed) === 0) return false
    if (Atomics.exchange(this.#words, this.#armed, 0) === 0) return false
    this.#words[this.#rungAt] = micros()
    Atomics.add(this.#words, this.#count, 1)
    Atomics.notify(this.#words, this.#count)
    return true
  }

  /** Milliseconds since it was rung last. */
  get sinceRung(): number {
    return ((micros() - (this.#words[this.#rungAt] as number)) | 0) / 1000
  }

  /** Nobody will ring any more, and whoever sleeps is not needed. */
  close(): void {
    Atomics.store(this.#words, this.#closed, 1)
    Atomics.add(this.#words, this.#count, 1)
    Atomics.notify(this.#words, this.#count)
  }

  /** Whether it is closed. */
  get closed(): boolean {
    return this.#words[this.#closed] !== 0
  }

  /** Announces the intention to sleep. Returns the ticket to sleep with; look once more for work before. */
  arm(): number {
    const ticket = Atomics.load(this.#words, this.#count)
    Atomics.store(this.#words, this.#armed, 1)
    return ticket
  }

  /** Takes the intention back: there is work. */
  disarm(): void {
    Atomics.store(this.#words, this.#armed, 0)
  }

  /** Blocks the thread until the bell rings, or for so many milliseconds. Says whether it rang. Only in a worker. */
  sleep(ticket: number, millis = Number.POSITIVE_INFINITY): boolean {
    return Atomics.wait(this.#words, this.#count, ticket, millis) !== "timed-out"
  }

  /** Resolves when the bell rings, or returns `undefined` when it rang since `arm`. */
  sleepAsync(ticket: number): Promise<unknown> | undefined {
    const outcome = Atomics.waitAsync(this.#words, this.#count, ticket)
    return outcome.async ? outcome.value : undefined
  }
}
