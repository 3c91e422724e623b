import { readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"

const root = join(import.meta.dirname, "..", "..")
const read = (...path: ReadonlyArray<string>): string => readFileSync(join(root, ...path), "utf8")

/** A row: the test of anyio, and the test here that holds the same, with its file, or why there is none. */
const rows = [
  ...read("docs", "from-anyio.md").matchAll(/^\| `([\w.]*test_\w+)` \| (.+?) \| (?:`([\w.-]+)`)? ?\|$/gm),
].map(([, theirs = "", ours = "", file]) => ({ theirs, ours, file }))

describe("the table of anyio's tests", () => {
  it("has a row for each of them", () => {
    expect(rows).toHaveLength(108)
    expect(new Set(rows.map(({ theirs, ours }) => `${theirs} ${ours}`)).size).toBeGreaterThan(100)
  })

  it.each(rows)("names a test that exists, or says why there is none: $theirs", ({ ours, file }) => {
    if (file === undefined) expect(ours).toMatch(/^none: ./)
    else expect(read("packages", "runtime", "test", file)).toContain(ours)
  })
})
