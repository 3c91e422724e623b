/** The comparison as one page: no network, light and dark, charts with their figures as tables. */
import type { Report, Result, Runtime } from "../model.ts"
import { type Chart, chartsOf } from "./charts.ts"
import { figure } from "./text.ts"

const escapes: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" }

const escaped = (text: string): string => text.replaceAll(/[&<>"]/g, (character) => escapes[character]!)

const style = `
:root { color-scheme: light dark; --ours: #b3261e; --other: #5b6570; --line: #d5d9de; --paper: #fff; --ink: #1b1f24; }
@media (prefers-color-scheme: dark) {
  :root { --ours: #ff8a80; --other: #a3adb8; --line: #3a4149; --paper: #14171a; --ink: #e8eaed; }
}
body { margin: 0 auto; padding: 1rem 1.5rem 4rem; max-width: 52rem; font: 16px/1.55 system-ui, sans-serif; background: var(--paper); color: var(--ink); }
a { color: inherit; } a:focus-visible, summary:focus-visible, .scroll:focus-visible { outline: 3px solid var(--ours); outline-offset: 2px; }
.skip { position: absolute; left: -999rem; } .skip:focus { position: static; }
figure { margin: 0 0 2.5rem; } figcaption { margin: 0 0 .5rem; } svg { max-width: 100%; height: auto; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; } caption { text-align: left; }
th, td { padding: .2rem .8rem .2rem 0; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap; }
th:first-child, td:first-child { text-align: left; } td.text { text-align: left; white-space: normal; }
tr.ours { font-weight: 600; }
nav ul { columns: 2; padding-left: 1.2rem; }
`

const row = (cells: ReadonlyArray<string>): string => cells.map((cell) => `<td>${escaped(cell)}</td>`).join("")

const head = (names: ReadonlyArray<string>): string =>
  `<thead><tr>${names.map((name) => `<th scope="col">${escaped(name)}</th>`).join("")}</tr></thead>`

/** Tables may be wider than the page: they scroll by themselves, with the keyboard too. */
const table = (label: string, names: ReadonlyArray<string>, rows: ReadonlyArray<string>): string =>
  `<div class="scroll" tabindex="0" role="region" aria-label="${escaped(label)}"><table>${head(names)}<tbody>${rows.join("\n")}</tbody></table></div>`

const resultRow = (result: Result): string =>
  `<tr${result.subject.startsWith("offloop") ? ' class="ours"' : ""}><th scope="row">${escaped(result.subject)}</th>${row(
    [
      result.case,
      result.unit,
      figure(result.median),
      figure(result.p95),
      figure(result.p99),
      figure(result.min),
      figure(result.max),
      String(result.rounds),
    ],
  )}</tr>`

const resultNames = ["Subject", "Case", "Unit", "Median", "p95", "p99", "Min", "Max", "Rounds"]

const chartFigure = ({ id, title, description, svg, results }: Chart): string => `<figure>
<figcaption><h3 id="${id}">${escaped(title)}</h3></figcaption>
<div class="scroll" role="img" tabindex="0" aria-label="${escaped(`${title}. ${description}`)}">${svg}</div>
<details><summary>Figures of “${escaped(title)}”</summary>
${table(`Figures of ${title}`, resultNames, results.map(resultRow))}
</details>
</figure>`

const names: Readonly<Record<Runtime, string>> = { node: "Node", bun: "Bun", deno: "Deno" }

const targetTable = ({ targets }: Report): string =>
  table(
    "Targets",
    ["Target", "Runtime", "Goal", "Measured", "Met"],
    targets.map(
      ({ statement, runtime, goal, measured, met }) =>
        `<tr><td class="text">${escaped(statement)}</td>${row([
          names[runtime],
          figure(goal),
          measured === null ? "not measured" : figure(measured),
          met ? "yes" : "no",
        ])}</tr>`,
    ),
  )

const leftOutTable = ({ leftOut }: Report): string =>
  table(
    "Left out",
    ["Subject", "Suite", "Case", "Runtime", "Why"],
    leftOut.map(
      ({ subject, suite, case: name, runtime, reason }) =>
        `<tr><th scope="row">${escaped(subject)}</th>${row([suite, name ?? "all", names[runtime]])}<td class="text">${escaped(reason)}</td></tr>`,
    ),
  )

const machineLine = ({ machine, date, versions, quick }: Report): string =>
  `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.os}; load ${machine.loadAtStart} at the start; ${date.slice(0, 10)}; ${Object.entries(
    versions,
  )
    .map(([name, version]) => `${name} ${version}`)
    .join(", ")}.${quick ? " This was a quick run: its figures are rough." : ""}`

/** The page, whole: nothing is loaded from anywhere. */
export const page = (report: Report): string => {
  const runtimes = (["node", "bun", "deno"] as const).filter((runtime) =>
    report.results.some((result) => result.runtime === runtime),
  )
  const sections = runtimes.map((runtime) => ({ runtime, charts: chartsOf(report, runtime) }))
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Offloop beside its peers</title>
<style>${style}</style>
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
<header>
<h1>Offloop beside its peers</h1>
<p>Every figure was measured by <code>npx pnpm@12 bench</code>, all subjects of a case in turns in one run. Marks are
medians over rounds; the lines through them reach from the best round to the worst. Ours are drawn in colour.</p>
<p>${escaped(machineLine(report))}</p>
</header>
<nav aria-label="Charts"><ul>
<li><a href="#targets">Targets</a></li>
${sections.map(({ runtime }) => `<li><a href="#${runtime}">${names[runtime]}</a></li>`).join("\n")}
<li><a href="#left-out">Left out</a></li>
</ul></nav>
<main id="content">
<section aria-labelledby="targets"><h2 id="targets">Targets</h2>
${targetTable(report)}
</section>
${sections
  .map(
    ({ runtime, charts }) => `<section aria-labelledby="${runtime}"><h2 id="${runtime}">${names[runtime]}</h2>
<details><summary>Charts of this part</summary><ul>${charts.map(({ id, title }) => `<li><a href="#${id}">${escaped(title)}</a></li>`).join("")}</ul></details>
${charts.map(chartFigure).join("\n")}
</section>`,
  )
  .join("\n")}
<section aria-labelledby="left-out"><h2 id="left-out">Left out</h2>
${leftOutTable(report)}
</section>
</main>
</body>
</html>
`
}
