/** The bookkeeping behind a public limiter, for what has to give tokens back outside of any Effect. */
import type { CapacityLimiter } from "../../CapacityLimiter.ts"
import type { Limiter } from "./limiter.ts"

const cores = new WeakMap<CapacityLimiter, Limiter>()

/** Remembers what is behind a limiter. */
export const setCore = (limiter: CapacityLimiter, core: Limiter): void => {
  cores.set(limiter, core)
}

/** What is behind a limiter. */
export const coreOf = (limiter: CapacityLimiter): Limiter => {
  const core = cores.get(limiter)
  if (core === undefined) throw new TypeError("not a CapacityLimiter: make one with CapacityLimiter.make")
  return core
}
