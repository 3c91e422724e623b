/** Estimates the duration of a run before it is run. Pure. */
import { coldTimes, paceOf, type Suite } from "./suite.ts"

/** The time to start a subject's process, on two cores of today. */
const enterMs = 500
/** The time to open a case, check it and ask for its rounds. */
const caseMs = 80
/** The time by which a round exceeds its budget: its last sample goes on to its end. */
const overshoot = 1.2

/** @param runtimes the number of the suite's subjects that take part on each runtime. */
export const estimateMs = (suite: Suite, quick: boolean, runtimes: ReadonlyArray<number>): number => {
  const { rounds, roundMs, warmUpLimitMs, roundTakesMs = roundMs * overshoot } = paceOf(suite, quick)
  const cold = enterMs / 2 + warmUpLimitMs * (coldTimes(quick) - 1)
  const each = cold + suite.cases.length * (caseMs + warmUpLimitMs + rounds * roundTakesMs)
  // A round that is a whole program has had one for its check.
  const checks = roundTakesMs > 0 && roundMs === 0 ? suite.cases.length * roundTakesMs : 0
  return runtimes.reduce((sum, subjects) => sum + subjects * (each + checks), 0)
}

/** In words, for who waits. */
export const inWords = (ms: number): string => {
  const minutes = ms / 60_000
  return minutes < 1.5 ? `${Math.max(1, Math.round(ms / 1_000))} s` : `${Math.round(minutes)} minutes`
}
