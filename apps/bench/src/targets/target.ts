/** A target, as data alone. `report/targets.ts` compares it with a run. */
import type { Runtime } from "../model.ts"

/** Ours must be at least `goal` times as good as another subject. */
export interface RatioTarget {
  readonly kind: "ratio"
  readonly suite: string
  readonly case: string
  readonly runtime: Runtime
  readonly statement: string
  readonly ours: string
  readonly against: string
  readonly goal: number
}

/** A figure of ours must be at most `goal`, in the case's unit. */
export interface CeilingTarget {
  readonly kind: "ceiling"
  readonly suite: string
  readonly case: string
  readonly runtime: Runtime
  readonly statement: string
  readonly ours: string
  readonly figure: "median" | "p99"
  readonly goal: number
}

/** So many times a subject's figure, of any suite on the same runtime: of a negative one, so much is taken off. */
export interface Term {
  readonly times: number
  readonly suite: string
  readonly case: string
  readonly subject: string
}

/** A figure of ours must be at most a sum of others: the sum is at least `goal` times as much. All have one unit. */
export interface SumTarget {
  readonly kind: "sum"
  readonly suite: string
  readonly case: string
  readonly runtime: Runtime
  readonly statement: string
  readonly ours: string
  readonly terms: ReadonlyArray<Term>
  readonly goal: number
}

/**
 * Against each of some peers, ours must be at least `goal` times as good as it is on Node against the same peer. Peers that
 * were not measured on both runtimes are not there to compare with.
 */
export interface AcrossTarget {
  readonly kind: "across"
  readonly suite: string
  readonly case: string
  readonly runtime: Exclude<Runtime, "node">
  readonly statement: string
  readonly ours: string
  readonly against: ReadonlyArray<string>
  readonly goal: number
}

export type Target = RatioTarget | CeilingTarget | SumTarget | AcrossTarget

export const ratio = (
  suite: string,
  name: string,
  ours: string,
  against: string,
  goal: number,
  statement: string,
): RatioTarget => ({
  kind: "ratio",
  suite,
  case: name,
  runtime: "node",
  statement,
  ours,
  against,
  goal,
})

export const sum = (
  suite: string,
  name: string,
  ours: string,
  terms: ReadonlyArray<Term>,
  statement: string,
): SumTarget => ({ kind: "sum", suite, case: name, runtime: "node", statement, ours, terms, goal: 1 })

export const term = (times: number, suite: string, name: string, subject: string): Term => ({
  times,
  suite,
  case: name,
  subject,
})
