import type { Call, Leaving } from "./call.ts"
import { type Done, succeeded } from "./outcome.ts"

/** Somebody who waits in a {@link WaitQueue}. */
export interface Waiter {
  /** Its turn has come; it must `release` in the end. */
  granted(): void
}

/**
 * One thing that is used by one at a time: whoever asks first gets it first. Taking it while it is free costs next to
 * nothing.
 */
export class WaitQueue {
  #taken = false
  #granting = false
  /** It was released while it was being handed over. */
  #released = false
  // A Set keeps the order of insertion, and a waiter that leaves costs nothing. Made when somebody has to wait.
  #waiting: Set<Waiter> | undefined

  /** The number of those that wait. */
  get length(): number {
    return this.#waiting?.size ?? 0
  }

  /** Somebody uses it. */
  get taken(): boolean {
    return this.#taken
  }

  /** Takes it if it is free. */
  tryTake(): boolean {
    if (this.#taken) return false
    this.#taken = true
    return true
  }

  /** Joins the end of the queue. */
  enqueue(waiter: Waiter): void {
    this.#waiting ??= new Set()
    this.#waiting.add(waiter)
  }

  /** Leaves the queue. */
  remove(waiter: Waiter): void {
    this.#waiting?.delete(waiter)
  }

  /** Takes it now if it is free, else when its turn comes. */
  whenFree(granted: () => void): void {
    if (this.tryTake()) granted()
    else this.enqueue({ granted })
  }

  /** Takes it, as a call. */
  take(): Call<void> {
    return new Take(this)
  }

  /** Hands it to the one that has waited longest. */
  release(): void {
    if (this.length === 0) this.#taken = false
    else if (this.#granting) this.#released = true
    else this.#grant()
  }

  /** A waiter may release before `granted` returns: the loop goes on then, so that a long queue does not grow the stack. */
  #grant(): void {
    this.#granting = true
    do {
      this.#released = false
      this.#shift()?.granted()
    } while (this.#released && this.length > 0)
    if (this.#released) this.#taken = false
    this.#granting = false
  }

  #shift(): Waiter | undefined {
    for (const waiter of this.#waiting ?? []) {
      this.#waiting?.delete(waiter)
      return waiter
    }
    return undefined
  }
}

class Take implements Call<void>, Waiter {
  readonly #queue: WaitQueue
  #done: Done<void> | undefined

  constructor(queue: WaitQueue) {
    this.#queue = queue
  }

  start(done: Done<void>): void {
    this.#done = done
    if (this.#queue.tryTake()) this.granted()
    else this.#queue.enqueue(this)
  }

  granted(): void {
    this.#done?.(succeeded)
  }

  leave(): Leaving {
    this.#queue.remove(this)
    return "gone"
  }
}
