import { globSync, readFileSync } from "node:fs"
import { join, sep } from "node:path"
import type { Member } from "../boundaries.ts"

const root = join(import.meta.dirname, "..", "..")
const read = (path: string): string => readFileSync(join(root, path), "utf8")
const slashes = (path: string): string => path.split(sep).join("/")

/** Every member of the workspace, with its sources and tests. */
export const members: ReadonlyArray<Member> = globSync("{packages,apps}/*/package.json", { cwd: root }).map(
  (manifest) => {
    const folder = slashes(manifest).replace(/\/package\.json$/, "")
    const files = globSync(`${folder}/*/**/*.ts`, { cwd: root, exclude: ["**/node_modules", "**/dist"] }).map(slashes)
    return {
      folder,
      manifest: JSON.parse(read(manifest)),
      files: files.map((path) => ({ path, text: read(path) })),
    }
  },
)
/** The packages that the root brings for tests. */
export const rootDependencies = Object.keys(JSON.parse(read("package.json")).devDependencies)
