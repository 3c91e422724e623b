/** Waiting for a callback, as an Effect. */
import * as Effect from "effect/Effect"
import { inCallersContext } from "./caller-context.ts"

/**
 * `Effect.async`, but the fiber goes on in the async context in which it began to wait, not in that of whoever calls back.
 */
export const wait = <A, E = never>(
  register: (resume: (effect: Effect.Effect<A, E>) => void) => Effect.Effect<void> | void,
): Effect.Effect<A, E> => Effect.async<A, E>((resume) => register(inCallersContext(resume)))
