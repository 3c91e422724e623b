import * as Effect from "effect/Effect"
import { describe, expect, it } from "vitest"
import { deriveWorld, readGeoNames, spread } from "../../src/cities/world.ts"

describe("the data set", () => {
  it("has the cities, regions and countries that the documentation states", async () => {
    const world = deriveWorld(await Effect.runPromise(readGeoNames))
    expect(world.cities.length).toBe(135_233)
    expect(world.regions.length).toBe(3_879)
    expect(world.countries.length).toBe(246)
    expect(new Set(world.cities.map((city) => city.id)).size).toBe(135_233)
    expect(world.countries.filter((country) => country.name === country.code || country.name === "")).toEqual([])
    expect(world.countries.find((country) => country.code === "NZ")?.name).toBe("New Zealand")
  })

  it("shares one object for each country and region", async () => {
    const world = deriveWorld(await Effect.runPromise(readGeoNames))
    const countries = new Set(world.countries)
    const regions = new Set(world.regions)
    expect(world.cities.every((city) => regions.has(city.region) && countries.has(city.region.country))).toBe(true)
  })
})

describe("spread", () => {
  it("takes that many different items from all over the list", () => {
    const items = Array.from({ length: 1000 }, (_, i) => i)
    const few = spread(items, 7)
    expect(new Set(few).size).toBe(7)
    expect(few.at(-1)).toBeGreaterThan(800)
  })

  it("takes all items when asked for as many or more", () => {
    expect(spread([1, 2], 2)).toEqual([1, 2])
    expect(spread([1, 2], 9)).toEqual([1, 2])
  })
})
