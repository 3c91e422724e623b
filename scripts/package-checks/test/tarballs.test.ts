import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core"
import { publint } from "publint"
import { formatMessage } from "publint/utils"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { folders, pack, root, type Tarball } from "../tarball.ts"

interface Manifest {
  readonly version: string
  readonly license: string
  readonly exports: Readonly<Record<string, null | { readonly types: string; readonly default: string }>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
}

describe.each(folders)("the tarball of %s", (folder) => {
  let destination: string
  let tarball: Tarball
  let files: ReadonlyArray<string>
  let manifest: Manifest
  let text: (path: string) => string

  beforeAll(() => {
    destination = mkdtempSync(join(tmpdir(), "offloop-tarballs-"))
    tarball = pack(folder, destination)
    const content = createPackageFromTarballData(tarball.data)
    const prefix = `/node_modules/${tarball.name}/`
    files = content.listFiles().map((path) => path.slice(prefix.length))
    text = (path) => content.readFile(`${prefix}${path}`)
    manifest = JSON.parse(text("package.json"))
  })

  afterAll(() => rmSync(destination, { recursive: true, force: true }))

  it("has nothing that publint would say a word about", async () => {
    const { messages, pkg } = await publint({
      pack: { tarball: tarball.data.buffer },
      strict: true,
      level: "suggestion",
    })
    expect(messages.map((message) => formatMessage(message, pkg, { color: false }))).toEqual([])
  })

  it("has types that resolve for every entry point, for ESM and for bundlers", async () => {
    const analysis = await checkPackage(createPackageFromTarballData(tarball.data))
    if (analysis.types === false) throw new Error(`${tarball.name} has no types.`)
    // It is an ESM package: `require` from CommonJS and the resolution of Node 10 are not offered.
    const offered = analysis.problems.filter(
      (problem) => !("resolutionKind" in problem && ["node10", "node16-cjs"].includes(problem.resolutionKind)),
    )
    expect(offered).toEqual([])
  })

  it("says what it is, under which license, and what changed", () => {
    expect(files).toEqual(expect.arrayContaining(["LICENSE", "README.md", "CHANGELOG.md"]))
    expect(manifest.license).toBe("MIT")
    expect(text("LICENSE")).toBe(readFileSync(join(root, "LICENSE"), "utf8"))
  })

  it("has code, types and source maps for every source, and nothing that only development needs", () => {
    const sources = files.filter((path) => path.startsWith("src/"))
    expect(sources).toContain("src/index.ts")
    const built = sources
      .map((path) => path.replace(/^src\//, "dist/").replace(/\.ts$/, ""))
      .flatMap((path) => [`${path}.js`, `${path}.js.map`, `${path}.d.ts`, `${path}.d.ts.map`])
    const rest = ["CHANGELOG.md", "LICENSE", "README.md", "package.json"]
    expect([...files].sort()).toEqual([...built, ...sources, ...rest].sort())
  })

  it("exports from its build what it exports from its sources in the workspace", () => {
    const inWorkspace: Readonly<Record<string, string | null>> = JSON.parse(
      readFileSync(join(root, "packages", folder, "package.json"), "utf8"),
    ).exports
    const expected = Object.entries(inWorkspace).map(([name, source]) => {
      const path = source?.replace(/^\.\/src\//, "./dist/").replace(/\.ts$/, "")
      return [name, path === undefined ? null : { types: `${path}.d.ts`, default: `${path}.js` }]
    })
    expect(manifest.exports).toEqual(Object.fromEntries(expected))
    expect(manifest.exports).toHaveProperty(["./internal/*"], null)
  })

  it("depends on published versions, and on the one copy of effect that the program has", () => {
    const versions = Object.values({ ...manifest.dependencies, ...manifest.peerDependencies })
    expect(versions.filter((version) => !/^(\^|~|>=)?\d/.test(version))).toEqual([])
    expect(manifest.peerDependencies).toHaveProperty("effect")
    expect(manifest.dependencies ?? {}).not.toHaveProperty("effect")
  })
})
