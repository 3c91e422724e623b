import { describe, expect, it } from "vitest"
import { knownOptions, parseConnectOptions } from "../../src/internal/connect-options.ts"

const parse = (database: string | undefined, options: Record<string, unknown> = {}) =>
  parseConnectOptions(database, options)

const problem = (database: string | undefined, options: Record<string, unknown> = {}): string => {
  try {
    parseConnectOptions(database, options)
  } catch (error) {
    if (error instanceof RangeError) return error.message
    throw error
  }
  return "accepted"
}

describe("parseConnectOptions", () => {
  it("gives a file a write-ahead log, NORMAL syncing and foreign keys", () => {
    expect(parse("app.db")).toEqual({
      path: "app.db",
      readonly: false,
      create: true,
      busyTimeout: 5_000,
      statementCacheSize: 128,
      pragmas: [
        ["journal_mode", "WAL"],
        ["synchronous", "NORMAL"],
        ["foreign_keys", "ON"],
      ],
    })
  })

  it.each([undefined, "", ":memory:"])("takes %j for a database in memory, which has no journal", (database) => {
    const config = parse(database)
    expect(config.path).toBe(":memory:")
    expect(config.pragmas).toEqual([["foreign_keys", "ON"]])
  })

  it("neither makes a file nor changes its journal when it is readonly", () => {
    const config = parse("app.db", { readonly: "1", create: "1" })
    expect(config.readonly).toBe(true)
    expect(config.create).toBe(false)
    expect(config.pragmas).toEqual([["foreign_keys", "ON"]])
  })

  it("reads options as a URL writes them and as a program does", () => {
    const fromUrl = parse("app.db", {
      busy_timeout: "250",
      create: "no",
      foreign_keys: "off",
      journal_mode: "delete",
      statement_cache_size: "0",
    })
    const fromProgram = parse("app.db", {
      busy_timeout: 250,
      create: false,
      foreign_keys: false,
      journal_mode: "DELETE",
      statement_cache_size: 0,
    })
    expect(fromUrl).toEqual(fromProgram)
    expect(fromUrl.pragmas).toContainEqual(["foreign_keys", "OFF"])
  })

  it("sets the page layout before the journal, which writes the file", () => {
    const names = parse("app.db", { journal_mode: "WAL", page_size: "8192", auto_vacuum: "full" }).pragmas.map(
      ([name]) => name,
    )
    expect(names.slice(0, 3)).toEqual(["page_size", "auto_vacuum", "journal_mode"])
  })

  it("names an unknown option and lists the known ones", () => {
    const message = problem("app.db", { journalmode: "WAL" })
    expect(message).toContain("journalmode")
    for (const name of knownOptions) expect(message).toContain(name)
  })

  it.each([
    [{ journal_mode: "wall" }, 'journal_mode is "wall"; it takes WAL'],
    [{ busy_timeout: "-1" }, 'busy_timeout is "-1"; it takes a whole number from 0'],
    [{ busy_timeout: "soon" }, 'busy_timeout is "soon"'],
    [{ busy_timeout: 1.5 }, "busy_timeout is 1.5"],
    [{ readonly: "maybe" }, 'readonly is "maybe"; it takes true or false'],
    [{ synchronous: ["FULL", "OFF"] }, "synchronous is given more than once"],
  ])("refuses %j and says what it takes", (options, words) => {
    expect(problem("app.db", options)).toContain(words)
  })

  it.each([
    ["a\0b", "NUL"],
    ["file:app.db?mode=ro", "file: URI"],
    [" app.db", "white space"],
  ])("refuses the path %j", (database, words) => {
    expect(problem(database)).toContain(words)
  })

  it("refuses a readonly database in memory", () => {
    expect(problem(undefined, { readonly: true })).toContain("memory")
  })
})
