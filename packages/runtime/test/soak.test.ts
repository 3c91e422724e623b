/** A short run of `npx pnpm@12 soak`, and that it finds what is lost. */
import { execFile } from "node:child_process"
import { fileURLToPath } from "node:url"
import { expect, test } from "vitest"
import type { SoakReport } from "./soak/soak.ts"

const soak = (...args: ReadonlyArray<string>): Promise<{ code: unknown; report: SoakReport }> => {
  const program = fileURLToPath(new URL("./soak/main.ts", import.meta.url))
  const flags = "Deno" in globalThis ? ["run", "-A", "--node-modules-dir=manual"] : [...process.execArgv]
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [...flags, program, ...args], { timeout: 55_000 }, (error, stdout, stderr) => {
      const line = stdout.trim().split("\n").at(-1) ?? ""
      if (!line.startsWith("{")) reject(new Error(`no report: ${stderr}`, { cause: error }))
      else resolve({ code: error === null ? 0 : error.code, report: JSON.parse(line) })
    })
  })
}

test("after random calls, streams, interruptions and crashes nothing is left", async () => {
  const { code, report } = await soak("--seconds", "3")
  expect(report.faults, `seed ${report.seed}`).toEqual([])
  expect(code).toBe(0)
  expect(report.operations).toBeGreaterThan(0)
  expect(report.started).toBeGreaterThan(0)
})

test.each([
  ["token", /^tokens: 1 were not returned/],
  ["thread", /^threads: 1 of \d+ that were started have not ended/],
] as const)("a lost %s is found", async (what, fault) => {
  const { code, report } = await soak("--seconds", "1", "--seed", "1", "--lose", what)
  expect(report.faults).toContainEqual(expect.stringMatching(fault))
  expect(code).toBe(1)
})
