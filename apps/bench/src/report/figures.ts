/** Looks figures up in a report and puts them into words. Nothing here knows what they will be. Pure. */
import type { Case, Report, Result, Runtime } from "../model.ts"
import { suites } from "../suites/index.ts"
import { figure } from "./text.ts"

export const runtimeNames: Readonly<Record<Runtime, string>> = { node: "Node", bun: "Bun", deno: "Deno" }

/** One case of one suite on one runtime. */
export interface Place {
  readonly suite: string
  readonly case: string
  readonly runtime: Runtime
}

export const notMeasured = "not measured"

/** The runtimes that a report has figures of, in their usual order. */
export const runtimesOf = ({ results }: Report): ReadonlyArray<Runtime> =>
  (["node", "bun", "deno"] as const).filter((runtime) => results.some((result) => result.runtime === runtime))

export const resultsAt = ({ results }: Report, place: Place): ReadonlyArray<Result> =>
  results.filter(
    (result) => result.suite === place.suite && result.case === place.case && result.runtime === place.runtime,
  )

export const resultOf = (report: Report, place: Place, subject: string): Result | undefined =>
  resultsAt(report, place).find((result) => result.subject === subject)

/** A subject's figure with its unit, or that there is none. */
export const figureOf = (report: Report, place: Place, subject: string): string => {
  const result = resultOf(report, place, subject)
  return result === undefined ? notMeasured : `${figure(result.median)} ${result.unit}`
}

/** The reason for which a subject is not in a suite's figures, where the report says so. */
export const reasonFor = ({ leftOut }: Report, suite: string, subject: string): string | undefined =>
  leftOut.find((one) => one.suite === suite && one.subject === subject)?.reason

/** The factor by which `ours` is as good as `other`, round by round; undefined when one of them was not measured. */
export const ratioOf = (report: Report, place: Place, ours: string, other: string): number | undefined =>
  resultOf(report, place, ours)?.ratios[other]

/** Closer together than this, two subjects count as equal. */
const sameWithin = 0.05

/** A ratio of times in words. */
export const inWords = (ratio: number): string => {
  if (ratio > 1 + sameWithin) return `${figure(ratio)} times as fast`
  if (ratio < 1 - sameWithin) return `${figure(1 / ratio)} times as slow`
  return "as fast"
}

/** Ours is behind by more than what counts as equal. */
export const loses = (ratio: number): boolean => ratio < 1 - sameWithin

/** The order of a case's figures, from the suite that declares it; smaller is better where none does. */
export const betterOf = ({ suite, case: name }: Pick<Place, "suite" | "case">): Case["better"] =>
  suites.find((one) => one.name === suite)?.cases.find((one) => one.name === name)?.better ?? "less"

/** Best first. */
export const ranked = (results: ReadonlyArray<Result>): ReadonlyArray<Result> => {
  const [first] = results
  if (first === undefined) return []
  return results.toSorted((a, b) => (betterOf(first) === "less" ? a.median - b.median : b.median - a.median))
}

export const isOurs = (subject: string): boolean => subject.startsWith("offloop")

/** Every case that was measured, in the order of the report. */
export const placesOf = (report: Report): ReadonlyArray<Place> => {
  const places = new Map<string, Place>()
  for (const { suite, case: name, runtime } of report.results)
    places.set(`${suite}\n${name}\n${runtime}`, { suite, case: name, runtime })
  return [...places.values()]
}
