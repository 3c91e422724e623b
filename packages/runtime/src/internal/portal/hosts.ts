/** What the fiber of a handler knows of the threads that wait for it. */
import * as FiberRef from "effect/FiberRef"
import * as FiberRefs from "effect/FiberRefs"
import { globalValue } from "effect/GlobalValue"
import * as Option from "effect/Option"
import type { Held } from "./activity.ts"

/** What waits for the current fiber. Forked fibers inherit it. */
export const held: FiberRef.FiberRef<Held> = globalValue("@offloop/runtime/held", () =>
  FiberRef.unsafeMake<Held>([], { fork: (value) => value, join: (parent) => parent }),
)

/** What waits for the fiber with these refs. */
export const heldIn = (refs: FiberRefs.FiberRefs): Held => Option.getOrElse(FiberRefs.get(refs, held), () => [])
