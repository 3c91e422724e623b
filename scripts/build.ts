/**
 * Builds the package in the current folder into `dist`: few files of JavaScript with source maps, and the declarations.
 *
 *     node ../../scripts/build.ts [files that threads and processes start with or load by URL, below src]
 *
 * Every entry point of the package's `exports`, and every file that is named, becomes a file of its own in `dist`. What
 * several of them use is in files that they share, so that no class is there twice. All stand in one folder: code finds a
 * file by `new URL("./its-name.js", import.meta.url)`, wherever the build has put that code.
 */
import { spawnSync } from "node:child_process"
import { readFileSync, rmSync } from "node:fs"
import { createRequire } from "node:module"
import { basename, dirname, join } from "node:path"
import { build } from "rolldown"

interface Manifest {
  readonly exports: Readonly<Record<string, string | null>>
}

const { exports } = JSON.parse(readFileSync("package.json", "utf8")) as Manifest
const sources = [
  ...Object.values(exports).filter((source) => source !== null),
  ...process.argv.slice(2).map((file) => `./src/${file}`),
]
const nameOf = (source: string): string => basename(source, ".ts")
const input = Object.fromEntries(sources.map((source) => [nameOf(source), source]))
if (Object.keys(input).length !== sources.length) {
  throw new Error(`Two of these would be one file in dist: ${sources.join(", ")}. Rename one.`)
}

rmSync("dist", { recursive: true, force: true })

const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin", "tsc")
const { status, error } = spawnSync(process.execPath, [tsc, "-p", "tsconfig.build.json"], { stdio: "inherit" })
if (error !== undefined) throw error
if (status !== 0) process.exit(status ?? 1)

await build({
  input,
  platform: "node",
  // Everything that is named by a package's name stays an import.
  external: (id) => !id.startsWith(".") && !id.startsWith("/"),
  tsconfig: false,
  // A file that threads start with does something when it is loaded, and so may an entry point: nothing else may load it.
  preserveEntrySignatures: "strict",
  output: {
    dir: "dist",
    format: "esm",
    sourcemap: true,
    minify: false,
    keepNames: true,
    entryFileNames: "[name].js",
    chunkFileNames: "[name]-[hash].js",
    comments: { legal: true, annotation: true, jsdoc: false },
  },
})
