/** What there is to know about a limiter. */
import type { Limiter } from "./limiter.ts"

/** What there is to know about a limiter at one moment. anyio's `CapacityLimiterStatistics`. */
export interface Statistics {
  /** Tokens in use. */
  readonly borrowedTokens: number
  /** Tokens there are; `Infinity` where there is no limit. */
  readonly totalTokens: number
  /** Who holds a token: fibers, or what `acquireOnBehalfOf` was given; in the order in which they got it. */
  readonly borrowers: ReadonlyArray<unknown>
  /** How many wait for one. */
  readonly tasksWaiting: number
}

/** Looks at a limiter. */
export const statisticsOf = (core: Limiter): Statistics => ({
  borrowedTokens: core.borrowed,
  totalTokens: core.total,
  borrowers: core.borrowers,
  tasksWaiting: core.waiting,
})
