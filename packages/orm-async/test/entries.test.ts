/** The modules that entries load: an entry for programs without Effect loads none of it. */
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { parseSync, Visitor } from "oxc-parser"
import { describe, expect, test } from "vitest"

/** The modules that a source loads when it is loaded: types are gone by then, and dynamic imports come later. */
const loads = (path: string): ReadonlyArray<string> => {
  const { program, errors } = parseSync(path, readFileSync(path, "utf8"))
  expect(errors).toEqual([])
  const names: Array<string> = []
  new Visitor({
    ImportDeclaration: ({ importKind, source }) => void (importKind === "type" || names.push(source.value)),
    ExportNamedDeclaration: ({ exportKind, source }) =>
      void (exportKind === "type" || source === null || names.push(source.value)),
    ExportAllDeclaration: ({ exportKind, source }) => void (exportKind === "type" || names.push(source.value)),
  }).visit(program)
  return names
}

const source = new URL("../src/", import.meta.url)
const runtime = new URL("../../runtime/", import.meta.url)
const { exports: runtimeEntries } = JSON.parse(readFileSync(new URL("package.json", runtime), "utf8")) as {
  readonly exports: Readonly<Record<string, string>>
}

/** The source that a module of this workspace names, if it is one. */
const sourceOf = (name: string, from: URL): URL | undefined => {
  if (name.startsWith(".")) return new URL(name, from)
  const entry = /^@offloop\/runtime(.*)$/.exec(name)?.[1]
  return entry === undefined ? undefined : new URL(runtimeEntries[`.${entry}`] as string, runtime)
}

const effect = /^@?effect(\/|$)/
const threads = /^node:(worker_threads|child_process)$/

/** The imports by which an entry loads modules of certain names, each after the sources that lead to it. */
const waysTo = (names: RegExp, entry: string): ReadonlyArray<string> => {
  const seen = new Set<string>()
  const ways: Array<string> = []
  const visit = (url: URL, way: string): void => {
    if (seen.has(url.href)) return
    seen.add(url.href)
    for (const name of loads(fileURLToPath(url))) {
      const next = sourceOf(name, url)
      if (names.test(name)) ways.push(`${way} > ${name}`)
      else if (next !== undefined) visit(next, `${way} > ${name}`)
    }
  }
  visit(new URL(entry, source), entry)
  // Fewer sources would mean that the entry was not read.
  expect(seen.size).toBeGreaterThan(30)
  return ways
}

describe("without Effect", () => {
  test.each(["promise.ts", "sync.ts", "driver.ts"])("%s loads no module of it", (entry) => {
    expect(waysTo(effect, entry)).toEqual([])
  })

  test("an entry that loads it is found out", () => {
    expect(waysTo(effect, "index.ts")).toContainEqual(expect.stringMatching(/^index\.ts > .* > effect\/Effect$/))
  })
})

describe("without sessions", () => {
  test("promise.ts loads nothing that they are made of, nor the sync style, before a program needs one", () => {
    expect(waysTo(/\/(session-core|session-state|sync-connection|sync-session)\.ts$/, "promise.ts")).toEqual([])
  })

  test("an entry that does is found out", () => {
    expect(waysTo(/\/session-core\.ts$/, "sync.ts")).not.toEqual([])
  })
})

describe("without threads", () => {
  test.each(["promise.ts", "sync.ts", "driver.ts"])("%s loads nothing that starts one", (entry) => {
    expect(waysTo(threads, entry)).toEqual([])
  })

  test("an entry that does is found out", () => {
    expect(waysTo(threads, "index.ts")).toContainEqual(expect.stringMatching(/^index\.ts > .* > node:worker_threads$/))
  })
})
