/** An event loop that waits for another thread, and stays free meanwhile. */
import type { Doorbell } from "./doorbell.ts"
import type { Inbox } from "./inbox.ts"
import type { Outbox } from "./outbox.ts"
import { Patience } from "./patience.ts"

export class Listener {
  readonly #bell: Doorbell
  readonly #inbox: Inbox
  readonly #outbox: Outbox
  readonly #onNews: () => void
  readonly #patience = new Patience()
  #since = 0
  #listening = false
  #stopped = false

  /**
   * The other side rings `bell` when there is something in the inbox, and when there is space for what waits in the outbox.
   * `onNews` is called in a macrotask when there may be either, so that a steady stream of news cannot starve the loop's
   * timers and sockets.
   */
  constructor(bell: Doorbell, inbox: Inbox, outbox: Outbox, onNews: () => void) {
    this.#bell = bell
    this.#inbox = inbox
    this.#outbox = outbox
    this.#onNews = onNews
  }

  /** Waits for the next news, if it does not already. */
  listen(): void {
    if (this.#listening || this.#stopped) return
    this.#listening = true
    this.#since = performance.now()
    if (this.#patience.pays) setImmediate(this.#poll)
    else this.#sleep(this.#rungAfterSleep)
  }

  /** Waits no more. What waits for the bell would be kept in memory. */
  stop(): void {
    this.#stopped = true
    this.#bell.ring()
  }

  #look(): boolean {
    return this.#inbox.refresh() || (this.#outbox.waiting && this.#outbox.awaitSpace())
  }

  /** Looks once in every turn of the loop. */
  readonly #poll = (): void => {
    if (this.#look()) {
      this.#patience.found()
      this.#tell()
    } else if (performance.now() - this.#since < this.#patience.looking) setImmediate(this.#poll)
    else {
      this.#patience.missed()
      this.#sleep(this.#rung)
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

  readonly #rungAfterSleep = (): void => {
    this.#patience.slept(performance.now() - this.#since)
    this.#rung()
  }

  readonly #rung = (): void => {
    this.#patience.woken(this.#bell.sinceRung)
    this.#tell()
  }

  readonly #tell = (): void => {
    this.#listening = false
    if (!this.#stopped) this.#onNews()
  }
}
