/** The comparison as one short page of Markdown: the four columns, and the tables that decide. */
import type { Report } from "../model.ts"
import type { Block, Table } from "./content.ts"
import { api, apiNames } from "./prose/api.ts"
import { architecture } from "./prose/architecture.ts"
import { backends } from "./prose/backends.ts"
import { parallelism } from "./prose/parallelism.ts"
import { decisive } from "./prose/performance.ts"
import { recommendations } from "./prose/recommendations.ts"
import { tradeOffs } from "./prose/trade-offs.ts"
import { machineLine, missedText, versionsLine } from "./tables.ts"

const cell = (text: string): string => text.replaceAll("|", "\\|")

const table = ({ head, rows, words }: Pick<Table, "head" | "rows" | "words">): string =>
  [head, head.map((_, column) => (column < words ? "---" : "---:")), ...rows]
    .map((cells) => `| ${cells.map(cell).join(" | ")} |`)
    .join("\n")

/** Charts, programs and what has to be opened are on the page that is built; this is one that is read at once. */
const blockText = (block: Block): ReadonlyArray<string> => {
  switch (block.kind) {
    case "text":
      return [block.text]
    case "list":
      return [block.items.map((item) => `- ${item}`).join("\n")]
    case "table":
      return [table(block)]
    case "chart":
    case "details":
    case "samples":
      return []
  }
}

const section = (title: string, blocks: ReadonlyArray<Block>): ReadonlyArray<string> => [
  `## ${title}`,
  ...blocks.flatMap(blockText),
]

const firstTable = (blocks: ReadonlyArray<Block>): ReadonlyArray<Block> =>
  blocks.filter((block) => block.kind === "table").slice(0, 1)

export const markdown = (report: Report): string => {
  const { title: parallelismTitle, blocks: parallelismBlocks } = parallelism(report)
  return `${[
    "# Offloop beside its ancestors and its peers",
    "<!-- Written by `npx pnpm@12 bench:report`: changes made here are lost. -->",
    "SQLAlchemy's asyncio extension and the anyio way reach one goal on two roads: database code that was written to block, in a program that must not. Offloop has both roads, as placements of one API.",
    `Every figure was measured by \`npx pnpm@12 bench\`, all subjects of a case in turns in one run. ${machineLine(report)} \`npx pnpm@12 bench:report\` also builds a page with charts, all figures, and the same programs in both languages.`,
    ...section(architecture.title, architecture.blocks),
    ...section(api().title, apiNames),
    ...section("Performance considerations", decisive(report)),
    ...section(parallelismTitle, parallelismBlocks),
    ...section(backends(report).title, firstTable(backends(report).blocks)),
    ...section(tradeOffs(report).title, firstTable(tradeOffs(report).blocks)),
    ...section(recommendations(report).title, recommendations(report).blocks),
    "## Targets",
    missedText(report),
    "## Versions",
    versionsLine(report),
  ].join("\n\n")}\n`
}
