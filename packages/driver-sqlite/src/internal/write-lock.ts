/** Waits for the lock. */
interface Waiter {
  readonly owner: object
  readonly onGranted: () => void
}

/**
 * A fair lock for one database file inside this process: the connection that asks first writes first.
 *
 * SQLite lets one connection write at a time, and has those that find the file locked try again at random. Waiting in
 * order before they ask SQLite, writers of one process neither collide nor starve.
 */
export class WriteLock {
  #owner: object | undefined
  // A Set keeps the order of insertion and forgets a waiter that gave up at no cost.
  readonly #waiters = new Set<Waiter>()

  /** Tells whether somebody waits for the lock. */
  get isContended(): boolean {
    return this.#waiters.size > 0
  }

  /** The lock is taken by `owner`. */
  isHeldBy(owner: object): boolean {
    return this.#owner === owner
  }

  /** Takes the lock if it is free, or is held by `owner` already. */
  tryAcquire(owner: object): boolean {
    if (this.#owner === undefined) this.#owner = owner
    return this.#owner === owner
  }

  /** Waits for the lock; the result gives up waiting. `onGranted` runs when `owner` has got the lock. */
  wait(owner: object, onGranted: () => void): () => void {
    const waiter: Waiter = { owner, onGranted }
    this.#waiters.add(waiter)
    return () => {
      this.#waiters.delete(waiter)
    }
  }

  /**
   * Hands the lock to the one that has waited longest, and to what waits for the same owner right behind it. Does nothing
   * if `owner` does not hold it.
   */
  release(owner: object): void {
    if (this.#owner !== owner) return
    this.#owner = undefined
    const granted: Array<Waiter> = []
    for (const waiter of this.#waiters) {
      if (this.#owner !== undefined && this.#owner !== waiter.owner) break
      this.#owner = waiter.owner
      this.#waiters.delete(waiter)
      granted.push(waiter)
    }
    for (const waiter of granted) waiter.onGranted()
  }
}
