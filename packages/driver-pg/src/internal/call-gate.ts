/** A call that waits to be made. */
interface WaitingCall {
  readonly make: () => void
  readonly refuse: (reason: Error) => void
}

/**
 * Holds calls back while something is under way that they must not meet, and makes them in order when nothing is.
 */
export class CallGate {
  #closed = 0
  #isDraining = false
  #waiting: Array<WaitingCall> = []

  /** Calls must wait. */
  get isClosed(): boolean {
    return this.#closed > 0 || this.#waiting.length > 0
  }

  /** Makes a call now, or when the gate is open. */
  enter(make: () => void, refuse: (reason: Error) => void): void {
    if (this.isClosed) this.#waiting.push({ make, refuse })
    else make()
  }

  /** Later calls wait until as many {@link open}s have followed. */
  close(): void {
    this.#closed++
  }

  open(): void {
    this.#closed--
    this.#drain()
  }

  /** Takes back the calls that wait. */
  refuse(reason: Error): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const call of waiting) call.refuse(reason)
  }

  #drain(): void {
    if (this.#isDraining) return
    this.#isDraining = true
    while (this.#closed === 0) {
      const next = this.#waiting.shift()
      if (next === undefined) break
      next.make()
    }
    this.#isDraining = false
  }
}
