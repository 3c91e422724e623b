/** The bookkeeping behind a public limiter of any style. */
import type { Limiter } from "./limiter.ts"

const cores = new WeakMap<object, Limiter>()

/** Remembers what is behind a limiter. */
export const setCore = (limiter: object, core: Limiter): void => {
  cores.set(limiter, core)
}

/** What is behind a limiter. Throws a `TypeError` where that is none of this package. */
export const coreOf = (limiter: object): Limiter => {
  const core = cores.get(limiter)
  if (core === undefined) throw new TypeError("not a CapacityLimiter: make one with CapacityLimiter.make")
  return core
}
