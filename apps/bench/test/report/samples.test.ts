import { describe, expect, it } from "vitest"
import type { Runtime } from "../../../../scripts/runtimes.ts"
import { sampleNames, samples, sampleUrl } from "../../src/report/prose/samples.ts"
import { runProgram } from "./program.ts"

const runtime: Runtime = "Bun" in globalThis ? "bun" : "Deno" in globalThis ? "deno" : "node"

describe("the programs of the comparison", () => {
  for (const name of sampleNames)
    it(`${name} prints what it is said to print, and ends by itself`, async () => {
      const { code, errors, printed, files } = await runProgram(runtime, sampleUrl(name, "offloop.ts"))
      expect({ code, lines: printed.trim().split("\n") }, errors).toEqual({ code: 0, lines: samples[name].prints })
      expect(files).toEqual(["app.db"])
    })
})
