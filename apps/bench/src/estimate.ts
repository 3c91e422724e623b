/** How long a run will take, roughly, before it is run. Pure. */
import { coldTimes, paceOf, type Suite } from "./suite.ts"

/** What starting a subject's process takes, on two cores of today. */
const enterMs = 500
/** What opening a case, checking it and asking for its rounds takes besides. */
const caseMs = 80
/** How much longer a round takes than it is told to: its last sample goes on to its end. */
const overshoot = 1.2

/** @param runtimes how many of the suite's subjects take part on each runtime. */
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
