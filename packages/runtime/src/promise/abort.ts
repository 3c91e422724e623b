/** Calls that one signal aborts. */

// With a listener for each of many thousand calls, each end of a call would look through all of them.
const groups = new WeakMap<AbortSignal, Group>()

/** Calls `leave` once when the signal is aborted, in the order of the calls. Returns how to stop that. */
export const onAbort = (signal: AbortSignal, leave: () => void): (() => void) => {
  const group = groups.get(signal) ?? new Group(signal)
  return group.add(leave)
}

/** What one signal aborts. */
class Group {
  readonly #signal: AbortSignal
  readonly #all = new Set<() => void>()

  constructor(signal: AbortSignal) {
    this.#signal = signal
    groups.set(signal, this)
    signal.addEventListener("abort", this.#abort, { once: true })
  }

  add(leave: () => void): () => void {
    // A function may be given twice.
    const entry = (): void => leave()
    this.#all.add(entry)
    return () => {
      // A listener would keep the signal in memory.
      if (this.#all.delete(entry) && this.#all.size === 0) this.#end()
    }
  }

  readonly #abort = (): void => {
    const all = [...this.#all]
    this.#end()
    for (const leave of all) leave()
  }

  #end(): void {
    this.#all.clear()
    if (groups.get(this.#signal) === this) groups.delete(this.#signal)
    this.#signal.removeEventListener("abort", this.#abort)
  }
}
