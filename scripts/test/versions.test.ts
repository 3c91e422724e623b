import { globSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { expect, it } from "vitest"

const root = join(import.meta.dirname, "..", "..")
const read = (path: string): string => readFileSync(join(root, path), "utf8")

/** The dependencies of this repository with their ranges. */
const ranges = new Map<string, string>(
  globSync(["package.json", "{packages,apps}/*/package.json"], { cwd: root }).flatMap((path) => {
    const { dependencies, devDependencies, peerDependencies } = JSON.parse(read(path))
    return Object.entries<string>({ ...peerDependencies, ...devDependencies, ...dependencies })
  }),
)

const named = globSync(["*.{md,txt}", "docs/*.md", "{packages,apps}/*/README.md"], { cwd: root }).flatMap((path) =>
  Array.from(
    read(path).matchAll(/(?<![\w/-])((?:@[\w-]+\/)?[a-z][\w-]*)@\^([\d.]+)/g),
    ([, name = "", version = ""]) => ({
      path,
      name,
      version,
    }),
  ),
)

it("documents name versions of companions", () => {
  const names = new Set(named.map(({ name }) => name))
  for (const name of ["effect", "@effect/platform", "@effect/platform-node", "@effect/platform-bun"])
    expect(names).toContain(name)
})

it.each(named)("$path says $name@^$version, which is tested here", ({ name, version }) => {
  expect(ranges.get(name)).toMatch(new RegExp(`^\\^${version.replaceAll(".", "\\.")}(\\.|$)`))
})
