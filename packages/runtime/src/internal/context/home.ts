/** By whose means logs, spans and metrics of a worker's code come out. */
import * as FiberId from "effect/FiberId"
import * as FiberRefs from "effect/FiberRefs"
import type { Caller } from "./sent.ts"

/** What there is to know of a fiber. */
export interface Home {
  readonly refs: FiberRefs.FiberRefs
  readonly fiberId: FiberId.FiberId
}

/** Effect's defaults. */
export const nobody: Home = { refs: FiberRefs.empty(), fiberId: FiberId.none }

/** The fiber of a caller, or `undefined` where that is none. */
export const homeOf = (caller: Caller | undefined): Home | undefined =>
  caller !== undefined && "refs" in caller && "fiberId" in caller ? (caller as Caller & Home) : undefined
