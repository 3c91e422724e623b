/** A thread that blocks until another has something for it. */
import type { Doorbell } from "./doorbell.ts"
import { Patience } from "./patience.ts"

/** How many times to look before looking at the clock, which takes longer. */
const LOOKS = 16

export class Sleeper {
  readonly #bell: Doorbell
  readonly #look: () => boolean
  readonly #patience = new Patience()

  /** `look` says whether there is something; the other side rings `bell` when there is. */
  constructor(bell: Doorbell, look: () => boolean) {
    this.#bell = bell
    this.#look = look
  }

  /** Blocks the thread until there may be something, or for so many milliseconds. Says whether there may. Only in a worker. */
  wait(millis = Number.POSITIVE_INFINITY): boolean {
    const patience = this.#patience
    const began = performance.now()
    const looks = patience.pays
    if (looks) {
      do {
        for (let count = 0; count < LOOKS; count++) {
          if (!this.#look()) continue
          patience.found()
          return true
        }
      } while (performance.now() - began < patience.looking)
      patience.missed()
    }
    const ticket = this.#bell.arm()
    if (this.#look()) {
      this.#bell.disarm()
      return true
    }
    const rung = this.#bell.sleep(ticket, millis)
    if (!looks) patience.slept(performance.now() - began)
    if (rung) patience.woken(this.#bell.sinceRung)
    return rung
  }
}
