/** Who wants to know that the object of a link is gone. */
import type { Ended } from "./link.ts"

export class EndListeners {
  readonly #listeners = new Set<(ended: Ended) => void>()

  /** Tells `listener` when it happens, or at once if it has. Returns how to stop listening. */
  add(listener: (ended: Ended) => void, ended: Ended | undefined): () => void {
    if (ended !== undefined) {
      listener(ended)
      return () => {}
    }
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Tells all, once. */
  tell(ended: Ended): void {
    for (const listener of this.#listeners) listener(ended)
    this.#listeners.clear()
  }
}
