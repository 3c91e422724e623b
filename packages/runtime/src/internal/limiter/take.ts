/** Waiting for a token, as an Effect. */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { wait } from "../context/wait.ts"
import type { Limiter } from "./limiter.ts"

/** What `Effect.uninterruptibleMask` hands out. */
export type Restore = <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>

/**
 * Takes a token for a borrower, waiting in line for it. To be run in an uninterruptible region, with that region's
 * `restore`: then there is no moment at which an interruption could lose the token.
 */
export const take = (limiter: Limiter, borrower: unknown, restore: Restore): Effect.Effect<void> =>
  Effect.suspend(() => {
    if (limiter.take(borrower)) return Effect.void
    return restore(
      wait<void>((resume) => {
        limiter.takeInLine(borrower, () => resume(Effect.void))
      }),
    ).pipe(
      // Interrupted in line, or when the token had just been handed over: either goes back.
      Effect.onExit((exit) => (Exit.isSuccess(exit) ? Effect.void : Effect.sync(() => limiter.giveBack(borrower)))),
    )
  })
