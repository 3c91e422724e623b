/** Callbacks as promises. */
import type { CallExit } from "../internal/link/link.ts"
import { stay } from "../internal/transport/moves.ts"
import { onAbort } from "./abort.ts"
import { calledFrom, outsideOf } from "./caller.ts"

/** Leaves what was begun. Tells, maybe at once, when the caller may go on. */
export type Leave = (onLeft: () => void) => void

/** Begins something that tells how it ended. Throws what types exclude. Returns how to leave it. */
export type Begin<A> = (onExit: (exit: CallExit<A, unknown>) => void) => Leave

/**
 * Begins, and waits for the end. Aborting the signal leaves what was begun; the promise rejects with the signal's reason once
 * the caller may go on. `args` are what would be sent.
 */
export const settled = async <A>(
  signal: AbortSignal | undefined,
  begin: Begin<A>,
  args?: ReadonlyArray<unknown>,
): Promise<A> => {
  if (isAborted(signal)) {
    stay(args)
    throw signal?.reason
  }
  try {
    return await new Promise<A>((resolve, reject) => {
      if (signal === undefined) {
        begin((exit) => (exit.ok ? resolve(exit.value) : reject(exit.error)))
        return
      }
      let forget: (() => void) | undefined
      let ended = false
      const leave = begin((exit) => {
        ended = true
        forget?.()
        // Who has left is told by `leave`.
        if (isAborted(signal)) return
        if (exit.ok) resolve(exit.value)
        else reject(exit.error)
      })
      if (!ended) forget = onAbort(signal, () => leave(() => reject(signal.reason)))
    })
  } catch (error) {
    // A reason is its caller's own.
    if (isAborted(signal) && error === signal?.reason) throw error
    // Engines know here who awaits the promise, so that a call that succeeds need not remember who made it, which would
    // take longer than the call.
    throw calledFrom(error, outsideOf(new Error()))
  }
}

// A function, because the compiler takes the answer for one that stays.
const isAborted = (signal: AbortSignal | undefined): boolean => signal?.aborted === true
