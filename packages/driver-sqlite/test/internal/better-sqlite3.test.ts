import { cpSync, mkdirSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import { describe, expect, it } from "vitest"
import { loadBetterSqlite3, lowestNode, refusalToLoad } from "../../src/internal/better-sqlite3.ts"
import { classifyFailure } from "../../src/internal/sqlite-failure.ts"
import { temporaryFolder } from "../temporary-folder.ts"

const folder = temporaryFolder()
const sources = fileURLToPath(new URL("../../src/internal", import.meta.url))
const packageFolder = (name: string): string => dirname(createRequire(import.meta.url).resolve(`${name}/package.json`))

/** The driver's sources, installed beside an incomplete better-sqlite3. */
const installWith = async (name: string, library: "without its binary" | "without its code") => {
  const modules = join(folder, name, "node_modules")
  cpSync(sources, join(folder, name, "internal"), { recursive: true })
  mkdirSync(modules, { recursive: true })
  const installed = packageFolder("better-sqlite3")
  for (const part of library === "without its binary" ? ["lib", "package.json"] : ["package.json"]) {
    cpSync(join(installed, part), join(modules, "better-sqlite3", part), { recursive: true })
  }
  const entry = pathToFileURL(join(folder, name, "internal", "sqlite-worker.ts")).href
  return (await import(entry)) as typeof import("../../src/internal/sqlite-worker.ts")
}

const config = {
  path: ":memory:",
  readonly: false,
  create: true,
  busyTimeout: 0,
  statementCacheSize: 1,
  pragmas: [],
}

describe("better-sqlite3", () => {
  it("is not loaded on a Node that it would end", () => {
    const refusal = refusalToLoad({ node: "20.19.5" })
    expect(refusal?.message).toContain("needs Node 22 or later and this is Node 20.19.5")
    expect(() => loadBetterSqlite3({ node: "18.0.0" })).toThrow("this is Node 18.0.0")
    const failure = classifyFailure(refusal, { path: "app.db" })
    expect(failure).toMatchObject({ kind: "InterfaceError", code: "ERR_NODE_TOO_OLD" })
    expect(failure.message).toContain("upgrade Node")
  })

  it("is loaded on a newer Node, and on Bun and Deno, which only say that they are some Node", () => {
    expect(refusalToLoad({ node: `${lowestNode}.0.0` })).toBeUndefined()
    expect(refusalToLoad({ node: "20.0.0", bun: "1.4.5" })).toBeUndefined()
    expect(refusalToLoad({ node: "20.0.0", deno: "2.9.6" })).toBeUndefined()
    expect(refusalToLoad({})).toBeUndefined()
  })

  it.each(["without its binary", "without its code"] as const)(
    "is asked for when it is installed %s",
    async (library) => {
      const { openConnection } = await installWith(library.replaceAll(" ", "-"), library)
      let thrown: unknown
      try {
        openConnection(config)
      } catch (error) {
        thrown = error
      }
      const failure = classifyFailure(thrown, config)
      expect(failure.kind).toBe("InterfaceError")
      expect(failure.message).toContain("native binary cannot be loaded")
      expect(failure.message).toContain("npm install better-sqlite3")
    },
  )
})
