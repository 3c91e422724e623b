/** The comparison's figures as Markdown. Pure. */
import type { Report, Result, Runtime } from "../model.ts"
import { figure } from "./text.ts"

const cell = (text: string): string => text.replaceAll("|", "\\|")

const table = (head: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string>>): string =>
  [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.map(cell).join(" | ")} |`).join("\n")

const caseTable = (results: ReadonlyArray<Result>): string => {
  const more = results[0]!.unit === "1/s"
  const ranked = results.toSorted((a, b) => (more ? b.median - a.median : a.median - b.median))
  return table(
    ["subject", `median, ${results[0]!.unit}`, "p95", "p99", "rounds from", "to"],
    ranked.map((result) => [
      result.subject.startsWith("offloop") ? `**${result.subject}**` : result.subject,
      figure(result.median),
      figure(result.p95),
      figure(result.p99),
      figure(Math.min(...result.perRound)),
      figure(Math.max(...result.perRound)),
    ]),
  )
}

const runtimeSection = (runtime: Runtime, results: ReadonlyArray<Result>): string => {
  const cases = Map.groupBy(results, (result) => `${result.suite}: ${result.case}`)
  return [
    `## Measured on ${runtime}`,
    ...Array.from(cases, ([title, own]) => `### ${title}\n\n${caseTable(own)}`),
  ].join("\n\n")
}

export const markdown = (report: Report): string => {
  const { machine, date, quick, targets, leftOut, versions } = report
  const runtimes = Map.groupBy(report.results, (result) => result.runtime)
  return `${[
    "# Offloop beside its peers",
    `<!-- Written by \`npx pnpm@12 bench:report\`: changes made here are lost. -->`,
    `Measured by \`npx pnpm@12 bench\` on ${date.slice(0, 10)}: ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.os}, load ${machine.loadAtStart} at the start.${quick ? " A quick run: figures are rough." : ""} All subjects of a case run in turns in one run. The same figures as charts: [comparison/index.html](comparison/index.html).`,
    "## Targets",
    table(
      ["target", "runtime", "goal", "measured", "met"],
      targets.map((target) => [
        target.statement,
        target.runtime,
        figure(target.goal),
        target.measured === null ? "not measured" : figure(target.measured),
        target.met ? "yes" : "no",
      ]),
    ),
    ...Array.from(runtimes, ([runtime, results]) => runtimeSection(runtime, results)),
    "## Left out",
    leftOut.length === 0
      ? "Nobody."
      : table(
          ["subject", "suite", "case", "runtime", "why"],
          leftOut.map((one) => [one.subject, one.suite, one.case ?? "all", one.runtime, one.reason]),
        ),
    "## Versions",
    Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(", "),
  ].join("\n\n")}\n`
}
