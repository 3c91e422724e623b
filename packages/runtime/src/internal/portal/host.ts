/** Who serves the requests of one call from a worker. */
import { type Answer, refused } from "./messages.ts"

/**
 * How a handler runs: beside the loop's other work (`forked`); from beginning to end because that was asked for
 * (`synchronous`), or because the loop itself waits for it (`inPlace`).
 */
export type How = "forked" | "synchronous" | "inPlace"

export interface Host {
  /**
   * Starts a handler on the loop, and tells once how it ended, maybe before it returns; not forked, always before it
   * returns. Returns how to cancel it.
   */
  run(name: string, args: ReadonlyArray<unknown>, how: How, onAnswer: (answer: Answer) => void): () => void
}

/** The answer to code whose call was given no portal. */
export const noPortal: Answer = refused(
  "NoPortal",
  "the call that this code runs for was given no portal. Pass one: OffLoop.runSyncWith({ portal }) or Resident.make(task, init, { portal })",
)
