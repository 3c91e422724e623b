/** Takes a value over from code on the same thread, as a thread would, but without copying it. */
import { moved, movesIn } from "./moves.ts"
import { crosses } from "./sendable.ts"

/** Says whether a thread would have taken it. What was marked to move counts as moved then. */
export const handOver = (value: unknown): boolean => {
  if (!crosses(value)) return false
  const moving = movesIn(value)
  if (moving !== undefined) moved(moving)
  return true
}
