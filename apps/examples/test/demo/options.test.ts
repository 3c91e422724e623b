import * as Either from "effect/Either"
import { describe, expect, it } from "vitest"
import { parseOptions } from "../../src/demo/options.ts"

const message = (args: ReadonlyArray<string>) => {
  const parsed = parseOptions(args)
  return Either.isLeft(parsed) ? parsed.left.message : undefined
}

describe("the demo's options", () => {
  it("are all optional", () => {
    expect(Either.getOrThrow(parseOptions([]))).toEqual({
      runtime: undefined,
      database: undefined,
      rows: undefined,
      json: false,
      help: false,
    })
  })

  it("are read, also after the -- that pnpm passes on", () => {
    const args = ["--", "--runtime", "all", "--rows=2000", "--json", "--database", "sqlite:///x.db"]
    expect(Either.getOrThrow(parseOptions(args))).toEqual({
      runtime: "all",
      database: "sqlite:///x.db",
      rows: 2000,
      json: true,
      help: false,
    })
  })

  it.each([
    [["--runtime", "python"], /"python".*node, bun, deno or all/],
    [["--rows", "0"], /"0".*whole number/],
    [["--rows", "-5"], /rows/],
    [["--rows", "1e3"], /"1e3"/],
    [["--rows", "many"], /"many"/],
    [["--rows"], /rows/],
    [["--database", ""], /--database is empty/],
    [["--verbose"], /verbose/],
    [["cities.db"], /cities\.db/],
  ])("%j is refused with what is wrong and how to go on", (args, expected) => {
    expect(message(args)).toMatch(expected)
    expect(message(args)).toMatch(/--help/)
  })
})
