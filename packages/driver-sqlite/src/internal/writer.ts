import type { WriteLock } from "./write-lock.ts"

/**
 * A connection's dealings with the write lock of its file: it has the lock while one of its writes is under way, and for as
 * long as its transaction is open after one.
 */
export class Writer {
  readonly #lock: WriteLock | undefined
  readonly #busyTimeout: number
  #underWay = 0
  #isResetting = false

  /**
   * @param lock undefined where nobody else can write, as in a database in memory
   * @param busyTimeout how long a write waits for the lock, in milliseconds
   */
  constructor(lock: WriteLock | undefined, busyTimeout: number) {
    this.#lock = lock
    this.#busyTimeout = busyTimeout
  }

  /** A write needs no lock, or one that it has for the rest of its transaction. */
  mayWrite(inTransaction: boolean): boolean {
    return this.#lock === undefined || (inTransaction && this.#lock.isHeldBy(this) && !this.#isResetting)
  }

  /**
   * Lets a write begin if the lock is free or this connection's. Outside of a transaction it does not push in before others
   * that wait.
   */
  tryBegin(inTransaction: boolean): boolean {
    const lock = this.#lock
    if (lock !== undefined) {
      if (this.#isResetting) return false
      if (lock.isHeldBy(this)) {
        if (!inTransaction && lock.isContended) return false
      } else if (!lock.tryAcquire(this)) return false
    }
    this.#underWay++
    return true
  }

  /** Waits until a write may begin. The result gives up waiting, after which neither is told. */
  wait(onGranted: () => void, onTimeout: () => void): () => void {
    const stop = this.#lock?.wait(this, () => {
      clearTimeout(timer)
      this.#underWay++
      onGranted()
    })
    const leave = (): void => {
      clearTimeout(timer)
      stop?.()
    }
    const timer = setTimeout(() => {
      leave()
      onTimeout()
    }, this.#busyTimeout)
    return leave
  }

  /** A write was answered, or has not run after all. */
  ended(): void {
    this.#underWay--
  }

  /** Gives the lock up if nothing needs it. */
  settle(inTransaction: boolean): void {
    if (inTransaction || this.#underWay > 0 || this.#isResetting) return
    this.#lock?.release(this)
  }

  /** A reset is under way that gives the lock up: writes that come behind it wait for the lock anew. */
  resetting(): void {
    this.#isResetting = this.#lock?.isHeldBy(this) === true
  }

  /** The reset has ended. */
  wasReset(): void {
    this.#isResetting = false
  }

  /** The connection has ended. */
  end(): void {
    this.#lock?.release(this)
  }
}
