/** Content as HTML. Pure. */

import type { Chart } from "./charts.ts"
import type { Block, Section, Table } from "./content.ts"

const escapes: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" }

export const escaped = (text: string): string => text.replaceAll(/[&<>"]/g, (character) => escapes[character]!)

/** Text that may have `code` and **strong** in it. */
const inline = (text: string): string =>
  escaped(text)
    .replaceAll(/`([^`]+)`/g, "<code>$1</code>")
    .replaceAll(/\*\*([^*]+)\*\*/g, "<strong>$1</strong>")

const cells = (row: ReadonlyArray<string>, words: number): string =>
  row
    .map((cell, column) => {
      if (column === 0) return `<th scope="row">${inline(cell)}</th>`
      return `<td${column < words ? ' class="text"' : ""}>${inline(cell)}</td>`
    })
    .join("")

/** Tables may be wider than the page: they scroll by themselves, with the keyboard too. */
export const tableHtml = ({ label, head, rows, words, strong }: Table): string => {
  const names = head.map((name, column) =>
    name === "" ? "<td></td>" : `<th scope="col"${column < words ? ' class="text"' : ""}>${inline(name)}</th>`,
  )
  const body = rows.map((row, index) => `<tr${strong?.has(index) ? ' class="ours"' : ""}>${cells(row, words)}</tr>`)
  return `<div class="scroll" tabindex="0" role="region" aria-label="${escaped(label)}"><table${words === head.length ? ' class="words"' : ""}><thead><tr>${names.join("")}</tr></thead><tbody>${body.join("\n")}</tbody></table></div>`
}

/** @param figures the chart's figures, for who cannot see it or wants to know exactly. */
export const chartHtml = ({ id, title, description, svg }: Chart, figures: Table, level: 3 | 4): string => `<figure>
<figcaption><h${level} id="${id}">${escaped(title)}</h${level}></figcaption>
<div class="scroll" role="img" tabindex="0" aria-label="${escaped(`${title}. ${description}`)}">${svg}</div>
<details><summary>Figures of “${escaped(title)}”</summary>
${tableHtml(figures)}
</details>
</figure>`

const blockHtml = (block: Block, figuresOf: (chart: Chart) => Table): string => {
  switch (block.kind) {
    case "text":
      return `<p>${inline(block.text)}</p>`
    case "list":
      return `<ul>${block.items.map((item) => `<li>${inline(item)}</li>`).join("\n")}</ul>`
    case "table":
      return tableHtml(block)
    case "chart":
      return chartHtml(block.chart, figuresOf(block.chart), 4)
    case "details":
      return `<details><summary>${inline(block.summary)}</summary>\n${block.blocks.map((one) => blockHtml(one, figuresOf)).join("\n")}\n</details>`
    case "samples":
      return `<div class="samples">${block.samples
        .map(
          ({ title, code }) =>
            `<section aria-label="${escaped(`${block.label}: ${title}`)}"><h4>${escaped(title)}</h4><pre tabindex="0"><code>${escaped(code)}</code></pre></section>`,
        )
        .join("\n")}</div>`
  }
}

export const sectionHtml = (
  section: Section,
  figuresOf: (chart: Chart) => Table,
  level: 2 | 3 = 2,
): string => `<section aria-labelledby="${section.id}"><h${level} id="${section.id}">${escaped(section.title)}</h${level}>
${section.blocks.map((block) => blockHtml(block, figuresOf)).join("\n")}
${(section.parts ?? []).map((part) => sectionHtml(part, figuresOf, 3)).join("\n")}
</section>`
