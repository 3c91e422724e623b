/**
 * Builds and publishes the packages, when everything that their pages in a registry need is there.
 *
 *     npx pnpm@12 release [--check]
 *
 * With `--check` it only says what is missing; each package asks that before `pnpm publish`.
 */
import { spawnSync } from "node:child_process"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { pathToFileURL } from "node:url"

type Manifest = Readonly<Record<string, unknown>>

const isText = (value: unknown): value is string => typeof value === "string" && value.trim() !== ""

const isAddress = (value: unknown): boolean => {
  const address = isText(value) ? value : (value as { readonly url?: unknown } | null | undefined)?.url
  return isText(address) && URL.canParse(address.replace(/^git\+/, ""))
}

/** The fields that a package's page in a registry needs and its manifest lacks, in words. */
export const problemsOf = (manifest: Manifest): ReadonlyArray<string> => {
  const needed: Readonly<Record<string, boolean>> = {
    description: isText(manifest.description),
    license: isText(manifest.license),
    keywords: Array.isArray(manifest.keywords) && manifest.keywords.length > 0,
    repository: isAddress(manifest.repository),
    homepage: isAddress(manifest.homepage),
    bugs: isAddress(manifest.bugs),
  }
  return Object.entries(needed).flatMap(([name, there]) => (there ? [] : [`${manifest.name}: "${name}" is missing`]))
}

const manifestsOf = (root: string): ReadonlyArray<Manifest> =>
  readdirSync(join(root, "packages"))
    .sort()
    .map((folder) => JSON.parse(readFileSync(join(root, "packages", folder, "package.json"), "utf8")))
    .filter((manifest) => manifest.private !== true)

/** Changesets that no `changeset version` has turned into versions. */
const waiting = (root: string): ReadonlyArray<string> =>
  readdirSync(join(root, ".changeset")).filter((name) => name.endsWith(".md") && name !== "README.md")

/** Everything that stands against a release of what is in `root`. */
export const releaseProblems = (root: string): ReadonlyArray<string> => [
  ...manifestsOf(root).flatMap(problemsOf),
  ...waiting(root).map((name) => `.changeset/${name} is no version yet: run \`npx pnpm@12 changeset version\``),
]

/** @param run runs a command of pnpm's in `root`, and fails when that does. */
export const release = (root: string, run: (command: string) => void): void => {
  const problems = releaseProblems(root)
  if (problems.length > 0) throw new Error(`Nothing was published.\n${problems.map((one) => `- ${one}`).join("\n")}`)
  run("build")
  run("changeset publish")
}

const main = (root: string, onlyCheck: boolean): void => {
  release(root, (command) => {
    if (onlyCheck) return
    const pnpm = process.env.npm_execpath ?? "pnpm"
    const { status, error } = spawnSync(pnpm, command.split(" "), { cwd: root, stdio: "inherit" })
    if (error !== undefined) throw error
    if (status !== 0) throw new Error(`pnpm ${command} ended with ${status}.`)
  })
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    main(join(import.meta.dirname, ".."), process.argv.includes("--check"))
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    process.exitCode = 1
  }
}
