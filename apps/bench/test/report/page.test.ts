import { describe, expect, it } from "vitest"
import type { Report, Result } from "../../src/model.ts"
import { parseDocument } from "../../src/report/document.ts"
import { markdown } from "../../src/report/markdown.ts"
import { page } from "../../src/report/page.ts"

const result = (suite: string, name: string, subject: string, median: number, more: Partial<Result> = {}): Result => ({
  suite,
  case: name,
  runtime: "node",
  subject,
  unit: "µs",
  median,
  p95: median * 2,
  p99: median * 3,
  min: median / 2,
  max: median * 4,
  rounds: 2,
  perRound: [median * 0.9, median * 1.1],
  operationsPerSample: 1,
  ratios: {},
  ...more,
})

const report: Report = {
  machine: { cpu: "A <fast> & wide one", cores: 2, memoryGiB: 8, os: "Linux", loadAtStart: 0.1 },
  versions: { node: "24.0.0" },
  date: "2026-11-22T10:00:00.000Z",
  quick: false,
  results: [
    ...["sequential", "8 in flight", "64 in flight"].flatMap((name, index) => [
      result("sqlite-point", name, "offloop core worker", 12 / (index + 1)),
      result("sqlite-point", name, "better-sqlite3", 4),
    ]),
    result("loop-delay", "a 1 s aggregate", "better-sqlite3", 900, {
      unit: "ms",
      histogram: [
        { upTo: 0, count: 1 },
        { upTo: 2, count: 3 },
        { upTo: 1_024, count: 900 },
      ],
    }),
  ],
  leftOut: [{ suite: "hop", runtime: "bun", subject: "workerpool", reason: 'no answer to "check" | within 12 s' }],
  targets: [
    {
      suite: "sqlite-point",
      case: "64 in flight",
      runtime: "node",
      statement: "at least as fast",
      goal: 1,
      measured: null,
      met: false,
    },
  ],
}

describe("page", () => {
  const html = page(report)
  const document = parseDocument(html)

  it("has a chart for each case, and one for how throughput grows", () => {
    const titles = Array.from(document.querySelectorAll("h3"), (heading) => heading.textContent)
    expect(titles).toEqual([
      "SQLite point selects: throughput against concurrency",
      "sqlite-point: sequential",
      "sqlite-point: 8 in flight",
      "sqlite-point: 64 in flight",
      "loop-delay: a 1 s aggregate",
    ])
    expect(document.querySelectorAll("figure svg")).toHaveLength(titles.length)
  })

  it("draws a mark for every subject", () => {
    const chart = Array.from(document.querySelectorAll("figure")).find((figure) =>
      figure.textContent!.includes("sqlite-point: sequential"),
    )!
    expect(chart.querySelectorAll("circle")).toHaveLength(2)
    expect(chart.querySelector("svg")!.textContent).toContain("offloop core worker")
  })

  it("loads nothing from anywhere", () => {
    expect(document.querySelectorAll("script, link, img, iframe, [src]")).toHaveLength(0)
    expect(html).not.toMatch(/url\(|@import/)
    for (const link of document.querySelectorAll("a")) expect(link.getAttribute("href")).toMatch(/^#/)
  })

  it("links to places that are there, each id once", () => {
    const ids = Array.from(document.querySelectorAll("[id]"), (element) => element.id)
    expect(new Set(ids).size).toBe(ids.length)
    for (const link of document.querySelectorAll("a")) expect(ids).toContain(link.getAttribute("href")!.slice(1))
  })

  it("tells in words and tables what the charts show", () => {
    for (const figure of document.querySelectorAll("figure")) {
      expect(figure.querySelector("[role=img]")!.getAttribute("aria-label")!.length).toBeGreaterThan(20)
      expect(figure.querySelectorAll("details table tbody tr").length).toBeGreaterThan(0)
    }
    expect(document.querySelector("#targets")!.parentElement!.textContent).toContain("not measured")
    expect(document.querySelector("#left-out")!.parentElement!.textContent).toContain("workerpool")
  })

  it("can be read in the light and in the dark", () => {
    expect(html).toContain("prefers-color-scheme: dark")
    expect(html).not.toMatch(/<svg[^>]*fill="#/)
  })

  it("shows text as text", () => {
    expect(html).toContain("A &lt;fast&gt; &amp; wide one")
  })
})

describe("markdown", () => {
  const text = markdown(report)

  it("has a table for each case, ours in bold, best first", () => {
    const table = text.split("### sqlite-point: sequential")[1]!.split("###")[0]!
    expect(table.indexOf("better-sqlite3")).toBeLessThan(table.indexOf("**offloop core worker**"))
  })

  it("keeps a cell together whose text has a bar in it", () => {
    expect(text).toContain('no answer to "check" \\| within 12 s')
  })

  it("says what was not measured", () => {
    expect(text).toContain("| at least as fast | node | 1 | not measured | no |")
  })
})
