import { describe, expect, it } from "vitest"
import { knownOptions, parseConnectOptions, type ServerUrl } from "../../src/internal/connect-options.ts"

const url: ServerUrl = {
  host: "db.example.org",
  port: 6543,
  username: "ann",
  password: "secret",
  database: "app",
}
const bare: ServerUrl = {
  host: undefined,
  port: undefined,
  username: undefined,
  password: undefined,
  database: undefined,
}

const parse = (of: ServerUrl, options: Record<string, unknown> = {}, environment = {}) =>
  parseConnectOptions(of, options, environment)

const problem = (of: ServerUrl, options: Record<string, unknown> = {}, environment = {}): string => {
  try {
    parseConnectOptions(of, options, environment)
    return "accepted"
  } catch (error) {
    return (error as RangeError).message
  }
}

describe("parseConnectOptions", () => {
  it("takes what the URL says and defaults for the rest", () => {
    expect(parse(url)).toEqual({
      host: "db.example.org",
      port: 6543,
      user: "ann",
      password: "secret",
      database: "app",
      ssl: { mode: "prefer", rootCertificate: undefined, certificate: undefined, key: undefined },
      connectTimeout: 30_000,
      closeTimeout: 5_000,
      pingTimeout: 5_000,
      resetTimeout: 5_000,
      commitTimeout: 60_000,
      cancelTimeout: 10_000,
      prepare: true,
      statementCacheSize: 256,
      maxPipeline: 100,
      keepAlive: 60,
      session: { application_name: "offloop", DateStyle: "ISO" },
    })
  })

  it("finds in the environment what the URL leaves out", () => {
    const environment = { PGHOST: "h", PGPORT: "1", PGUSER: "u", PGPASSWORD: "p", PGDATABASE: "d" }
    expect(parse(bare, {}, environment)).toMatchObject({ host: "h", port: 1, user: "u", password: "p", database: "d" })
    expect(parse(url, {}, environment)).toMatchObject({ host: "db.example.org", port: 6543, user: "ann" })
    expect(parse({ ...bare, username: "ann" })).toMatchObject({
      host: "localhost",
      port: 5432,
      database: "ann",
      password: "",
    })
  })

  it("speaks without TLS to a Unix socket", () => {
    const config = parse({ ...url, host: undefined }, { host: "/run/postgresql" }, { PGHOST: "elsewhere" })
    expect(config).toMatchObject({ host: "/run/postgresql", ssl: { mode: "disable" } })
  })

  it("reads options as a URL writes them and as a program does", () => {
    const fromUrl = {
      prepare: "false",
      connect_timeout: "3",
      max_pipeline: "7",
      statement_timeout: "250",
      search_path: "a,b",
    }
    const fromProgram = {
      prepare: false,
      connect_timeout: 3,
      max_pipeline: 7,
      statement_timeout: 250,
      search_path: "a,b",
    }
    expect(parse(url, fromUrl)).toEqual(parse(url, fromProgram))
    expect(parse(url, fromUrl)).toMatchObject({
      prepare: false,
      connectTimeout: 3_000,
      session: { statement_timeout: "250", search_path: "a,b" },
    })
  })

  it("names an unknown option and lists the known ones", () => {
    const message = problem(url, { sslmod: "require" })
    expect(message).toContain("sslmod;")
    for (const name of knownOptions) expect(message).toContain(name)
  })

  it.each([
    [{ sslmode: "maybe" }, 'sslmode is "maybe"; it takes disable, prefer, require'],
    [{ connect_timeout: "-1" }, 'connect_timeout is "-1"; it takes a whole number'],
    [{ prepare: "perhaps" }, 'prepare is "perhaps"; it takes true or false'],
    [{ sslcert: "a.pem" }, "sslcert and sslkey belong together"],
    [{ application_name: {} }, "application_name is [object Object]"],
    [{ search_path: "a\0b" }, "search_path"],
    [{ search_path: ["a", "b"] }, "search_path is given more than once"],
  ])("refuses %j and says what it takes", (options, words) => {
    expect(problem(url, options)).toContain(words)
  })

  it("asks for a user, and for a port that is one", () => {
    expect(problem({ ...url, username: undefined })).toContain("names no user: write postgresql://user")
    expect(problem({ ...url, port: undefined }, {}, { PGPORT: "ninety" })).toContain('port is "ninety"')
    expect(problem({ ...url, port: 0 })).toContain("port is 0")
  })

  it("refuses a NUL character, behind which the server would read settings", () => {
    expect(problem({ ...url, database: "db\0options\0-c work_mem=77MB" })).toContain("database holds a NUL")
    expect(problem({ ...url, username: "ann\0" })).toContain("user holds a NUL")
    expect(problem({ ...url, password: "se\0cret" })).toBe(
      "The PostgreSQL password holds a NUL character, which no password has; remove it",
    )
    expect(problem(url, { application_name: "a\0b" })).toContain("application_name")
  })

  it("never shows the password", () => {
    expect(problem(url, { nonsense: 1 })).not.toContain("secret")
  })
})
