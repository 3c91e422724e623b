import * as Equal from "effect/Equal"
import * as Hash from "effect/Hash"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { ArgumentError } from "../../src/errors/index.ts"
import { makeUrl, Url, type UrlParts } from "../../src/url/url.ts"

const failure = (text: unknown): ArgumentError => {
  try {
    makeUrl(text as string)
  } catch (error) {
    expect(error).toBeInstanceOf(ArgumentError)
    return error as ArgumentError
  }
  throw new Error(`no error for ${String(text)}`)
}

const partsOf = ({ drivername, username, password, host, port, database, query }: Url): UrlParts => ({
  drivername,
  username,
  password,
  host,
  port,
  database,
  query,
})

const text = fc.string({ unit: "grapheme", maxLength: 12 })
const host = fc.oneof(
  fc.domain(),
  fc.ipV4(),
  fc.ipV6().filter((address) => !address.includes(".")),
)
const parts: fc.Arbitrary<UrlParts> = fc
  .record({
    drivername: fc.constantFrom("sqlite", "postgresql", "sqlite+better-sqlite3", "my_db+x.y"),
    user: fc.option(fc.record({ username: text, password: fc.option(text, { nil: undefined }) }), { nil: undefined }),
    host: fc.option(host, { nil: undefined }),
    port: fc.option(fc.integer({ min: 0, max: 65_535 }), { nil: undefined }),
    database: fc.option(text, { nil: undefined }),
    query: fc.dictionary(
      text.filter((name) => name !== ""),
      fc.oneof(text, fc.array(text, { minLength: 2, maxLength: 3 })),
      { maxKeys: 3 },
    ),
  })
  .map(({ user, ...rest }) => ({ ...rest, username: user?.username, password: user?.password }))

describe("reading a URL", () => {
  it.each([
    ["postgres://ann@db/app", "postgresql://ann@db/app"],
    ["postgres+postgres://db/app", "postgresql+postgres://db/app"],
    ["postgres_x://db/app", "postgres_x://db/app"],
    ["postgresql+postgres://db/app", "postgresql+postgres://db/app"],
  ])("reads %s as %s", (given, canonical) => {
    expect(makeUrl(given).toString()).toBe(canonical)
    expect(makeUrl(given).equals(makeUrl(canonical))).toBe(true)
  })

  it("takes postgres for postgresql in parts, too", () => {
    const url = Url.create({ drivername: "sqlite" }).set({ drivername: "postgres+postgres" })
    expect([url.drivername, url.getBackendName(), url.getDriverName()]).toEqual([
      "postgresql+postgres",
      "postgresql",
      "postgres",
    ])
  })

  it("takes every part apart", () => {
    const url = makeUrl("postgresql+postgres://ann:p%40s%2Fs@db.example:5433/my%20app?a=1&b=x+y&a=2")
    expect(partsOf(url)).toEqual({
      drivername: "postgresql+postgres",
      username: "ann",
      password: "p@s/s",
      host: "db.example",
      port: 5433,
      database: "my app",
      query: { a: ["1", "2"], b: "x y" },
    })
    expect(url.getBackendName()).toBe("postgresql")
    expect(url.getDriverName()).toBe("postgres")
  })

  it.each([
    ["sqlite://", undefined],
    ["sqlite:///", ""],
    ["sqlite:///:memory:", ":memory:"],
    ["sqlite:///rel.db", "rel.db"],
    ["sqlite:///./rel.db", "./rel.db"],
    ["sqlite:////abs/x.db", "/abs/x.db"],
    ["sqlite:///C:/x.db", "C:/x.db"],
    ["sqlite:///C:\\dir\\x.db", "C:\\dir\\x.db"],
    ["sqlite:///a#b.db?mode=ro", "a#b.db"],
  ])("finds the file of %s", (from, database) => {
    const url = makeUrl(from)
    expect(url.database).toBe(database)
    expect(url.host).toBeUndefined()
    expect(makeUrl(url.toString()).equals(url)).toBe(true)
  })

  it.each([
    ["postgresql://[::1]/db", "::1", undefined],
    ["postgresql://u@[fe80::1%25eth0]:5432/db", "fe80::1%25eth0", 5432],
    ["postgresql://10.0.0.1:1/db", "10.0.0.1", 1],
    ["postgresql://u@/db", undefined, undefined],
    ["postgresql://db:/x", "db", undefined],
  ])("finds the host of %s", (from, name, port) => {
    expect([makeUrl(from).host, makeUrl(from).port]).toEqual([name, port])
  })

  it("keeps an option that is called like a property of all objects", () => {
    expect(Object.entries(makeUrl("sqlite://?__proto__=1&constructor=2").query)).toEqual([
      ["__proto__", "1"],
      ["constructor", "2"],
    ])
  })

  it("reads back what it rendered", () => {
    fc.assert(
      fc.property(parts, (given) => {
        const url = Url.create(given)
        const again = makeUrl(url.renderAsString({ hidePassword: false }))
        expect(partsOf(again)).toEqual(partsOf(url))
        expect(Equal.equals(again, url)).toBe(true)
        expect(Hash.hash(again)).toBe(Hash.hash(url))
      }),
    )
  })

  it.each([
    ["app.db", "://", "sqlite:///app.db"],
    ["", "://", "dialect+driver://"],
    ["1x://h/d", "before", "dialect"],
    ["a+b+c://h/d", "before", "dialect"],
    ["postgresql://h:port/db", "port", "0 to 65535"],
    ["postgresql://h:70000/db", "port", "0 to 65535"],
    ["postgresql://::1/db", '":"', "[::1]"],
    ["postgresql://[nothex/db", "IPv6", "[::1]"],
    ["postgresql://u@v@h/db", '"@"', "%40"],
    ["postgresql://h/db%zz", "database", "%25"],
    ["postgresql://u%@h/db", "user", "%25"],
    ["sqlite:///x?=1", "without a name", "name=value"],
    [undefined, "undefined", "dialect+driver://"],
  ])("says of %s which part is wrong and what is right", (from, wrong, right) => {
    expect(failure(from).message).toContain(wrong)
    expect(failure(from).message).toContain(right)
  })

  it.each(["postgresql://ann:s3cret@x@h/db", "postgresql://ann:s3cret/x@h/db", "postgresql://ann:s3cret%@h/db"])(
    "never shows the password of %s in an error",
    (from) => {
      expect(failure(from).message).not.toContain("s3cret")
    },
  )
})

describe("a URL", () => {
  const url = makeUrl("postgresql://ann:s3cret@db/app?x=1")

  it("hides its password wherever it is printed", () => {
    const shown = "postgresql://ann:***@db/app?x=1"
    expect([String(url), url.renderAsString(), JSON.parse(JSON.stringify(url))]).toEqual([shown, shown, shown])
    expect(JSON.stringify(Object.entries(url))).not.toContain("s3cret")
    expect(url.renderAsString({ hidePassword: false })).toContain("s3cret")
  })

  it("gives changed copies of itself", () => {
    expect(url.set({ database: "other", password: undefined, username: undefined }).toString()).toBe(
      "postgresql://db/other?x=1",
    )
    expect(url.updateQuery({ x: "2", y: ["3", "4"] }).query).toEqual({ x: "2", y: ["3", "4"] })
    expect(url.updateQuery("x=2&y=3", { append: true }).query).toEqual({ x: ["1", "2"], y: "3" })
    expect(url.differenceUpdateQuery(["x", "nothing"]).query).toEqual({})
    expect(url.query).toEqual({ x: "1" })
  })

  it("differs from one with another password", () => {
    expect(url.equals(url.set({ password: "other" }))).toBe(false)
    expect(url.equals(makeUrl(url))).toBe(true)
  })

  it.each([
    [{ drivername: "post gres" }, "drivername"],
    [{ drivername: "postgresql", password: "x" }, "password"],
    [{ drivername: "postgresql", host: "a/b" }, "host"],
    [{ drivername: "postgresql", host: "host:5432" }, "host"],
    [{ drivername: "postgresql", port: 1.5 }, "port"],
    [{ drivername: "postgresql", database: "\ud800" }, "database"],
    [{ drivername: "postgresql", query: { "": "x" } }, "query"],
  ])("is not made of %j", (given, part) => {
    expect(() => Url.create(given)).toThrow(ArgumentError)
    expect(() => Url.create(given)).toThrow(part)
  })
})
