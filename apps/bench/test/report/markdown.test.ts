import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import type { Report } from "../../src/model.ts"
import { markdown } from "../../src/report/markdown.ts"
import { page } from "../../src/report/page.ts"
import { report } from "./sample-report.ts"

const text = markdown(report)

describe("markdown", () => {
  it("has a table for each case, ours in bold, best first", () => {
    const table = text.split("### sqlite-point: sequential")[1]!.split("###")[0]!
    expect(table.indexOf("better-sqlite3")).toBeLessThan(table.indexOf("**offloop core worker**"))
  })

  it("keeps a cell together whose text has a bar in it", () => {
    expect(text).toContain('no answer to "check" \\| within 12 s')
  })

  it("says what was not measured", () => {
    expect(text).toContain("| at least as fast | Node | 1 | not measured | no |")
  })

  it("shows the four side by side in both languages", () => {
    expect(text.match(/```python/g)).toHaveLength(8)
    expect(text.match(/```ts/g)).toHaveLength(4)
  })
})

describe("sentences", () => {
  it("say where Offloop loses, with the figures", () => {
    expect(text).toContain("**Where Offloop loses**, in 1 of 3 comparisons:")
    expect(text).toContain("Offloop worker is 1.41 times as slow as the anyio way (120 µs against 85 µs)")
    expect(text).toContain("| hop: 64 in flight | Node | 2 µs | 1 µs, postMessage | 2× |")
  })

  it("say where it does not", () => {
    expect(text).toContain("Offloop worker is 22 times as fast as SQLAlchemy asyncio (15 µs against 330 µs)")
  })

  it("say how late Python's loop was, or why that is not known", () => {
    expect(text).toContain("| a 1 s aggregate | Node | 0.25 ms | 0.75 ms | not measured | 1.5 ms | 900 ms |")
    expect(text).toContain("those of Offloop worker are longer in 2 of 4 comparisons with them")
    // It is no peer of JavaScript.
    expect(text).not.toMatch(/\| loop-delay: a 1 s aggregate .*SQLAlchemy/)
    const reason = "pip could not fill a virtual environment"
    const without: Report = {
      ...report,
      results: report.results.filter((one) => !(one.suite === "loop-delay" && one.subject.startsWith("SQLAlchemy"))),
      leftOut: [{ suite: "loop-delay", runtime: "node", subject: "SQLAlchemy asyncio", reason }],
    }
    expect(markdown(without)).toContain(`The two Python columns were not measured in this run: ${reason}.`)
  })

  it("hold when nothing is behind, and when nothing was measured", () => {
    const ahead = report.results.map((one) => ({
      ...one,
      ratios: Object.fromEntries(Object.keys(one.ratios).map((name) => [name, 3])),
    }))
    expect(markdown({ ...report, results: ahead })).toContain("Offloop is behind neither of them")
    const reason = "there is no python3"
    const nothing: Report = {
      ...report,
      results: report.results.filter((one) => one.suite === "memory"),
      leftOut: [{ suite: "ancestors", runtime: "node", subject: "SQLAlchemy asyncio", reason }],
    }
    const said = markdown(nothing)
    expect(said).toContain(`were not measured in this run: ${reason}.`)
    expect(said).toContain("Loop delay was not measured in this run.")
    expect(said).not.toMatch(/NaN|undefined|Infinity/)
    expect(page(nothing)).not.toMatch(/NaN|undefined|Infinity/)
  })
})

describe("what is in docs", () => {
  const docs = new URL("../../../../docs/", import.meta.url)
  const read = (path: string) => readFileSync(new URL(path, docs), "utf8")
  const measured: Report = JSON.parse(read("comparison/results.json"))

  it("is what `npx pnpm@12 bench:report` writes from the results beside it", () => {
    expect(read("comparison.md")).toBe(markdown(measured))
    expect(read("comparison/index.html")).toBe(page(measured))
  })
})
