/** Text tables of a run. Pure. */
import type { Case, LeftOut, Result, Runtime, TargetOutcome } from "../model.ts"
import type { Suite } from "../suite.ts"

/** A figure with three significant digits and thousands separated. */
export const figure = (value: number): string => {
  if (value === 0) return "0"
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString("en-US")
  return String(Number(value.toPrecision(3)))
}

const pad = (rows: ReadonlyArray<ReadonlyArray<string>>): ReadonlyArray<string> => {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
  return rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
      .join("  ")
      .trimEnd(),
  )
}

/** The spread of rounds, as a share of the median. */
const spread = (result: Result): string =>
  result.median === 0
    ? ""
    : `±${Math.round(((Math.max(...result.perRound) - Math.min(...result.perRound)) / 2 / result.median) * 100)}%`

/** The table of one case, best first, with ratios of the best of ours that was measured. */
export const caseTable = (
  suite: string,
  runtime: Runtime,
  one: Case,
  results: ReadonlyArray<Result>,
  isOurs: (subject: string) => boolean,
): string => {
  const title = `${suite}: ${one.name} (${runtime}, ${one.unit})`
  if (results.length === 0) return `${title}\n  nothing was measured`
  const ranked = results.toSorted((a, b) => (one.better === "less" ? a.median - b.median : b.median - a.median))
  const best = ranked.find((result) => isOurs(result.subject))
  const against = best === undefined ? "" : `${best.subject} is better by`
  const head = ["", one.compare, "spread", "p95", "p99", "min", "max", against]
  const rows = ranked.map((result) => [
    result.subject,
    figure(result.median),
    spread(result),
    figure(result.p95),
    figure(result.p99),
    figure(result.min),
    figure(result.max),
    best === undefined || result === best ? "" : `${figure(best.ratios[result.subject]!)}×`,
  ])
  return [title, ...pad([head, ...rows]).map((line) => `  ${line}`)].join("\n")
}

export const leftOutLine = ({ suite, runtime, subject, case: one, reason }: LeftOut): string =>
  `  left out of ${suite}${one === undefined ? "" : `, ${one}`} (${runtime}): ${subject}: ${reason}`

export const targetTable = (outcomes: ReadonlyArray<TargetOutcome>): string =>
  [
    `Targets: ${outcomes.filter((target) => target.met).length} of ${outcomes.length} met`,
    ...outcomes.map(({ met, runtime, statement, goal, measured }) => {
      const came = measured === null ? "not measured" : `measured ${figure(measured)}`
      return `  ${met ? "met    " : "not met"}  ${runtime}: ${statement} (goal ${figure(goal)}, ${came})`
    }),
  ].join("\n")

export const suiteList = (suites: ReadonlyArray<Suite>): string =>
  suites
    .map((suite) =>
      [
        `${suite.name}: ${suite.about}`,
        ...suite.cases.map((one) => `    ${one.name} (${one.unit}): ${one.about}`),
        `    subjects: ${suite.entrants.map((entrant) => entrant.name).join(", ")}`,
      ].join("\n"),
    )
    .join("\n\n")
