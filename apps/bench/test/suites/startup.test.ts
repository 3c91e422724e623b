import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"

const subjects = new URL("../../src/subjects/sqlite/", import.meta.url)

/** The imports of a source when it is loaded: not types, and not dynamic imports. */
const imported = (source: string): ReadonlyArray<string> =>
  Array.from(source.matchAll(/^import (?!type\b)(?:[^"]*? from )?"([^"]+)"/gm), ([, name]) => name!)

/** The packages that a module of the bench loads, itself or through others of the bench. */
const packagesOf = (url: URL, seen = new Set<string>()): ReadonlySet<string> => {
  const found = new Set<string>()
  if (seen.has(url.href)) return found
  seen.add(url.href)
  for (const name of imported(readFileSync(url, "utf8"))) {
    if (!name.startsWith(".")) found.add(name)
    else for (const one of packagesOf(new URL(name, url), seen)) found.add(one)
  }
  return found
}

const ofSubject = (name: string): ReadonlyArray<string> =>
  [...packagesOf(new URL(`${name}.ts`, subjects))].filter((one) => !one.startsWith("node:")).toSorted()

describe("what a subject loads that is timed from its start", () => {
  it.each(["offloop-promise", "offloop-engine"])("is, for %s, the Promise entry and no Effect", (name) => {
    expect(ofSubject(name)).toEqual(["@offloop/driver-sqlite", "@offloop/orm-async/promise"])
  })

  it("is found out", () => {
    expect(ofSubject("offloop-core")).toEqual([
      "@offloop/driver-sqlite",
      "@offloop/orm-async",
      "effect/Effect",
      "effect/Exit",
      "effect/Scope",
    ])
  })

  it("is, before a subject is chosen, nothing of ours", () => {
    const program = new URL("../../src/suites/startup/program.ts", import.meta.url)
    expect([...packagesOf(program)].filter((one) => !one.startsWith("node:"))).toEqual([])
  })
})
