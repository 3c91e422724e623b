import { readdirSync } from "node:fs"
import * as Effect from "effect/Effect"
import { describe, expect, it } from "vitest"
import { beginPattern } from "../../src/demo/patterns/begin.ts"
import { connectPattern } from "../../src/demo/patterns/connect.ts"
import { codeOf, shownLines } from "../../src/demo/patterns/pattern.ts"
import { resultsPattern } from "../../src/demo/patterns/results.ts"
import { sessionPattern } from "../../src/demo/patterns/session.ts"

describe("the code that the demo shows", () => {
  it("is what stands between the marks, without its indentation", () => {
    const source = "const a = 1\n  // shown from here\n  first(\n    second,\n  )\n\n  third()\n  // to here\nrest"
    expect(shownLines(source)).toBe("first(\n  second,\n)\n\nthird()")
  })

  it("is the same where lines end as on Windows", () => {
    expect(shownLines("// shown from here\r\nfirst()\r\n// to here\r\n")).toBe("first()")
  })

  it("is missed loudly where there are no marks", () => {
    expect(() => shownLines("const a = 1")).toThrow(/no lines between/)
  })

  it.each([
    ["connect", connectPattern],
    ["begin", beginPattern],
    ["session", sessionPattern],
    ["results", resultsPattern],
  ])("is found in the source of the pattern %s", async (_, pattern) => {
    expect(await Effect.runPromise(codeOf(pattern))).toContain("yield*")
  })

  it("covers every pattern that there is", () => {
    const files = readdirSync(new URL("../../src/demo/patterns/", import.meta.url))
    expect(files.sort()).toEqual(["begin.ts", "connect.ts", "index.ts", "pattern.ts", "results.ts", "session.ts"])
  })
})
