/** An event loop that waits for another thread, and stays free meanwhile. */
import type { Doorbell } from "./doorbell.ts"
import { LOOKING, Patience } from "./patience.ts"

export class Listener {
  readonly #bell: Doorbell
  readonly #look: () => boolean
  readonly #onNews: () => void
  readonly #patience = new Patience()
  #since = 0
  #listening = false
  #stopped = false

  /**
   * `look` says whether there is something; the other side rings `bell` when there is. `onNews` is called in a macrotask
   * when there may be, so that a steady stream of news cannot starve the loop's timers and sockets.
   */
  constructor(bell: Doorbell, look: () => boolean, onNews: () => void) {
    this.#bell = bell
    this.#look = look
    this.#onNews = onNews
  }

  /** Waits for the next news, if it does not already. */
  listen(): void {
    if (this.#listening || this.#stopped) return
    this.#listening = true
    this.#since = performance.now()
    if (this.#patience.pays) setImmediate(this.#poll)
    else this.#sleep(this.#woken)
  }

  /** Waits no more. What waits for the bell would be kept in memory. */
  stop(): void {
    this.#stopped = true
    this.#bell.ring()
  }

  /** Looks once in every turn of the loop. */
  readonly #poll = (): void => {
    if (this.#look()) {
      this.#patience.found()
      this.#tell()
    } else if (performance.now() - this.#since < LOOKING) setImmediate(this.#poll)
    else {
      this.#patience.missed()
      this.#sleep(this.#tell)
    }
  }

  #sleep(woken: () => void): void {
    while (!this.#stopped) {
      const ticket = this.#bell.arm()
      if (this.#look()) {
        this.#bell.disarm()
        setImmediate(this.#tell)
        return
      }
      const rung = this.#bell.sleepAsync(ticket)
      if (rung === undefined) continue
      rung.then(woken)
      return
    }
  }

  readonly #woken = (): void => {
    this.#patience.slept(performance.now() - this.#since)
    this.#tell()
  }

  readonly #tell = (): void => {
    this.#listening = false
    if (!this.#stopped) this.#onNews()
  }
}
