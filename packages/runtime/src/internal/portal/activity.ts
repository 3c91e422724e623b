/** How many handlers of portals run, and what waits for them. */

/**
 * What is blocked until a handler answers, from the inside out: links to workers, limiters whose token is held, pools
 * whose thread is held; a limiter or pool once for each token or thread.
 */
export type Held = ReadonlyArray<object>

/** Handlers that are running, of all portals. While there is none, nobody needs to look for a deadlock. */
export const activity = { handlers: 0 }

/** How often something is among what waits. */
export const times = (waiting: Held, what: object): number => {
  let count = 0
  for (const one of waiting) if (one === what) count++
  return count
}
