/** Waiting for a callback, as an Effect. */
import * as Effect from "effect/Effect"
import { inCallersContext } from "./caller-context.ts"

type Resume<A, E> = (effect: Effect.Effect<A, E>) => void

/**
 * `Effect.async`, but the fiber goes on in the async context in which it began to wait, not in that of whoever calls back.
 * `register` can resume at once.
 */
export const wait = <A, E = never>(
  register: (resume: Resume<A, E>) => Effect.Effect<void> | void,
): Effect.Effect<A, E> =>
  Effect.async<A, E>((resume) => {
    let later: Resume<A, E> | undefined
    const cancel = register((effect) => (later ?? resume)(effect))
    later = inCallersContext(resume)
    return cancel ?? undefined
  })
