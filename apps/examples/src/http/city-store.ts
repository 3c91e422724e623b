import { AsyncEngine, and, desc, eq, ge, insert, literal, select } from "@offloop/orm-async"
import * as Effect from "effect/Effect"
import { crowding, populationAtRank } from "../cities/crowding.ts"
import { cities, countries, regions } from "../cities/tables.ts"
import { AlreadyExists, NotFound, UnknownRegion } from "./errors.ts"
import type { CityPage, NewCity } from "./models.ts"
import { orUnavailable } from "./unavailable.ts"

const cityRows = select(
  cities.c.id,
  cities.c.name,
  cities.c.population,
  cities.c.latitude,
  cities.c.longitude,
  cities.c.countryCode,
  regions.c.code.as("regionCode"),
)
  .from(cities)
  .join(regions)

/**
 * The operations that the API asks of the database. Each takes a connection from the pool and gives it back in every case:
 * answered, failed, or interrupted because the client has gone.
 */
export class CityStore extends Effect.Service<CityStore>()("@offloop/examples/CityStore", {
  effect: Effect.gen(function* () {
    const engine = yield* AsyncEngine

    const countryList = Effect.gen(function* () {
      const conn = yield* engine.connect
      return (yield* conn.execute(select(countries).orderBy(countries.c.name))).fetchAll()
    }).pipe(Effect.scoped, orUnavailable)

    const citiesOf = (code: string, { limit, offset, minPopulation }: CityPage) =>
      Effect.gen(function* () {
        const conn = yield* engine.connect
        const country = (yield* conn.execute(select(countries).where(eq(countries.c.code, code)))).first()
        if (country === null) return yield* new NotFound({ message: `There is no country ${code}.` })
        const page = cityRows
          .where(eq(cities.c.countryCode, code), ge(cities.c.population, minPopulation))
          .orderBy(desc(cities.c.population), cities.c.id)
          .limit(limit)
          .offset(offset)
        return (yield* conn.execute(page)).fetchAll()
      }).pipe(Effect.scoped, orUnavailable)

    const cityById = (id: number) =>
      Effect.gen(function* () {
        const conn = yield* engine.connect
        const city = (yield* conn.execute(cityRows.where(eq(cities.c.id, id)))).first()
        if (city === null) return yield* new NotFound({ message: `There is no city ${id}.` })
        return city
      }).pipe(Effect.scoped, orUnavailable)

    /** One transaction: the region is looked up and the city written, or nothing is. */
    const addCity = ({ regionCode, ...city }: NewCity) =>
      engine
        .begin((conn) =>
          Effect.gen(function* () {
            const inCountry = and(eq(regions.c.countryCode, city.countryCode), eq(regions.c.code, regionCode))
            const region = (yield* conn.execute(select(regions).where(inCountry))).first()
            if (region === null) {
              return yield* new UnknownRegion({
                message: `Country ${city.countryCode} has no region "${regionCode}".`,
              })
            }
            const added = insert(cities)
              .values({ ...city, regionId: region.id })
              .returning(cities.c.id)
            const { id } = yield* Effect.orDie((yield* conn.execute(added)).one())
            return { ...city, id, regionCode }
          }),
        )
        .pipe(
          // The key is the only constraint that is left to violate: country and region were found.
          Effect.catchTag(
            "IntegrityError",
            () => new AlreadyExists({ message: `A city with the id ${city.id ?? "that came next"} exists already.` }),
          ),
          orUnavailable,
        )

    const populationReport = (cityCount: number) =>
      Effect.gen(function* () {
        const conn = yield* engine.connect
        const least = (yield* conn.execute(populationAtRank(cityCount))).first()
        // Compares all cities if there are fewer than that.
        const rows = (yield* conn.execute(crowding(least?.population ?? 0))).fetchAll()
        return rows.map((row) => ({ ...row, peopleNearby: row.peopleNearby ?? 0 }))
      }).pipe(Effect.scoped, orUnavailable)

    const health = Effect.gen(function* () {
      const { checkedOut, checkedIn } = engine.pool.statistics()
      const conn = yield* engine.connect
      yield* conn.scalar(select(literal(1).as("alive")))
      return {
        status: "ok" as const,
        database: engine.dialect.name,
        connections: { inUse: checkedOut, idle: checkedIn },
      }
    }).pipe(Effect.scoped, orUnavailable)

    return { countryList, citiesOf, cityById, addCity, populationReport, health }
  }),
}) {}
