/** Tells the time and wakes: the system's own, or a test's. */
export interface Timer {
  /** In milliseconds; never goes back while a program runs. */
  now(): number
  /** Runs something after a time in milliseconds; the result calls it off. Keeps the program alive until then. */
  later(run: () => void, milliseconds: number): () => void
  /** Runs something after the events that are there already: timers, sockets, signals. */
  soon(run: () => void): void
}

interface Globals {
  readonly setImmediate?: (run: () => void) => unknown
  readonly process?: { readonly hrtime?: () => readonly [seconds: number, nanoseconds: number] }
}

// Not in the types of every runtime, yet in each of them.
const { setImmediate, process } = globalThis as Globals

const isNode = !("Bun" in globalThis || "Deno" in globalThis)
const hrtime = isNode ? process?.hrtime : undefined

/**
 * The time in milliseconds of a clock that never goes back. On Node not that of `performance`, whose first use loads a tenth
 * of what a small program takes to start.
 */
export const now: () => number =
  hrtime === undefined
    ? () => performance.now()
    : () => {
        const [seconds, nanoseconds] = hrtime()
        return seconds * 1e3 + nanoseconds / 1e6
      }

/** Runs something in a turn of the event loop of its own. */
export const soon = (run: () => void): void => {
  if (setImmediate === undefined) setTimeout(run, 0)
  else setImmediate(run)
}

/** The timer of the program itself. */
export const systemTimer: Timer = {
  now,
  later: (run, milliseconds) => {
    const timer = setTimeout(run, milliseconds)
    return () => clearTimeout(timer)
  },
  soon,
}
