import { mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { parse } from "../src/cli.ts"
import { differenceBetween } from "../src/measure/answer.ts"
import type { Runtime } from "../src/model.ts"
import { type Run, run } from "../src/run.ts"
import { suites } from "../src/suites/index.ts"

const runtime: Runtime = "Bun" in globalThis ? "bun" : "Deno" in globalThis ? "deno" : "node"

let parent: string
beforeAll(() => {
  parent = mkdtempSync(join(tmpdir(), "offloop-bench-test-"))
})
afterAll(() => rmSync(parent, { recursive: true }))

const quick = async (suite: string, subjects: string): Promise<Run & { readonly printed: string }> => {
  const command = parse([suite, "--quick", "--runtime", runtime, "--subjects", subjects], suites)
  if (command.do !== "run") throw new Error(JSON.stringify(command))
  const printed: Array<string> = []
  const result = await run(command.options, (text) => printed.push(text), new AbortController().signal, parent)
  return { ...result, printed: printed.join("\n") }
}

describe("a quick run", () => {
  it("measures every case of the subjects that are asked for, and says why one is left out", async () => {
    const { report, failed, printed } = await quick("hop", "postMessage,shared memory,offloop resident callbacks")
    expect(failed).toBe(false)
    const bytesOnly = { suite: "hop", runtime, subject: "shared memory", reason: "it carries bytes only" }
    const stream = "stream of 100,000 items"
    const noStream = "a resident's stream is read as a Stream alone: see offloop resident"
    expect(report.leftOut).toEqual([
      { ...bytesOnly, case: "1,000 rows" },
      { suite: "hop", runtime, subject: "offloop resident callbacks", case: stream, reason: noStream },
      { ...bytesOnly, case: stream },
    ])
    const measured = report.results.map((result) => `${result.case}: ${result.subject}`)
    expect(new Set(measured)).toEqual(
      new Set(
        suites[0]!.cases.flatMap(({ name }) =>
          ["postMessage", "shared memory", "offloop resident callbacks"]
            .filter((subject) => !report.leftOut.some((one) => one.subject === subject && one.case === name))
            .map((subject) => `${name}: ${subject}`),
        ),
      ),
    )
    for (const result of report.results) {
      expect(result.min).toBeGreaterThan(0)
      expect(result.median).toBeGreaterThanOrEqual(result.min)
      expect(result.max).toBeGreaterThanOrEqual(result.p99)
      expect(result.perRound).toHaveLength(result.rounds)
      const others = report.results.filter((other) => other.case === result.case && other !== result)
      const compared = result.subject.startsWith("offloop") ? others.map((other) => other.subject) : []
      expect(Object.keys(result.ratios).toSorted()).toEqual(compared.toSorted())
    }
    expect(report.versions[runtime]).toMatch(/^\d+\.\d+/)
    expect(report.quick).toBe(true)
    expect(printed).toContain("hop: sequential")
    expect(printed).toContain("left out of hop, 1,000 rows")
    // The report survives being written and read.
    expect(differenceBetween(report, JSON.parse(JSON.stringify(report)))).toBeUndefined()
  })

  it("reads and writes a real file, and counts what was written", async () => {
    const { report } = await quick("sqlite-write", "node:sqlite")
    expect(report.leftOut).toEqual([])
    expect(report.results.map((result) => result.case)).toEqual(
      suites.find((suite) => suite.name === "sqlite-write")!.cases.map((one) => one.name),
    )
    expect(readdirSync(parent)).toEqual([])
  })
})

describe("a run that is ended", () => {
  it("ends its processes and removes its files", async () => {
    const ending = new AbortController()
    const command = parse(["hop", "--runtime", runtime, "--subjects", "postMessage,shared memory"], suites)
    if (command.do !== "run") throw new Error("does not run")
    const ended = run(
      command.options,
      // The first table is printed in the middle of the run.
      () => ending.abort(new Error("Ended by SIGINT")),
      ending.signal,
      parent,
    )
    await expect(ended).rejects.toThrow("Ended by SIGINT")
    expect(readdirSync(parent)).toEqual([])
  })
})
