import { describe, expect, it } from "vitest"
import { imports, type Member, rules, violations } from "../boundaries.ts"
import { members, rootDependencies } from "./workspace.ts"

describe("the workspace", () => {
  it("has every member that a rule is about, and sources in it", () => {
    expect(members.map(({ folder }) => folder).sort()).toEqual(Object.keys(rules).sort())
    for (const { folder, files } of members) {
      expect(files.length, folder).toBeGreaterThan(0)
    }
  })

  it.each(members.map((member) => [member.folder, member] as const))("%s depends on what it may", (_, member) => {
    expect(violations(member, members, rootDependencies)).toEqual([])
  })
})

describe("imports", () => {
  it("finds what a source names in every way it can", () => {
    const text = [
      'import "a"',
      'import b from "b"',
      'import type { C } from "c"',
      'export * from "d"',
      'export type { E } from "e"',
      'const f = await import("f")',
      'type G = import("g").G',
      'type H = typeof import("h")',
      'const text = "import x from \'not\'" // import "not"',
    ].join("\n")
    expect(imports("x.ts", text).map(({ line, name }) => `${line}${name}`)).toEqual(
      [..."abcdefgh"].map((name, index) => `${index + 1}${name}`),
    )
  })

  it("tells imports that are erased", () => {
    const text =
      'import type { A } from "a"; import { type B } from "b"; export type { C } from "c"; type D = import("d").D'
    expect(imports("x.ts", text).map(({ name, isType }) => [name, isType])).toEqual([
      ["a", true],
      ["b", false],
      ["c", true],
      ["d", true],
    ])
  })

  it("refuses a source that it cannot read, rather than see nothing in it", () => {
    expect(() => imports("x.ts", "import {")).toThrow("x.ts")
  })
})

describe("violations", () => {
  const member = (folder: string, text: string, manifest: Partial<Member["manifest"]> = {}): Member => ({
    folder,
    manifest: {
      name: `@offloop/${folder.split("/")[1]}`,
      exports: { ".": "./src/index.ts", "./deep/*": "./src/deep/*.ts", "./deep/no": null, "./internal/*": null },
      ...manifest,
    },
    files: [{ path: `${folder}/src/x.ts`, text }],
  })
  const declared = (...names: ReadonlyArray<string>): { dependencies: Record<string, string> } => ({
    dependencies: Object.fromEntries(names.map((name) => [name, "*"])),
  })
  const others = ["runtime", "orm-async", "driver-sqlite", "driver-pg"].map((name) => member(`packages/${name}`, ""))
  const found = (checked: Member): ReadonlyArray<string> => violations(checked, others, ["vitest"])

  it.each([
    ["packages/runtime", "@offloop/orm-async", "points the wrong way"],
    ["packages/orm-async", "@offloop/driver-pg", "points the wrong way"],
    ["packages/driver-pg", "@offloop/driver-sqlite", "points the wrong way"],
    ["packages/driver-pg", "@offloop/orm-async/internal/x", "is not public"],
    ["packages/driver-pg", "@offloop/orm-async/deep/no", "is not public"],
    ["packages/driver-pg", "@offloop/orm-async/other", "is not public"],
    ["packages/driver-pg", "../../orm-async/src/x.ts", "reaches out of its package"],
    ["packages/driver-pg", "left-pad", "is not declared"],
    ["packages/driver-pg", "vitest", "is not declared"],
    ["packages/orm-async", "better-sqlite3", "is not among"],
    ["packages/orm-async", "node:fs", "belongs to one runtime"],
    ["packages/orm-async", "fs", "belongs to one runtime"],
    ["packages/orm-async", "bun:sqlite", "belongs to one runtime"],
    ["packages/orm-async", "jsr:@std/path", "belongs to one runtime"],
    ["packages/orm-async", "@offloop/orm-async", "is the package itself"],
  ])("in %s refuses %s", (folder, name, reason) => {
    const text = `\nimport "${name}"`
    const all = declared("@offloop/runtime", "@offloop/orm-async")
    const refused = found(member(folder, text, folder === "packages/driver-pg" ? all : {}))
    expect(refused).toEqual([expect.stringContaining(`${folder}/src/x.ts:2 "${name}" ${reason}`)])
  })

  it("accepts what the arrows allow", () => {
    const text = 'import "@offloop/orm-async"; import "@offloop/orm-async/deep/x"; import "node:fs"; import "./y.ts"'
    expect(found(member("packages/driver-pg", text, declared("@offloop/orm-async")))).toEqual([])
  })

  it("lets tests that a portable package exports name the modules of the runtimes that its rule lists", () => {
    const checked = member("packages/orm-async", "", {})
    const text = 'import "node:async_hooks"'
    const at = (path: string) => found({ ...checked, files: [{ path: `packages/orm-async/${path}`, text }] })
    expect(at("src/testing/x.ts")).toEqual([])
    expect(at("src/x.ts")).toEqual([expect.stringContaining("belongs to one runtime")])
  })

  it("lets the tests that a package exports use the test runner, and nothing else in its sources", () => {
    const checked = member("packages/orm-async", "", { peerDependencies: { vitest: "*" } })
    const text = 'import "vitest"'
    const at = (path: string): Member => ({ ...checked, files: [{ path: `packages/orm-async/src/${path}`, text }] })
    expect(found(at("testing/contract.ts"))).toEqual([])
    expect(found(at("engine/engine.ts"))).toEqual([expect.stringContaining("is not among")])
  })

  it("lets an app use the one file of the repository's tooling that programs need", () => {
    const app = (file: string): Member => member("apps/bench", `import "../../../scripts/${file}"`)
    expect(found(app("runtimes.ts"))).toEqual([])
    expect(found(app("test.ts"))).toEqual([expect.stringContaining("reaches out of its package")])
  })

  it("lets a test use what the root brings, and what its package brings for development", () => {
    const tested = member("packages/runtime", "", { devDependencies: { "fast-check": "*" } })
    const text = 'import "vitest"; import "fast-check"; import "node:fs"; import "../src/x.ts"'
    expect(found({ ...tested, files: [{ path: "packages/runtime/test/x.test.ts", text }] })).toEqual([])
  })

  it("refuses a dependency that points the wrong way, although nothing imports it yet", () => {
    const manifest = { devDependencies: { "@offloop/driver-pg": "workspace:^" } }
    expect(found(member("packages/orm-async", "", manifest))).toEqual([
      expect.stringContaining('packages/orm-async/package.json "@offloop/driver-pg" points the wrong way'),
    ])
  })

  it("refuses a member that no rule is about", () => {
    expect(found(member("packages/new", ""))).toEqual([expect.stringContaining("packages/new has no rule")])
  })
})
