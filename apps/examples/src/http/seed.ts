import { AsyncEngine, AsyncSession, count, createAll, select } from "@offloop/orm-async"
import * as Effect from "effect/Effect"
import { loadWorld } from "../cities/load.ts"
import { cities, cityTables } from "../cities/tables.ts"
import { deriveWorld, readGeoNames, spread } from "../cities/world.ts"

/** The ids were given, so PostgreSQL's counter has not moved; SQLite counts on from the largest by itself. */
const advanceCounter = `SELECT setval(pg_get_serial_sequence('cities', 'id'), (SELECT max(id) FROM cities))`

/**
 * Makes the tables that are missing and, where there are no cities, loads them: all or none.
 *
 * @param wanted the number of cities to load; undefined: all
 */
export const seed = (wanted: number | undefined) =>
  Effect.gen(function* () {
    const engine = yield* AsyncEngine
    yield* engine.begin((conn) => conn.execute(createAll(cityTables)))
    const session = yield* AsyncSession.make(engine)
    yield* session.begin(() =>
      Effect.gen(function* () {
        const existing = yield* session.scalar(select(count().as("cities")).from(cities))
        if (existing !== 0) return yield* Effect.log(`The database has ${existing} cities.`)
        const geoNames = yield* readGeoNames
        const world = deriveWorld(spread(geoNames, wanted ?? geoNames.length))
        yield* loadWorld(session, world, () => {})
        if (engine.dialect.name === "postgresql") {
          const conn = yield* session.connection
          yield* conn.execDriverSql(advanceCounter)
        }
        yield* Effect.log(`Loaded ${world.cities.length} cities.`)
      }),
    )
  }).pipe(Effect.scoped)
