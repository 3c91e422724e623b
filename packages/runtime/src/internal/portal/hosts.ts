/** What the fiber of a handler knows of the threads that wait for it. */
import * as FiberRef from "effect/FiberRef"
import * as FiberRefs from "effect/FiberRefs"
import { globalValue } from "effect/GlobalValue"
import * as Option from "effect/Option"

/**
 * What is blocked until this fiber answers, from the inside out: links to workers, limiters whose token is held, pools
 * whose thread is held; a limiter or pool once for each token or thread.
 */
export type Held = ReadonlyArray<object>

/** What waits for the current fiber. Forked fibers inherit it. */
export const held: FiberRef.FiberRef<Held> = globalValue("@offloop/runtime/held", () =>
  FiberRef.unsafeMake<Held>([], { fork: (value) => value, join: (parent) => parent }),
)

/** What waits for the fiber with these refs. */
export const heldIn = (refs: FiberRefs.FiberRefs): Held => Option.getOrElse(FiberRefs.get(refs, held), () => [])

/** Handlers that are running, of all portals. While there is none, nobody needs to look for a deadlock. */
export const activity = { handlers: 0 }

/** How often something is among what waits. */
export const times = (waiting: Held, what: object): number => {
  let count = 0
  for (const one of waiting) if (one === what) count++
  return count
}
