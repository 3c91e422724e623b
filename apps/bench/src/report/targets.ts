/** Compares targets with what a run measured. Pure. */
import type { Result, TargetOutcome } from "../model.ts"
import type { Target } from "../targets.ts"

const measure = (target: Target, results: ReadonlyArray<Result>): number | undefined => {
  const own = results.find(
    (result) =>
      result.suite === target.suite &&
      result.case === target.case &&
      result.runtime === target.runtime &&
      result.subject === target.ours,
  )
  return target.kind === "ratio" ? own?.ratios[target.against] : own?.[target.figure]
}

/**
 * How each target came out. A target whose figure was not measured is not met, with `measured` null: a target cannot
 * be reached by leaving a subject out.
 *
 * @param inScope says which suites and runtimes the run was asked for; targets of others are not mentioned.
 */
export const evaluate = (
  targets: ReadonlyArray<Target>,
  results: ReadonlyArray<Result>,
  inScope: (target: Target) => boolean,
): ReadonlyArray<TargetOutcome> =>
  targets.filter(inScope).map((target) => {
    const measured = measure(target, results)
    const { suite, runtime, statement, goal } = target
    const met = measured !== undefined && (target.kind === "ratio" ? measured >= goal : measured <= goal)
    return { suite, case: target.case, runtime, statement, goal, measured: measured ?? null, met }
  })
