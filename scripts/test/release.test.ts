import { spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, it, onTestFinished } from "vitest"
import { problemsOf, release, releaseProblems } from "../release.ts"
import { launch } from "../runtimes.ts"

const complete = {
  name: "@example/a",
  description: "What it is",
  license: "MIT",
  keywords: ["a"],
  repository: { type: "git", url: "git+https://example.org/a.git" },
  homepage: "https://example.org/a",
  bugs: { url: "https://example.org/a/issues" },
}

/** A repository with packages and changesets. */
const repository = (manifests: Readonly<Record<string, object>>, changesets: ReadonlyArray<string> = []): string => {
  const root = mkdtempSync(join(tmpdir(), "offloop-release-"))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  for (const [folder, manifest] of Object.entries(manifests)) {
    mkdirSync(join(root, "packages", folder), { recursive: true })
    writeFileSync(join(root, "packages", folder, "package.json"), JSON.stringify(manifest))
  }
  mkdirSync(join(root, ".changeset"))
  for (const name of ["README.md", ...changesets]) writeFileSync(join(root, ".changeset", name), "")
  return root
}

it.each(["repository", "homepage", "bugs", "keywords", "description", "license"])("misses %s", (name) => {
  expect(problemsOf(complete)).toEqual([])
  expect(problemsOf({ ...complete, [name]: undefined })).toEqual([`@example/a: "${name}" is missing`])
})

it("takes an address for missing that is none", () => {
  for (const homepage of ["", "soon", {}, null])
    expect(problemsOf({ ...complete, homepage })).toEqual(['@example/a: "homepage" is missing'])
})

it("builds and publishes when all is there, also beside a private package", () => {
  const commands: Array<string> = []
  release(repository({ a: complete, b: { private: true } }), (command) => commands.push(command))
  expect(commands).toEqual(["build", "changeset publish"])
})

it("does nothing when something is missing, and says all of it", () => {
  const root = repository({ a: complete, b: { ...complete, name: "@example/b", bugs: "" } }, ["first.md"])
  const commands: Array<string> = []
  expect(() => release(root, (command) => commands.push(command))).toThrow(
    [
      "Nothing was published.",
      '- @example/b: "bugs" is missing',
      "- .changeset/first.md is no version yet: run `npx pnpm@12 changeset version`",
    ].join("\n"),
  )
  expect(commands).toEqual([])
})

it("publishes nothing when the build fails", () => {
  const commands: Array<string> = []
  const failing = (command: string) => {
    commands.push(command)
    throw new Error("the build failed")
  }
  expect(() => release(repository({ a: complete }), failing)).toThrow("the build failed")
  expect(commands).toEqual(["build"])
})

it("is asked before a package of this repository is published", () => {
  const root = join(import.meta.dirname, "..", "..")
  const { executable, args } = launch("node")
  const { status, stderr } = spawnSync(executable, [...args, join(root, "scripts", "release.ts"), "--check"], {
    encoding: "utf8",
  })
  const problems = releaseProblems(root)
  expect(status).toBe(problems.length === 0 ? 0 : 1)
  for (const problem of problems) expect(stderr).toContain(problem)
})
