/** Compares targets with what a run measured. Pure. */
import type { Result, Runtime, TargetOutcome } from "../model.ts"
import type { AcrossTarget, SumTarget, Target } from "../targets/target.ts"

interface Asked {
  readonly suite: string
  readonly case: string
  readonly runtime: Runtime
  readonly subject: string
}

/** The figures that a target needs. A run meets a target only if it was asked for all of them. */
export const askedBy = (target: Target): ReadonlyArray<Asked> => {
  const { suite, case: name, runtime, ours } = target
  const own: Asked = { suite, case: name, runtime, subject: ours }
  switch (target.kind) {
    case "ratio":
      return [own, { ...own, subject: target.against }]
    case "ceiling":
      return [own]
    case "sum":
      return [own, ...target.terms.map((term): Asked => ({ ...term, runtime }))]
    case "across":
      return [own, ...target.against.map((subject) => ({ ...own, subject }))].flatMap(
        (one): ReadonlyArray<Asked> => [one, { ...one, runtime: "node" }],
      )
  }
}

const find = (results: ReadonlyArray<Result>, asked: Asked): Result | undefined =>
  results.find(
    (result) =>
      result.suite === asked.suite &&
      result.case === asked.case &&
      result.runtime === asked.runtime &&
      result.subject === asked.subject,
  )

/** The sum of the other figures, divided by the figure of ours. */
const ofSum = ({ terms, runtime }: SumTarget, own: Result, results: ReadonlyArray<Result>): number | undefined => {
  let sum = 0
  for (const term of terms) {
    const result = find(results, { ...term, runtime })
    if (result === undefined) return undefined
    sum += term.times * result.median
  }
  return sum / own.median
}

/** The peers of a target that were measured on both runtimes. */
const peersOnBoth = (target: AcrossTarget, results: ReadonlyArray<Result>): ReadonlyArray<string> =>
  target.against.filter((subject) =>
    (["node", target.runtime] as const).every(
      (runtime) => find(results, { ...target, runtime, subject }) !== undefined,
    ),
  )

/** The worst of the peers: how good ours is against it, as a share of what Node reaches. */
const ofAcross = (target: AcrossTarget, own: Result, results: ReadonlyArray<Result>): number | undefined => {
  const onNode = find(results, { ...target, runtime: "node", subject: target.ours })
  if (onNode === undefined) return undefined
  return Math.min(...peersOnBoth(target, results).map((peer) => own.ratios[peer]! / onNode.ratios[peer]!))
}

const measure = (target: Target, results: ReadonlyArray<Result>): number | undefined => {
  const own = find(results, { ...target, subject: target.ours })
  if (own === undefined) return undefined
  switch (target.kind) {
    case "ratio":
      return own.ratios[target.against]
    case "ceiling":
      return own[target.figure]
    case "sum":
      return ofSum(target, own, results)
    case "across":
      return ofAcross(target, own, results)
  }
}

/**
 * The result of each target. A target whose figure was not measured is not met, with `measured` null: a target cannot
 * be reached by leaving a subject out. Only where a peer does not exist on a runtime, there is nothing to compare there.
 *
 * @param inScope says which suites and runtimes the run was asked for; targets of others are not mentioned.
 */
export const evaluate = (
  targets: ReadonlyArray<Target>,
  results: ReadonlyArray<Result>,
  inScope: (target: Target) => boolean,
): ReadonlyArray<TargetOutcome> =>
  targets
    .filter((target) => inScope(target) && (target.kind !== "across" || peersOnBoth(target, results).length > 0))
    .map((target) => {
      const measured = measure(target, results)
      const { suite, runtime, statement, goal } = target
      const met = measured !== undefined && (target.kind === "ceiling" ? measured <= goal : measured >= goal)
      return { suite, case: target.case, runtime, statement, goal, measured: measured ?? null, met }
    })
