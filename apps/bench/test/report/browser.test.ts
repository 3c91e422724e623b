import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { page } from "../../src/report/page.ts"
import type { Look } from "./browser/model.ts"
import { runProgram } from "./program.ts"
import { report, titles } from "./sample-report.ts"

const lookAt = async (html: string): Promise<Look | { readonly missing: string }> => {
  const pictures = process.env.OFFLOOP_SCREENSHOTS
  const { code, printed, errors } = await runProgram(
    "node",
    new URL("./browser/look.ts", import.meta.url),
    ["index.html", ...(pictures === undefined ? [] : [pictures])],
    (folder) => writeFileSync(join(folder, "index.html"), html),
  )
  if (code !== 0) throw new Error(errors)
  return JSON.parse(printed)
}

// Before the tests are known, because a machine that has no browser, and can install none, counts them as skipped.
const looked = await lookAt(page(report))
if ("missing" in looked) console.warn(looked.missing)

describe.skipIf("missing" in looked)("the comparison page in a browser", () => {
  const look = looked as Look

  it("shows every heading", () => {
    expect(look.headings).toEqual(titles)
  })

  it("draws every chart, and names it for who cannot see it", () => {
    expect(look.charts.length).toBeGreaterThan(20)
    for (const chart of look.charts) {
      expect(chart.name.length, chart.name).toBeGreaterThan(20)
      expect(chart.width, chart.name).toBeGreaterThan(300)
      expect(chart.height, chart.name).toBeGreaterThan(50)
      expect(chart.marks, chart.name).toBeGreaterThan(0)
    }
    const names = look.charts.map((chart) => chart.name)
    for (const shown of ["throughput against concurrency", "time against rows", "loop-delay", "an idle worker"])
      expect(names.some((name) => name.includes(shown))).toBe(true)
  })

  it("is dark on light, or light on dark, as the reader's system is", () => {
    expect(look.light.paper - look.light.text).toBeGreaterThan(150)
    expect(look.light.paper - look.light.mark).toBeGreaterThan(60)
    expect(look.dark.text - look.dark.paper).toBeGreaterThan(150)
    expect(look.dark.mark - look.dark.paper).toBeGreaterThan(60)
  })

  it("is reached everywhere by the keyboard, which is seen and named where it is", () => {
    const { expected, reached } = look.keyboard
    expect(expected).toBeGreaterThan(50)
    expect(reached[0]!.name).toBe("Skip to the content")
    for (const one of reached)
      expect(one, JSON.stringify(one)).toMatchObject({ outlined: true, name: expect.stringMatching(/./) })
    expect(reached.filter((one) => one.element === "body")).toEqual([])
    expect(look.afterSkip).toBe(true)
    expect(look.opened).toBe(true)
  })

  it("fits a telephone, with charts that can be read", () => {
    expect(look.narrow.width).toBeLessThanOrEqual(360)
    expect(look.narrow.textHeight).toBeGreaterThan(9)
  })

  it("loads nothing but itself, and has nothing to complain of", () => {
    expect(look.problems).toEqual([])
    expect(new Set(look.requests).size).toBe(1)
  })
})
