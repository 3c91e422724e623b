/** Stands in line for the lock. */
interface Waiter {
  readonly owner: object
  readonly onGranted: () => void
}

/**
 * A fair lock for one database file inside this process: whoever asks first writes first.
 *
 * SQLite lets one connection write at a time, and has those that find the file locked try again at random. Standing in
 * line before they ask SQLite, writers of one process neither collide nor starve.
 */
export class WriteLock {
  #owner: object | undefined
  // A Set keeps the order of insertion and forgets a waiter that gave up at no cost.
  readonly #waiters = new Set<Waiter>()

  /** The lock is taken by `owner`. */
  isHeldBy(owner: object): boolean {
    return this.#owner === owner
  }

  /** Takes the lock if it is free, or is held by `owner` already. */
  tryAcquire(owner: object): boolean {
    if (this.#owner === undefined) this.#owner = owner
    return this.#owner === owner
  }

  /** Stands in line; the result gives the place up again. `onGranted` runs when `owner` has got the lock. */
  wait(owner: object, onGranted: () => void): () => void {
    const waiter: Waiter = { owner, onGranted }
    this.#waiters.add(waiter)
    return () => {
      this.#waiters.delete(waiter)
    }
  }

  /** Hands the lock to the next in line. Does nothing if `owner` does not hold it. */
  release(owner: object): void {
    if (this.#owner !== owner) return
    this.#owner = undefined
    for (const waiter of this.#waiters) {
      this.#waiters.delete(waiter)
      this.#owner = waiter.owner
      waiter.onGranted()
      return
    }
  }
}
