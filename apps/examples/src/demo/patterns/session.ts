import { AsyncEngine, AsyncSession, desc, select } from "@offloop/orm-async"
import * as Effect from "effect/Effect"
import { City, Country } from "../../cities/entities.ts"
import type { Pattern } from "./pattern.ts"

const largestCities = select(City).orderBy(desc(City.c.population)).limit(3)

/** Objects that stand for rows: changes to them are found and written. */
export const sessionPattern: Pattern = {
  title: "Session: load objects, change them, write what changed",
  module: import.meta.url,
  statement: largestCities,
  run: Effect.gen(function* () {
    // shown from here
    const engine = yield* AsyncEngine
    const session = yield* AsyncSession.make(engine)
    const largest = (yield* session.scalars(largestCities)).all()
    for (const city of largest) city.population += 1
    yield* session.commit
    return yield* Effect.forEach(largest, (city) =>
      Effect.gen(function* () {
        const country = yield* session.getOne(Country, city.countryCode)
        return { city: city.name, country: country.name, population: city.population }
      }),
    )
    // to here
  }).pipe(Effect.scoped),
}
