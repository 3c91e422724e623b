import { spawnSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "vitest"
import { launch } from "../../../scripts/runtimes.ts"
import { parse } from "../src/cli.ts"
import { suites } from "../src/suites/index.ts"

const refusal = (...args: ReadonlyArray<string>): string => {
  const command = parse(args, suites)
  expect(command.do).toBe("refuse")
  return command.do === "refuse" ? command.message : ""
}

const options = (...args: ReadonlyArray<string>) => {
  const command = parse(args, suites)
  if (command.do !== "run") throw new Error(`${args.join(" ")} does not run`)
  return command.options
}

describe("parse", () => {
  it("runs everything everywhere when nothing is said", () => {
    expect(options()).toEqual({
      suites,
      runtimes: ["node", "bun", "deno"],
      subjects: undefined,
      quick: false,
      json: undefined,
    })
  })

  it("takes suites, runtimes, subjects, and a file", () => {
    const chosen = options(
      "hop",
      "--runtime",
      "deno,node",
      "--subjects",
      "piscina, postMessage",
      "--quick",
      "--json",
      "r.json",
    )
    expect(chosen.suites.map((suite) => suite.name)).toEqual(["hop"])
    expect(chosen.runtimes).toEqual(["node", "deno"])
    expect(chosen.subjects).toEqual(new Set(["piscina", "postMessage"]))
    expect(chosen.quick).toBe(true)
    expect(chosen.json).toBe("r.json")
  })

  it("takes ours for all of ours", () => {
    const { subjects } = options("hop", "--subjects", "ours,postMessage")
    expect(subjects).toContain("offloop")
    expect(subjects).toContain("postMessage")
    expect(subjects).not.toContain("piscina")
  })

  it("says what there is where a name is wrong", () => {
    expect(refusal("hopp")).toMatch(/no suite "hopp".*hop, sqlite-point/)
    expect(refusal("--runtime", "quickjs")).toMatch(/no runtime "quickjs".*node, bun, deno/)
    expect(refusal("hop", "--subjects", "pscina")).toMatch(/no subject "pscina" in hop.*piscina/)
  })

  it("does not take a subject of a suite that is not run", () => {
    expect(refusal("hop", "--subjects", "better-sqlite3")).toContain('no subject "better-sqlite3" in hop')
  })

  it("refuses options that it does not know, and values that are missing", () => {
    expect(refusal("--fast")).toContain("--fast")
    expect(refusal("--json")).toContain("--json")
    expect(refusal("--json", "")).toContain("--json")
    expect(refusal("--subjects", ",")).toContain("--subjects")
    expect(refusal("--runtime", "")).toContain("runtime")
  })
})

describe("the program", () => {
  const main = fileURLToPath(new URL("../src/main.ts", import.meta.url))
  const bench = (...args: ReadonlyArray<string>) => {
    const { executable, args: before } = launch("node")
    return spawnSync(executable, [...before, main, ...args], { encoding: "utf8" })
  }

  it("ends with code 2 and the help when the command line is wrong", () => {
    const { status, stdout, stderr } = bench("no-such-suite")
    expect(status).toBe(2)
    expect(stdout).toBe("")
    expect(stderr).toContain('There is no suite "no-such-suite"')
    expect(stderr).toContain("npx pnpm@12 bench")
  })

  it("lists suites, cases and subjects", () => {
    const { status, stdout } = bench("--list")
    expect(status).toBe(0)
    for (const suite of suites) expect(stdout).toContain(`${suite.name}: ${suite.about}`)
    expect(stdout).toContain("postMessage")
  })
})
