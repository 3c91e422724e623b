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

  const sources = (): ReadonlyArray<string> => files.filter((path) => path.startsWith("src/"))
  const built = (): ReadonlyArray<string> => files.filter((path) => path.startsWith("dist/") && path.endsWith(".js"))

  /** Built files that hold code of sources: not the bundler's own helpers, and not those which only export what others have. */
  const withCode = (): ReadonlyArray<string> =>
    built().filter(
      (path) =>
        path !== "dist/rolldown-runtime.js" &&
        !text(path)
          .split("\n")
          .every((line) => /^((import|export) \{.*}( from ".*")?;?)?$/.test(line)),
    )

  /** The sources whose code is in a built file. */
  const sourcesOf = (path: string): ReadonlyArray<string> => {
    const { sources: named } = JSON.parse(text(`${path}.map`)) as { readonly sources: ReadonlyArray<string> }
    return named.map((source) => source.replace(/^\.\.\//, ""))
  }

  it("has types for every source, few files of code with source maps, and nothing that only development needs", () => {
    expect(sources()).toContain("src/index.ts")
    const types = sources()
      .map((path) => path.replace(/^src\//, "dist/").replace(/\.ts$/, ""))
      .flatMap((path) => [`${path}.d.ts`, `${path}.d.ts.map`])
    const code = [...built(), ...withCode().map((path) => `${path}.map`)]
    const rest = ["CHANGELOG.md", "LICENSE", "README.md", "package.json"]
    expect([...files].sort()).toEqual([...code, ...types, ...sources(), ...rest].sort())
    const entries = Object.values(manifest.exports).filter((entry) => entry !== null)
    expect(built().length).toBeLessThanOrEqual(4 * entries.length)
  })

  it("has the code of each source once, so that a class is the same for every entry point", () => {
    const all = withCode().flatMap(sourcesOf)
    expect(all.filter((source, index) => all.indexOf(source) !== index)).toEqual([])
    expect(all.filter((source) => !files.includes(source))).toEqual([])
  })

  it("has the files that its code loads by URL, beside the code", () => {
    const named = sources().flatMap((path) =>
      [...text(path).matchAll(/new URL\(`\.\/([\w-]+)\$\{extension\}`/g)].map(([, name]) => `dist/${name}.js`),
    )
    expect(named.length).toBeGreaterThan(0)
    expect(named.filter((path) => !files.includes(path))).toEqual([])
    expect(built().filter((path) => path.split("/").length !== 2)).toEqual([])
  })

  it("has no file that loads one which does something when it is loaded", () => {
    const acting = folder.startsWith("driver-") ? ["index"] : ["thread-entry", "process-entry"]
    const loads = built().flatMap((path) =>
      [...text(path).matchAll(/^(?:import|export)\b.*"\.\/([\w-]+)\.js";?$/gm)].map(([, name]) => `${path} ${name}`),
    )
    expect(loads.length).toBeGreaterThan(0)
    expect(loads.filter((load) => acting.includes(load.split(" ")[1]!))).toEqual([])
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
