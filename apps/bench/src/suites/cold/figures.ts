/** Figures of the first operations of a process. Pure. */
import { quantile } from "../../measure/statistics.ts"

/** The program's only argument. */
export interface ColdJob {
  readonly entrant: string
  readonly path: string
  readonly count: number
  readonly inFlight: number
}

export const figureNames = ["p50", "p90", "p99", "total"] as const

export interface ColdFigures extends Readonly<Record<(typeof figureNames)[number], number>> {
  /** The difference between its answers and what was asked for, if there is one. */
  readonly difference?: string | undefined
}

/**
 * @param waits in microseconds, as are the quantiles of them.
 * @param totalMs in milliseconds, as is the total.
 */
export const figuresOf = (waits: ReadonlyArray<number>, totalMs: number, difference?: string): ColdFigures => ({
  p50: quantile(waits, 0.5),
  p90: quantile(waits, 0.9),
  p99: quantile(waits, 0.99),
  total: totalMs,
  difference,
})
