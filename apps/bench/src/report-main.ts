/**
 * `npx pnpm@12 bench:report [FILE]`: writes docs/comparison.md, and apps/bench/results/index.html with all figures, from a
 * report of the bench, which is apps/bench/results/results.json where none is named. The folder is not in the repository.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import type { Report } from "./model.ts"
import { markdown } from "./report/markdown.ts"
import { page } from "./report/page.ts"

const summary = new URL("../../../docs/comparison.md", import.meta.url)
const folder = new URL("../results/", import.meta.url)
const usual = fileURLToPath(new URL("results.json", folder))

/** The fault of a file as a report, if it has one. */
const problemOf = (value: unknown): string | undefined => {
  if (typeof value !== "object" || value === null) return "it is not an object"
  const missing = ["machine", "versions", "date", "results", "leftOut", "targets"].find((name) => !(name in value))
  if (missing !== undefined) return `it has no "${missing}"`
  const { results } = value as Report
  return Array.isArray(results) && results.length > 0 ? undefined : "it has no results"
}

const read = (path: string): Report | string => {
  try {
    const value: unknown = JSON.parse(readFileSync(path, "utf8"))
    return problemOf(value) ?? (value as Report)
  } catch (cause) {
    return cause instanceof Error ? cause.message : String(cause)
  }
}

const [file = usual, ...rest] = process.argv.slice(2)
const report = rest.length > 0 || file.startsWith("-") ? "one file is needed, and no options" : read(file)
if (typeof report === "string") {
  console.error(`${file} is no report of the bench: ${report}. Make one with: npx pnpm@12 bench --json ${usual}`)
  process.exitCode = 2
} else {
  mkdirSync(folder, { recursive: true })
  writeFileSync(new URL("index.html", folder), page(report))
  writeFileSync(summary, markdown(report))
  console.log("Wrote docs/comparison.md and apps/bench/results/index.html")
}
