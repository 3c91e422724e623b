/** The comparison as Markdown: the same content as the page, with tables where the page has charts. Pure. */
import type { Report, Result, Runtime } from "../model.ts"
import { type Block, figureTable, type Section, type Table } from "./content.ts"
import { isOurs, ranked, runtimeNames, runtimesOf } from "./figures.ts"
import { comparison } from "./prose/index.ts"
import { leftOutTable, machineLine, targetTable, versionsLine } from "./tables.ts"
import { figure } from "./text.ts"

const cell = (text: string): string => text.replaceAll("|", "\\|")

const table = ({ head, rows, words }: Pick<Table, "head" | "rows" | "words">): string =>
  [head, head.map((_, column) => (column < words ? "---" : "---:")), ...rows]
    .map((cells) => `| ${cells.map(cell).join(" | ")} |`)
    .join("\n")

const blockText = (block: Block): ReadonlyArray<string> => {
  switch (block.kind) {
    case "text":
      return [block.text]
    case "list":
      return [block.items.map((item) => `- ${item}`).join("\n")]
    case "table":
      return [table(block)]
    case "chart":
      return []
    case "details":
      return [`**${block.summary}**`, ...block.blocks.flatMap(blockText)]
    case "samples":
      return block.samples.flatMap(({ title, language, code }) => [`${title}:`, `\`\`\`${language}\n${code}\n\`\`\``])
  }
}

const sectionText = (section: Section, level = 2): ReadonlyArray<string> => [
  `${"#".repeat(level)} ${section.title}`,
  ...section.blocks.flatMap(blockText),
  ...(section.parts ?? []).flatMap((part) => sectionText(part, level + 1)),
]

const caseTable = (results: ReadonlyArray<Result>): string =>
  table(
    figureTable(
      "",
      ["subject", `median, ${results[0]!.unit}`, "p95", "p99", "rounds from", "to"],
      ranked(results).map((result) => [
        isOurs(result.subject) ? `**${result.subject}**` : result.subject,
        figure(result.median),
        figure(result.p95),
        figure(result.p99),
        figure(Math.min(...result.perRound)),
        figure(Math.max(...result.perRound)),
      ]),
    ),
  )

const runtimeText = (runtime: Runtime, results: ReadonlyArray<Result>): ReadonlyArray<string> => {
  const cases = Map.groupBy(
    results.filter((result) => result.runtime === runtime),
    (result) => `${result.suite}: ${result.case}`,
  )
  return [
    `## Measured on ${runtimeNames[runtime]}`,
    ...Array.from(cases, ([title, own]) => `### ${title}\n\n${caseTable(own)}`),
  ]
}

export const markdown = (report: Report): string =>
  `${[
    "# Offloop beside its ancestors and its peers",
    "<!-- Written by `npx pnpm@12 bench:report`: changes made here are lost. -->",
    "SQLAlchemy's asyncio extension and the anyio way reach one goal on two roads: database code that was written to block, in a program that must not. Offloop has both roads, as placements of one API. This document compares the four, point by point. The same with charts: [comparison/index.html](comparison/index.html).",
    `Every figure was measured by \`npx pnpm@12 bench\`, all subjects of a case in turns in one run; the sentences around them are written from the same file. ${machineLine(report)}`,
    ...comparison(report, []).flatMap((section) => sectionText(section)),
    "## Targets",
    table(targetTable(report)),
    ...runtimesOf(report).flatMap((runtime) => runtimeText(runtime, report.results)),
    "## Left out",
    report.leftOut.length === 0 ? "Nobody." : table(leftOutTable(report)),
    "## Versions",
    versionsLine(report),
  ].join("\n\n")}\n`
