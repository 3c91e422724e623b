import { doublePrecision, index, integer, table, text, unique, varchar } from "@offloop/orm-async"

/** Countries by their two-letter code. */
export const countries = table("countries", {
  code: varchar(2).primaryKey(),
  name: text(),
})

/** First-level divisions; their codes are unique within a country only. */
export const regions = table(
  "regions",
  {
    id: integer().primaryKey(),
    countryCode: varchar("country_code", 2).references(() => countries.c.code),
    code: text(),
  },
  (t) => [unique(t.countryCode, t.code)],
)

/** Cities under GeoNames' own numbers. */
export const cities = table(
  "cities",
  {
    id: integer().primaryKey(),
    name: text(),
    population: integer(),
    latitude: doublePrecision(),
    longitude: doublePrecision(),
    countryCode: varchar("country_code", 2).references(() => countries.c.code),
    regionId: integer("region_id")
      .references(() => regions.c.id)
      .index(),
  },
  (t) => [index([t.countryCode, t.population]), index([t.population])],
)

/** Every table of the data set. */
export const cityTables = [countries, regions, cities] as const
