/**
 * Builds the package in the current folder into `dist`: few files of JavaScript with source maps, and the declarations.
 *
 *     node ../../scripts/build.ts [entry points and files below src, lightest first]
 *
 * Every entry point of the package's `exports`, and every file that is named because it is loaded by its URL or when it is
 * needed, becomes a file of its own in `dist`. Code that several of these use is in files that they share, so that no class is
 * there twice: each module is with what the first of them loads, so that none loads what only heavier ones need. All stand
 * in one folder: code finds a file by `new URL("./its-name.js", import.meta.url)`, wherever the build has put that code.
 */
import { spawnSync } from "node:child_process"
import { readFileSync, rmSync } from "node:fs"
import { createRequire } from "node:module"
import { basename, dirname, join, resolve } from "node:path"
import { build, type ChunkingContext } from "rolldown"

const { exports } = JSON.parse(readFileSync("package.json", "utf8")) as {
  readonly exports: Readonly<Record<string, string | null>>
}
const order = process.argv.slice(2)
const nameOf = (source: string): string => basename(source, ".ts")

const entries = Object.values(exports).filter((source) => source !== null)
const ordered = order.map(
  (name) => (name.endsWith(".ts") ? `./src/${name}` : entries.find((source) => nameOf(source) === name)) ?? name,
)
/** The sources that become a file of their own, lightest first. */
const roots = [...ordered, ...entries.filter((source) => !ordered.includes(source))]

const input = Object.fromEntries(roots.map((source) => [nameOf(source), source]))
if (Object.keys(input).length !== roots.length) {
  throw new Error(`Two of these would be one file in dist: ${roots.join(", ")}. Rename one.`)
}

/** All modules that load a module when they are loaded themselves, and the module. */
const loadersOf = (id: string, context: ChunkingContext): ReadonlySet<string> => {
  const found = new Set([id])
  for (const one of found) for (const importer of context.getModuleInfo(one)?.importers ?? []) found.add(importer)
  return found
}

const firsts = new Map<string, string | undefined>()

/** The first of the files that load a module; undefined where no other does. */
const firstOf = (id: string, context: ChunkingContext): string | undefined => {
  if (!firsts.has(id)) {
    const loaders = loadersOf(id, context)
    const [first, second] = roots.filter((source) => loaders.has(resolve(source)))
    firsts.set(id, second === undefined ? undefined : first)
  }
  return firsts.get(id)
}

rmSync("dist", { recursive: true, force: true })

const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin", "tsc")
const { status, error } = spawnSync(process.execPath, [tsc, "-p", "tsconfig.build.json"], { stdio: "inherit" })
if (error !== undefined) throw error
if (status !== 0) process.exit(status ?? 1)

await build({
  input,
  platform: "node",
  // Imports of packages stay imports.
  external: /^[^./]/,
  tsconfig: false,
  preserveEntrySignatures: "strict",
  output: {
    dir: "dist",
    format: "esm",
    sourcemap: true,
    minify: false,
    // A class that had to be renamed in a file still says its name.
    keepNames: true,
    entryFileNames: "[name].js",
    chunkFileNames: "[name].js",
    comments: { legal: true, annotation: true, jsdoc: false },
    // A group takes what its modules load as well, so that those which come first must have taken it.
    codeSplitting: {
      groups: roots.map((root, index) => ({
        name: (id: string, context: ChunkingContext) =>
          firstOf(id, context) === root ? `${nameOf(root)}-shared` : null,
        debugName: root,
        priority: roots.length - index,
      })),
    },
  },
})
