import { posix } from "node:path"
import { describe, expect, it } from "vitest"
import { imports } from "../boundaries.ts"
import { type FolderRules, folderProblems, folders, ruleProblems } from "../folders.ts"
import { members } from "./workspace.ts"

describe("the folders of a package", () => {
  it.each(Object.entries(folders))("%s import what they may, without a cycle", (name, rules) => {
    const files = members.find(({ folder }) => folder === name)?.files ?? []
    const found = files.flatMap(({ path, text }) => imports(path, text).map((named) => ({ path, ...named })))
    expect(found.length).toBeGreaterThan(0)
    expect(folderProblems(`${name}/src`, rules, found)).toEqual([])
  })
})

describe("folder rules", () => {
  const rules: FolderRules = {
    low: { imports: [] },
    "one.ts": { imports: [], effect: "types" },
    high: { imports: ["low", "one.ts"] },
    other: { imports: ["low"] },
    shell: { imports: ["low", "high", "other"], effect: "yes" },
    ".": { imports: ["shell"], effect: "yes" },
  }
  const found = (files: Readonly<Record<string, string>>): ReadonlyArray<string> =>
    folderProblems(
      "p/src",
      rules,
      Object.entries(files).flatMap(([path, text]) =>
        imports(path, text).map((named) => ({ path: posix.join("p/src", path), ...named })),
      ),
    )

  it.each([
    ["low/x.ts", 'import "../high/y.ts"', "low must not import high"],
    ["low/deep/x.ts", 'import type { Y } from "../../high/deep/y.ts"', "low must not import high"],
    ["low/x.ts", 'import "../one.ts"', "low must not import one.ts"],
    ["high/x.ts", 'import type { Y } from "../other/y.ts"', "high must not import other"],
    ["high/x.ts", 'import "../index.ts"', "high must not import ."],
    ["low/x.ts", 'import type { Y } from "effect/Effect"', "loads Effect, which low must not import"],
    ["low/x.ts", 'import "@effect/platform/Worker"', "loads Effect, which low must not import"],
    ["low/x.ts", 'import "@offloop/runtime"', "loads Effect, which low must not import"],
    ["one.ts", 'import * as Effect from "effect/Effect"', "loads Effect, which one.ts must not import"],
    ["new/x.ts", 'import "../low/y.ts"', "is in the folder new, which has no rule"],
  ])("refuse in %s: %s", (path, text, reason) => {
    expect(found({ [path]: text })).toEqual([expect.stringContaining(reason)])
  })

  it("allow what they list", () => {
    expect(
      found({
        "high/x.ts": 'import "../low/x.ts"; import "./y.ts"; import "../one.ts"; import "@offloop/runtime/callback"',
        "one.ts": 'import type * as Effect from "effect/Effect"',
        "shell/x.ts": 'import "effect/Effect"; import "../other/x.ts"',
        "index.ts": 'import "effect"; import "./shell/x.ts"; import "./promise.ts"',
        "../test/x.test.ts": 'import "../src/low/x.ts"; import "effect"',
      }),
    ).toEqual([])
  })

  it("have no cycle, and no way to Effect by another folder", () => {
    expect(ruleProblems(rules)).toEqual([])
    const circle = { a: { imports: ["b"] }, b: { imports: ["c"] }, c: { imports: ["a"] } }
    expect(ruleProblems(circle)).toEqual(["folders import each other in a circle: a → b → c → a"])
    expect(ruleProblems({ ...rules, high: { imports: ["shell"] } })).toContainEqual(
      "high must not import Effect, but may import shell, which does",
    )
  })
})
