import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { createAsyncEngine } from "@offloop/orm-async/promise"
import { afterEach, describe, expect, it } from "vitest"
import { databases, type TestDatabase } from "../databases.ts"
import { type Program, startProgram } from "../process/program.ts"

const main = new URL("../../src/http/main.ts", import.meta.url)
const listening = /Listening on (http:\/\/[\d.]+:\d+)/

const cleanups: Array<() => Promise<unknown>> = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

const start = (env: Readonly<Record<string, string>>): Program => {
  const server = startProgram(main, [], { PORT: "0", CITIES: "3000", ...env })
  cleanups.push(async () => {
    if (server.isAnyLeft()) server.kill("SIGKILL")
    await server.exited
  })
  return server
}

const own = async (makeDatabase: () => Promise<TestDatabase>): Promise<TestDatabase> => {
  const database = await makeDatabase()
  cleanups.push(database.drop)
  return database
}

describe.each(databases)("the HTTP server on %s", (_, makeDatabase) => {
  it.each([
    ["SIGTERM", 143],
    ["SIGINT", 130],
  ] as const)("on %s answers what it was asked before it ends", async (signal, code) => {
    const { url } = await own(makeDatabase)
    const server = start({ DATABASE_URL: url })
    const [, base = ""] = await server.waitFor(listening)
    const report = fetch(`${base}/reports/population?cities=1500`)
    for (;;) {
      const { connections } = await (await fetch(`${base}/health`)).json()
      if (connections.inUse > 0) break
    }
    server.kill(signal)
    const response = await report
    expect(response.status).toBe(200)
    expect(await response.json()).toHaveLength(10)
    expect(await server.exited).toEqual({ code, signal: null })
    expect(server.isAnyLeft()).toBe(false)
  })

  it("does not load twice when it starts again", async () => {
    const { url } = await own(makeDatabase)
    const first = start({ DATABASE_URL: url, CITIES: "50" })
    await first.waitFor(listening)
    first.kill("SIGTERM")
    await first.exited
    const second = start({ DATABASE_URL: url, CITIES: "50" })
    await second.waitFor(listening)
    expect(second.stdout() + second.stderr()).toContain("The database has 50 cities.")
  })

  it("runs with the placement that the configuration names", async () => {
    const { url } = await own(makeDatabase)
    for (const placement of ["inline", "worker"]) {
      const server = start({ DATABASE_URL: url, CITIES: "50", PLACEMENT: placement })
      const [, base = ""] = await server.waitFor(listening)
      expect((await fetch(`${base}/countries`)).status).toBe(200)
      server.kill("SIGTERM")
      expect((await server.exited).code).toBe(143)
    }
  })
})

describe("the HTTP server", () => {
  it.each([
    ["a URL without a dialect", { DATABASE_URL: "cities.db" }, /ArgumentError/],
    ["an unknown dialect", { DATABASE_URL: "oracle://localhost/x" }, /oracle/],
    ["an unknown placement", { PLACEMENT: "elsewhere" }, /PLACEMENT/],
    ["a port that is none", { PORT: "http" }, /PORT/],
    ["no cities", { CITIES: "0" }, /CITIES/],
  ])("refuses %s with what is wrong and ends", async (_, env, expected) => {
    const [, sqlite] = databases[0]
    const { url } = await own(sqlite)
    const server = start({ DATABASE_URL: url, ...env })
    expect(await server.exited).toEqual({ code: 1, signal: null })
    expect(server.stdout() + server.stderr()).toMatch(expected)
  })

  it("refuses a port that is in use and ends", async () => {
    const other = createServer().listen(0, "127.0.0.1")
    cleanups.push(() => new Promise((resolve) => other.close(resolve)))
    await new Promise((resolve) => other.once("listening", resolve))
    const { port } = other.address() as AddressInfo
    const [, sqlite] = databases[0]
    const { url } = await own(sqlite)
    const server = start({ DATABASE_URL: url, PORT: String(port), CITIES: "50" })
    expect(await server.exited).toEqual({ code: 1, signal: null })
    expect(server.stdout() + server.stderr()).toMatch(/EADDRINUSE|in use/)
  })

  it("answers 503 while another program keeps the database locked, and works again afterwards", async () => {
    const [, sqlite] = databases[0]
    const { url } = await own(sqlite)
    const server = start({ DATABASE_URL: `${url}?busy_timeout=50`, CITIES: "50" })
    const [, base = ""] = await server.waitFor(listening)
    const add = () =>
      fetch(`${base}/cities`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({
          name: "Newtown",
          population: 1,
          latitude: 0,
          longitude: 0,
          countryCode: country,
          regionCode: region,
        }),
      })
    const [{ code: country }] = await (await fetch(`${base}/countries`)).json()
    const [{ regionCode: region }] = await (await fetch(`${base}/countries/${country}/cities`)).json()

    await using engine = await createAsyncEngine(url)
    await using conn = await engine.connect()
    await conn.execDriverSql("UPDATE cities SET population = population")
    const refused = await add()
    expect(refused.status).toBe(503)
    expect(await refused.json()).toEqual({
      _tag: "Unavailable",
      message: "The database cannot answer now. Try again in a moment.",
    })
    await conn.rollback()
    expect((await add()).status).toBe(201)
  })
})
