/** Tells the time and wakes: the system's own, or a test's. */
export interface Timer {
  /** In milliseconds; never goes back while a program runs. */
  now(): number
  /** Runs something after a time in milliseconds; the result calls it off. Keeps the program alive until then. */
  later(run: () => void, milliseconds: number): () => void
}

/** The timer of the program itself. */
export const systemTimer: Timer = {
  now: () => performance.now(),
  later: (run, milliseconds) => {
    const timer = setTimeout(run, milliseconds)
    return () => clearTimeout(timer)
  },
}
