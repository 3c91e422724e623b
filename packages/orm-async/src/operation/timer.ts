/** Tells the time and wakes: the system's own, or a test's. */
export interface Timer {
  /** In milliseconds; never goes back while a program runs. */
  now(): number
  /** Runs something after a time in milliseconds; the result calls it off. Keeps the program alive until then. */
  later(run: () => void, milliseconds: number): () => void
  /** Runs something after the events that are there already: timers, sockets, signals. */
  soon(run: () => void): void
}

// Not in the types of every runtime, yet in each of them.
const { setImmediate } = globalThis as { readonly setImmediate?: (run: () => void) => unknown }

/** Runs something in a turn of the event loop of its own. */
export const soon = (run: () => void): void => {
  if (setImmediate === undefined) setTimeout(run, 0)
  else setImmediate(run)
}

/** The timer of the program itself. */
export const systemTimer: Timer = {
  now: () => performance.now(),
  later: (run, milliseconds) => {
    const timer = setTimeout(run, milliseconds)
    return () => clearTimeout(timer)
  },
  soon,
}
