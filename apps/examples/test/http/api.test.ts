import * as Effect from "effect/Effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { deriveWorld, readGeoNames, spread } from "../../src/cities/world.ts"
import { databases, type TestDatabase } from "../databases.ts"
import { type Program, startProgram } from "../process/program.ts"

const main = new URL("../../src/http/main.ts", import.meta.url)
const cityCount = 3_000

describe.each(databases)("the HTTP API on %s", (_, makeDatabase) => {
  let database: TestDatabase
  let server: Program
  let base: string

  beforeAll(async () => {
    database = await makeDatabase()
    server = startProgram(main, [], { DATABASE_URL: database.url, PORT: "0", CITIES: String(cityCount) })
    const [, address = ""] = await server.waitFor(/Listening on (http:\/\/[\d.]+:\d+)/)
    base = address
  })

  afterAll(async () => {
    if (server !== undefined) {
      server.kill("SIGTERM")
      await server.exited
    }
    await database?.drop()
  })

  const get = async (path: string) => {
    const response = await fetch(`${base}${path}`)
    return { status: response.status, body: await response.json() }
  }
  const post = async (path: string, body: unknown) => {
    const response = await fetch(`${base}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: typeof body === "string" ? body : JSON.stringify(body),
    })
    return { status: response.status, body: await response.json() }
  }
  /** Waits until no request holds a connection of the pool any more. */
  const untilIdle = async () => {
    for (;;) {
      const { status, body } = await get("/health")
      if (status === 200 && body.connections.inUse === 0) return
    }
  }

  it("lists the countries by name", async () => {
    const world = deriveWorld(spread(await Effect.runPromise(readGeoNames), cityCount))
    const { status, body } = await get("/countries")
    expect(status).toBe(200)
    expect(body.length).toBe(world.countries.length)
    expect(body).toContainEqual({ code: "FR", name: "France" })
  })

  it("lists a country's cities, the most populous first, page by page", async () => {
    const all = (await get("/countries/US/cities?limit=500")).body
    expect(all.length).toBeGreaterThan(20)
    expect(all).toEqual([...all].sort((a, b) => b.population - a.population || a.id - b.id))
    expect(all[0]).toEqual({
      id: expect.any(Number),
      name: expect.any(String),
      population: expect.any(Number),
      latitude: expect.any(Number),
      longitude: expect.any(Number),
      countryCode: "US",
      regionCode: expect.any(String),
    })
    expect((await get("/countries/US/cities?limit=5&offset=3")).body).toEqual(all.slice(3, 8))
    const large = (await get("/countries/US/cities?limit=500&minPopulation=20000")).body
    expect(large).toEqual(all.filter((city: { population: number }) => city.population >= 20_000))
  })

  it("gives one city by its id", async () => {
    const [city] = (await get("/countries/JP/cities?limit=1")).body
    expect(await get(`/cities/${city.id}`)).toEqual({ status: 200, body: city })
  })

  it.each(["/countries/XX/cities", "/cities/2147483647"])("answers 404 with a typed body to %s", async (path) => {
    const { status, body } = await get(path)
    expect(status).toBe(404)
    expect(body._tag).toBe("NotFound")
    expect(body.message).toMatch(/There is no (country XX|city 2147483647)\./)
  })

  it.each([
    "/cities/abc",
    "/cities/0",
    "/cities/1.5",
    "/countries/US/cities?limit=0",
    "/countries/US/cities?limit=501",
    "/countries/US/cities?offset=-1",
    "/countries/US/cities?minPopulation=many",
    "/reports/population?cities=2001",
  ])("answers 400 with what is wrong to %s", async (path) => {
    const { status, body } = await get(path)
    expect(status).toBe(400)
    expect(body._tag).toBe("HttpApiDecodeError")
  })

  const newCity = {
    name: "Newtown",
    population: 1234,
    latitude: 48.5,
    longitude: 2.25,
    countryCode: "FR",
    regionCode: "11",
  }

  it("adds a city, which can be read back", async () => {
    const { status, body } = await post("/cities", newCity)
    expect(status).toBe(201)
    expect(body).toEqual({ ...newCity, id: expect.any(Number) })
    expect(await get(`/cities/${body.id}`)).toEqual({ status: 200, body })
  })

  it("answers 409 to a city whose id is taken, and leaves the first", async () => {
    const first = await post("/cities", { ...newCity, id: 77, name: "First" })
    expect(first.status).toBe(201)
    const second = await post("/cities", { ...newCity, id: 77, name: "Second" })
    expect(second.status).toBe(409)
    expect(second.body).toEqual({ _tag: "AlreadyExists", message: "A city with the id 77 exists already." })
    expect((await get("/cities/77")).body.name).toBe("First")
  })

  it("answers 400 to a city in a region that does not exist", async () => {
    const { status, body } = await post("/cities", { ...newCity, regionCode: "no such" })
    expect(status).toBe(400)
    expect(body).toEqual({ _tag: "UnknownRegion", message: 'Country FR has no region "no such".' })
  })

  it.each([
    ["an empty name", { ...newCity, name: "  " }],
    ["a negative population", { ...newCity, population: -1 }],
    ["a place off the globe", { ...newCity, latitude: 91 }],
    ["a number as text", { ...newCity, population: "12" }],
    ["a missing field", { ...newCity, name: undefined }],
    ["no object", "[]"],
  ])("answers 400 to %s", async (_, body) => {
    const answer = await post("/cities", body)
    expect(answer.status).toBe(400)
    expect(answer.body._tag).toBe("HttpApiDecodeError")
  })

  it("computes the report", async () => {
    const { status, body } = await get("/reports/population?cities=200")
    expect(status).toBe(200)
    expect(body.length).toBeGreaterThan(0)
    expect(body.length).toBeLessThanOrEqual(10)
    for (const row of body) {
      expect(row).toEqual({
        countryCode: expect.stringMatching(/^[A-Z]{2}$/),
        neighbours: expect.any(Number),
        peopleNearby: expect.any(Number),
      })
    }
  })

  it("answers small requests while it computes a large report", async () => {
    const order: Array<string> = []
    const report = get("/reports/population?cities=1500").then(() => order.push("report"))
    await get("/countries").then(() => order.push("countries"))
    await report
    expect(order).toEqual(["countries", "report"])
  })

  it("gives every connection back when clients go away in the middle of a request", async () => {
    const clients = Array.from({ length: 40 }, () => new AbortController())
    const requests = clients.map(({ signal }) => fetch(`${base}/reports/population?cities=500`, { signal }))
    const outcomes = Promise.allSettled(requests)
    // They are under way once the pool has lent a connection to one.
    for (;;) {
      const { body } = await get("/health")
      if (body._tag === "Unavailable" || body.connections.inUse > 0) break
    }
    for (const client of clients) client.abort()
    await outcomes
    await untilIdle()
    expect((await get("/countries/US/cities?limit=1")).status).toBe(200)
  })
})
