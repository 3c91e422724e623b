import * as Schema from "effect/Schema"

/** A country as the API shows it. */
export const CountryJson = Schema.Struct({
  code: Schema.String,
  name: Schema.String,
})

/** A city as the API shows it. */
export const CityJson = Schema.Struct({
  id: Schema.Int,
  name: Schema.String,
  population: Schema.Int,
  latitude: Schema.Number,
  longitude: Schema.Number,
  countryCode: Schema.String,
  regionCode: Schema.String,
})
export type CityJson = typeof CityJson.Type

const biggestId = 2_147_483_647

/** Path and query parameters are text: these read a number out of it. */
export const CityId = Schema.NumberFromString.pipe(Schema.int(), Schema.between(1, biggestId))
const Population = Schema.Int.pipe(Schema.between(0, biggestId))
const whole = (from: number, to: number) => Schema.NumberFromString.pipe(Schema.int(), Schema.between(from, to))

/** The body of a request to add a city. Without an id the database gives one. */
export const NewCity = Schema.Struct({
  id: Schema.optional(Schema.Int.pipe(Schema.between(1, biggestId))),
  name: Schema.Trim.pipe(Schema.minLength(1), Schema.maxLength(200)),
  population: Population,
  latitude: Schema.Number.pipe(Schema.between(-90, 90)),
  longitude: Schema.Number.pipe(Schema.between(-180, 180)),
  countryCode: Schema.String.pipe(Schema.pattern(/^[A-Z]{2}$/)),
  regionCode: Schema.String.pipe(Schema.maxLength(20)),
})
export type NewCity = typeof NewCity.Type

/** The part of a country's cities to list: the most populous come first. */
export const CityPage = Schema.Struct({
  limit: Schema.optionalWith(whole(1, 500), { default: () => 50 }),
  offset: Schema.optionalWith(whole(0, biggestId), { default: () => 0 }),
  minPopulation: Schema.optionalWith(whole(0, biggestId), { default: () => 0 }),
})
export type CityPage = typeof CityPage.Type

/** The crowding of a country's cities. */
export const CrowdingJson = Schema.Struct({
  countryCode: Schema.String,
  neighbours: Schema.Int,
  peopleNearby: Schema.Int,
})

/** The number of most populous cities that the report compares. The work grows with the square of it, hence the bound. */
export const ReportRange = Schema.Struct({
  cities: Schema.optionalWith(whole(1, 2_000), { default: () => 1_000 }),
})

/** The answer to a monitor. */
export const HealthJson = Schema.Struct({
  status: Schema.Literal("ok"),
  /** The dialect: `sqlite` or `postgresql`. */
  database: Schema.String,
  connections: Schema.Struct({ inUse: Schema.Int, idle: Schema.Int }),
})
