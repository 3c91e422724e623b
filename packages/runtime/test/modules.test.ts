/** Which modules entries load: those for programs without Effect load none of it. */
import { execFile } from "node:child_process"
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { parseSync, Visitor } from "oxc-parser"
import { describe, expect, test } from "vitest"

/** The modules that a source loads when it is loaded: types are gone by then, and dynamic imports come later. */
const loads = (path: string): ReadonlyArray<string> => {
  const { program, errors } = parseSync(path, readFileSync(path, "utf8"))
  expect(errors).toEqual([])
  const names: string[] = []
  new Visitor({
    ImportDeclaration: ({ importKind, source }) => void (importKind === "type" || names.push(source.value)),
    ExportNamedDeclaration: ({ exportKind, source }) =>
      void (exportKind === "type" || source === null || names.push(source.value)),
    ExportAllDeclaration: ({ exportKind, source }) => void (exportKind === "type" || names.push(source.value)),
  }).visit(program)
  return names
}

/** How an entry comes to load Effect: each import of it, after the sources that lead there. */
const waysToEffect = (entry: string): ReadonlyArray<string> => {
  const root = new URL("../src/", import.meta.url)
  const seen = new Set<string>()
  const ways: string[] = []
  const visit = (url: URL, way: string): void => {
    if (seen.has(url.href)) return
    seen.add(url.href)
    for (const name of loads(fileURLToPath(url))) {
      if (/^@?effect(\/|$)/.test(name)) ways.push(`${way} > ${name}`)
      else if (name.startsWith(".")) visit(new URL(name, url), `${way} > ${name}`)
    }
  }
  visit(new URL(entry, root), entry)
  // Else it saw nothing of the entry.
  expect(seen.size).toBeGreaterThan(1)
  return ways
}

/** Runs a program on the runtime that runs this test, and gives the lines that it prints. */
const run = (name: string): Promise<ReadonlyArray<string>> => {
  const program = fileURLToPath(new URL(`./fixtures/programs/${name}.ts`, import.meta.url))
  const flags = "Deno" in globalThis ? ["run", "-A", "--node-modules-dir=manual"] : []
  const cwd = fileURLToPath(new URL("..", import.meta.url))
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [...flags, program], { cwd }, (error, stdout, errors) => {
      if (error === null) resolve(stdout.trim().split("\n"))
      else reject(new Error(`${error.message}\n${errors}`))
    })
  })
}

describe("without Effect", () => {
  test.each(["callback.ts", "worker.ts", "internal/worker/thread-entry.ts"])("%s loads no module of it", (entry) => {
    expect(waysToEffect(entry)).toEqual([])
  })

  test("an entry that loads it is found out", () => {
    expect(waysToEffect("index.ts")).toContainEqual(expect.stringMatching(/^index\.ts > .* > effect\/Effect$/))
  })

  test("a program of callbacks loads no module of it, wherever its residents live", async () => {
    expect(await run("callback")).toEqual([
      "worker 42",
      "inline 42",
      "process 42",
      "effect not loaded",
      "effect loaded",
    ])
  })
})
