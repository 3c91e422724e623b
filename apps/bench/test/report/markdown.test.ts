import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { runtimes } from "../../../../scripts/runtimes.ts"
import type { Report, Result, TargetOutcome } from "../../src/model.ts"
import { markdown } from "../../src/report/markdown.ts"
import { page } from "../../src/report/page.ts"
import { suites } from "../../src/suites/index.ts"
import { targets } from "../../src/targets.ts"
import { report, result } from "./sample-report.ts"

/** The most that the page may have and still be read at once. */
const mostLines = 150
const text = markdown(report)

describe("markdown", () => {
  it("has a column for each of the four, wherever it speaks of them", () => {
    const heads = text.split("\n").filter((line) => line.includes("| SQLAlchemy asyncio | the anyio way |"))
    expect(heads.length).toBeGreaterThanOrEqual(7)
    for (const head of heads) expect(head).toContain("| Offloop inline | Offloop worker |")
  })

  it("has a column for each runtime, where ours stands beside the best of the others", () => {
    expect(text).toContain("| hop: 64 in flight | 2 µs: 2× postMessage | 2 µs: 2× postMessage |")
    expect(text).toContain("| sqlite-point: sequential | 12 µs: 3× better-sqlite3 | 12 µs: 3× better-sqlite3 |")
  })

  it("says what was not measured", () => {
    expect(text).toContain("0 of 1 are met. Missed: at least as fast (Node; goal 1, not measured).")
  })

  it("says when, on what and with what it was measured", () => {
    expect(text).toContain("Measured on 2026-11-22: A <fast> & wide one, 2 cores, 8 GiB, Linux; load 0.1 at the start.")
    expect(text).toContain("node 24.0.0, python 3.11.0, sqlalchemy 2.0.54.")
  })

  it("keeps a cell together whose text has a bar in it", () => {
    const results = report.results.map((one) =>
      one.subject === "better-sqlite3"
        ? { ...one, subject: "a|b" }
        : {
            ...one,
            ratios: Object.fromEntries(
              Object.entries(one.ratios).map(([name, ratio]) => [name === "better-sqlite3" ? "a|b" : name, ratio]),
            ),
          },
    )
    expect(markdown({ ...report, results })).toContain("| sqlite-point: sequential | 12 µs: 3× a\\|b |")
  })

  it("fits its page when every comparison is lost and every target missed", () => {
    const behind = (one: Result): Result => ({
      ...one,
      ratios: Object.fromEntries(Object.keys(one.ratios).map((name) => [name, 0.1])),
    })
    const missed = targets.map(
      (target): TargetOutcome => ({
        suite: target.suite,
        case: target.case,
        runtime: target.runtime,
        statement: target.statement,
        goal: target.goal,
        measured: 0,
        met: false,
      }),
    )
    // Every case of every suite, on every runtime, of a usual subject and a peer.
    const everything = runtimes.flatMap((runtime) =>
      suites.flatMap((suite) =>
        suite.cases.flatMap((one) =>
          [...suite.entrants.map(({ name }) => name), "a peer"].map((subject) =>
            result(suite.name, one.name, subject, 1, {
              runtime,
              ratios: Object.fromEntries(suite.entrants.map(({ name }) => [name, 1])),
            }),
          ),
        ),
      ),
    )
    const full = markdown({ ...report, results: everything.map(behind), targets: missed })
    expect(full).toContain("**Where Offloop loses**, in 12 of 12 comparisons:")
    expect(full.split("\n").length - 1).toBeLessThanOrEqual(mostLines)
  })
})

describe("sentences", () => {
  it("say where Offloop loses, with the figures", () => {
    expect(text).toContain("**Where Offloop loses**, in 1 of 3 comparisons:")
    expect(text).toContain("Offloop worker is 1.41 times as slow as the anyio way (120 µs against 85 µs)")
    expect(page(report)).toContain("Where Offloop loses: ")
  })

  it("say where it does not", () => {
    expect(page(report)).toContain("Offloop worker is 22 times as fast as SQLAlchemy asyncio (15 µs against 330 µs)")
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

describe("what `npx pnpm@12 bench:report` writes", () => {
  const read = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8")

  it("is, from a report that is made up, the same to the byte on every runtime", () => {
    expect(text).toBe(read("comparison.md"))
  })

  it("is what docs show: their words are those that the program writes, and only figures differ", () => {
    const docs = read("../../../../docs/comparison.md")
    expect(docs.split("\n").length - 1).toBeLessThanOrEqual(mostLines)
    const isWords = (line: string) =>
      line.startsWith("#") || (/^\| {1,2}\w/.test(line) && !/\| ([\d.,]+[ ×]|not measured|Node|Bun)/.test(line))
    const words = (markdown: string) => markdown.split("\n").filter(isWords)
    expect(words(text).length).toBeGreaterThan(30)
    expect(words(docs)).toEqual(words(text))
  })
})
