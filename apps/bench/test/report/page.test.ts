import { describe, expect, it } from "vitest"
import { parseDocument } from "../../src/report/document.ts"
import { page } from "../../src/report/page.ts"
import { report, titles } from "./sample-report.ts"

describe("page", () => {
  const html = page(report)
  const document = parseDocument(html)
  const headings = (selector: string) =>
    Array.from(document.querySelectorAll(selector), (heading) => heading.textContent)

  it("answers heading by heading", () => {
    expect(headings("h2")).toEqual(titles)
  })

  it("has a chart for each case of each runtime, and those that show how figures grow", () => {
    const charts = headings("figcaption h3, figcaption h4")
    const cases = new Set(report.results.map((one) => `${one.runtime} ${one.suite}: ${one.case}`))
    expect(charts.filter((title) => /^[a-z-]+: /.test(title!))).toHaveLength(cases.size)
    for (const title of [
      "Calls to a worker: throughput against concurrency",
      "SQLite point selects: throughput against concurrency",
      "Point selects beside the ancestors: throughput against concurrency",
      "SQLite: time against rows",
    ])
      expect(charts.filter((other) => other === title)).toHaveLength(2)
    expect(document.querySelectorAll("figure svg")).toHaveLength(charts.length)
  })

  it("draws a mark for every subject", () => {
    const chart = Array.from(document.querySelectorAll("figure")).find((figure) =>
      figure.textContent!.includes("sqlite-point: sequential"),
    )!
    expect(chart.querySelectorAll("circle")).toHaveLength(3)
    expect(chart.querySelector("svg")!.textContent).toContain("offloop engine worker")
  })

  it("loads nothing from anywhere", () => {
    expect(document.querySelectorAll("script, img, iframe, [src]")).toHaveLength(0)
    expect(html).not.toMatch(/url\(|@import/)
    for (const link of document.querySelectorAll("a")) expect(link.getAttribute("href")).toMatch(/^#/)
    for (const link of document.querySelectorAll("link")) expect(link.getAttribute("href")).toBe("data:,")
  })

  it("links to places that are there, each id once", () => {
    const ids = Array.from(document.querySelectorAll("[id]"), (element) => element.id)
    expect(ids.toSorted()).toEqual([...new Set(ids)].toSorted())
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
