/** The comparison as one page: no network, light and dark, charts with their figures as tables. */
import type { Report } from "../model.ts"
import { type Chart, chartsOf } from "./charts.ts"
import { figureTable, type Section, type Table } from "./content.ts"
import { isOurs, runtimeNames, runtimesOf } from "./figures.ts"
import { chartHtml, escaped, sectionHtml, tableHtml } from "./html.ts"
import { comparison } from "./prose/index.ts"
import { leftOutTable, machineLine, targetTable, versionsLine } from "./tables.ts"
import { figure } from "./text.ts"

const style = `
:root { color-scheme: light dark; --ours: #b3261e; --other: #5b6570; --line: #d5d9de; --paper: #fff; --ink: #1b1f24; --code: #f3f5f7; }
@media (prefers-color-scheme: dark) {
  :root { --ours: #ff8a80; --other: #a3adb8; --line: #3a4149; --paper: #14171a; --ink: #e8eaed; --code: #1e2328; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1rem 1.5rem 4rem; max-width: 60rem; font: 16px/1.55 system-ui, sans-serif; background: var(--paper); color: var(--ink); overflow-wrap: break-word; }
h1, h2, h3, h4 { line-height: 1.25; } h2 { margin-top: 3rem; padding-top: 1rem; border-top: 1px solid var(--line); } h3 { margin-top: 2rem; }
a { color: inherit; }
a:focus-visible, summary:focus-visible, .scroll:focus-visible, pre:focus-visible { outline: 3px solid var(--ours); outline-offset: 2px; }
.skip { position: absolute; left: -999rem; } .skip:focus { position: static; }
figure { margin: 1rem 0 2rem; } figcaption { margin: 0 0 .5rem; } figcaption h3, figcaption h4 { margin: 0; } figure svg { display: block; min-width: 40rem; }
.scroll { overflow-x: auto; margin: 0 0 1rem; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .92rem; }
th, td { padding: .3rem .8rem .3rem 0; border-bottom: 1px solid var(--line); text-align: right; vertical-align: top; white-space: nowrap; }
th:first-child { text-align: left; } th.text, td.text { text-align: left; white-space: normal; min-width: 7rem; }
thead th { white-space: normal; vertical-align: bottom; } tbody th { font-weight: 500; white-space: normal; min-width: 8rem; }
table.words { min-width: 46rem; }
tr.ours, tr.ours th { font-weight: 650; }
code, pre { font-family: ui-monospace, monospace; font-size: .87em; } code { background: var(--code); padding: .1em .25em; border-radius: 3px; }
pre { background: var(--code); padding: .8rem; margin: 0; overflow-x: auto; line-height: 1.4; border-radius: 4px; } pre code { padding: 0; background: none; font-size: .95em; }
.samples { display: grid; gap: 1rem; } .samples section { min-width: 0; } .samples h4 { margin: .2rem 0 .4rem; } .samples pre { font-size: .78em; }
details { margin: .5rem 0 1rem; } summary { cursor: pointer; }
nav ul { columns: 14rem 3; padding-left: 1.2rem; }
@media (min-width: 76rem) { .samples { grid-template-columns: repeat(3, 1fr); width: 74rem; margin-left: calc((min(100vw, 60rem) - 74rem - 3rem) / 2); } }
`

const resultNames = ["Subject", "Case", "Unit", "Median", "p95", "p99", "Min", "Max", "Rounds"]

const figuresOf = ({ title, results }: Chart): Table => ({
  ...figureTable(
    `Figures of ${title}`,
    resultNames,
    results.map((result) => [
      result.subject,
      result.case,
      result.unit,
      figure(result.median),
      figure(result.p95),
      figure(result.p99),
      figure(result.min),
      figure(result.max),
      String(result.rounds),
    ]),
    3,
  ),
  strong: new Set(results.flatMap((result, index) => (isOurs(result.subject) ? [index] : []))),
})

const chartsSection = (
  title: string,
  id: string,
  charts: ReadonlyArray<Chart>,
): string => `<section aria-labelledby="${id}"><h2 id="${id}">${title}</h2>
<details><summary>Charts of this part</summary><ul>${charts.map((chart) => `<li><a href="#${chart.id}">${escaped(chart.title)}</a></li>`).join("")}</ul></details>
${charts.map((chart) => chartHtml(chart, figuresOf(chart), 3)).join("\n")}
</section>`

const chartsShown = (sections: ReadonlyArray<Section>): ReadonlySet<string> =>
  new Set(
    sections.flatMap(({ blocks, parts = [] }) => [
      ...blocks.flatMap((block) => (block.kind === "chart" ? [block.chart.id] : [])),
      ...chartsShown(parts),
    ]),
  )

/** The page, whole: nothing is loaded from anywhere. */
export const page = (report: Report): string => {
  const runtimes = runtimesOf(report).map((runtime) => ({ runtime, charts: chartsOf(report, runtime) }))
  const sections = comparison(
    report,
    runtimes.flatMap(({ charts }) => charts),
  )
  const shown = chartsShown(sections)
  const links = [
    ...sections.map(({ id, title }) => [id, title]),
    ["targets", "Targets"],
    ...runtimes.map(({ runtime }) => [runtime, `Measured on ${runtimeNames[runtime]}`]),
    ["left-out", "Left out"],
    ["versions", "Versions"],
  ]
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Offloop beside its ancestors and its peers</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
<header>
<h1>Offloop beside its ancestors and its peers</h1>
<p>SQLAlchemy’s asyncio extension and the anyio way reach one goal on two roads: database code that was written to block,
in a program that must not. Offloop has both roads, as <em>placements</em> of one API. This page compares the four, point by point.</p>
<p>Every figure was measured by <code>npx pnpm@12 bench</code>, all subjects of a case in turns in one run; the sentences
around them are written from the same file. In the charts, marks are medians over rounds, the lines through them reach
from the best round to the worst, and ours are drawn in colour.</p>
<p>${escaped(machineLine(report))}</p>
</header>
<nav aria-label="Contents"><ul>
${links.map(([id, title]) => `<li><a href="#${id}">${escaped(title!)}</a></li>`).join("\n")}
</ul></nav>
<main id="content" tabindex="-1">
${sections.map((section) => sectionHtml(section, figuresOf)).join("\n")}
<section aria-labelledby="targets"><h2 id="targets">Targets</h2>
${tableHtml(targetTable(report))}
</section>
${runtimes
  .map(({ runtime, charts }) =>
    chartsSection(
      `Measured on ${runtimeNames[runtime]}`,
      runtime,
      charts.filter((chart) => !shown.has(chart.id)),
    ),
  )
  .join("\n")}
<section aria-labelledby="left-out"><h2 id="left-out">Left out</h2>
${tableHtml(leftOutTable(report))}
</section>
<section aria-labelledby="versions"><h2 id="versions">Versions</h2>
<p>${escaped(versionsLine(report))}</p>
</section>
</main>
</body>
</html>
`
}
