import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, sep } from "node:path"
import { describe, expect, it, onTestFinished } from "vitest"
import { anchors, deadLinks, links, linksIntoRepository } from "../links.ts"

const root = join(import.meta.dirname, "..", "..")
const found = (...patterns: ReadonlyArray<string>): ReadonlyArray<string> =>
  globSync([...patterns], { cwd: root, exclude: ["**/node_modules/**"] })
    .map((path) => path.split(sep).join("/"))
    .sort()

describe("the links of this repository", () => {
  const documents = found("*.{md,txt}", ".github/**/*.md", ".changeset/*.md", "docs/**/*.md", "{packages,apps}/*/*.md")

  it("are looked for in every document", () => {
    expect(documents).toEqual(expect.arrayContaining(["README.md", "llms.txt", "docs/comparison.md"]))
  })

  it.each(documents)("lead somewhere in %s", (path) => {
    expect(deadLinks(root, path)).toEqual([])
  })

  it.each(found("packages/*/{README,CHANGELOG}.md"))("lead somewhere on the package's page from %s", (path) => {
    expect(linksIntoRepository(path, readFileSync(join(root, path), "utf8"))).toEqual([])
  })
})

describe("links", () => {
  const text = [
    "# A `b` title, & [more](x.md)",
    "see [one](a.md) and `[no](b.md)`",
    "```",
    "[no](c.md)",
    "```",
    "[two](#x)",
  ]

  it("are found outside of code, with their lines", () => {
    expect(links(text.join("\n"))).toEqual([
      { line: 1, target: "x.md" },
      { line: 2, target: "a.md" },
      { line: 6, target: "#x" },
    ])
  })

  it("find headings by what GitHub makes of them", () => {
    expect(anchors(text.join("\n"))).toEqual(new Set(["a-b-title--more"]))
  })

  it("are dead without their file or heading", () => {
    const folder = mkdtempSync(join(tmpdir(), "offloop-links-"))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const content = "# Here\n[a](b.md) [c](c.md#there) [d](#here) [e](c.md#in) [f](https://example.org)"
    writeFileSync(join(folder, "a.md"), content)
    writeFileSync(join(folder, "c.md"), "## There")
    expect(deadLinks(folder, "a.md")).toEqual(["a.md:2: b.md: there is no b.md", "a.md:2: c.md#in: c.md has no #in"])
    expect(linksIntoRepository("a.md", "# Here\n[a](b.md) [d](#here) [e](#in)")).toEqual([
      "a.md:2: b.md: a package's page has no files beside it",
      "a.md:2: #in: the page has no such heading",
    ])
  })
})
