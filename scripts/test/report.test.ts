import { describe, expect, it } from "vitest"
import { checkOutcome, line, render, testOutcome, total, type VitestReport } from "../report.ts"

const file = (
  name: string,
  status: "passed" | "failed",
  tests: Readonly<Record<string, string>>,
  message = "",
): VitestReport["testResults"][number] => ({
  name,
  status,
  message,
  assertionResults: Object.entries(tests).map(([fullName, status]) => ({
    fullName,
    status,
    failureMessages: status === "failed" ? [`${fullName} is wrong`] : [],
  })),
})

const report = (...testResults: VitestReport["testResults"]): VitestReport => ({ testResults })

describe("testOutcome", () => {
  it("counts what the report lists", () => {
    const outcome = testOutcome(
      "a",
      "node",
      report(file("x", "failed", { one: "passed", two: "failed", three: "skipped", four: "todo", five: "pending" })),
      "exit code 1",
    )
    expect(outcome).toMatchObject({ row: "a", column: "node", passed: 1, failed: 1, skipped: 3 })
    expect(outcome.failures).toEqual([{ title: "x: two", message: "two is wrong" }])
  })

  it("has no failure where tests ran and all was well", () => {
    expect(testOutcome("a", "node", report(file("x", "passed", { one: "passed" })), undefined).failures).toEqual([])
  })

  it("counts a file that did not load as a failure", () => {
    const outcome = testOutcome("a", "node", report(file("x", "failed", {}, "Cannot find module")), "exit code 1")
    expect(outcome).toMatchObject({ passed: 0, failed: 1 })
    expect(outcome.failures).toEqual([{ title: "x", message: "Cannot find module" }])
  })

  it("counts a file whose hook threw as a failure, although its tests only were skipped", () => {
    const outcome = testOutcome("a", "node", report(file("x", "failed", { one: "skipped" })), "exit code 1")
    expect(outcome).toMatchObject({ passed: 0, failed: 1, skipped: 1 })
  })

  it("counts a run that ended with an error as a failure, although every test passed", () => {
    const outcome = testOutcome("a", "node", report(file("x", "passed", { one: "passed" })), "exit code 1")
    expect(outcome).toMatchObject({ passed: 1, failed: 1 })
    expect(outcome.failures).toEqual([{ title: "the run itself", message: "exit code 1" }])
  })

  it.each([
    ["that left no report", undefined],
    ["without tests", report()],
    ["that skipped every test", report(file("x", "passed", { one: "skipped" }))],
  ])("counts a run %s as a failure", (_, none) => {
    expect(testOutcome("a", "node", none, undefined)).toMatchObject({ passed: 0, failed: 1 })
  })
})

describe("render", () => {
  const outcomes = [
    checkOutcome("a", "check", undefined),
    checkOutcome("a", "check", "tsc ended with 2"),
    testOutcome("a", "node", report(file("x", "passed", { one: "passed", two: "skipped" })), undefined),
    testOutcome("long-name", "deno", report(file("y", "failed", { three: "failed" })), "exit code 1"),
  ]

  it("ends with the sum of all rows and columns", () => {
    expect(total(outcomes)).toEqual({ passed: 2, failed: 2, skipped: 1 })
    expect(render(outcomes, ["checks", "node"]).split("\n").at(-1)).toBe("2 passed, 2 failed, 1 skipped")
    expect(line(total([]))).toBe("0 passed, 0 failed, 0 skipped")
  })

  it("lines up a row for each package and a column for each runtime that has any", () => {
    expect(render(outcomes, ["checks", "node", "bun", "deno"]).split("\n").slice(-5, -2)).toEqual([
      "           checks              node                 deno",
      "a          1 failed, 1 passed  1 passed, 1 skipped",
      "long-name                                           1 failed",
    ])
  })

  it("names what failed, with what it said", () => {
    expect(render(outcomes, ["checks", "deno"])).toContain("FAILED a (checks) check\n    tsc ended with 2\n")
    expect(render(outcomes, ["checks", "deno"])).toContain("FAILED long-name (deno) y: three\n    three is wrong\n")
  })

  it("leaves colours and the runner's own frames out of a message, and cuts a long one", () => {
    const message = ["\u001b[31mred\u001b[39m", "    at /p/x.ts:1:1", "    at file:///p/node_modules/vitest/run.js:1:1"]
    const noisy = checkOutcome("a", "check", [...message, ...Array.from({ length: 30 }, (_, i) => `${i}`)].join("\n"))
    const text = render([noisy], ["checks"])
    expect(text).toContain("    red\n        at /p/x.ts:1:1\n    0\n")
    expect(text).not.toContain("node_modules")
    expect(text).toContain("    17\n    … 12 lines more\n")
  })
})
