import { AsyncEngine, desc, select } from "@offloop/orm-async"
import * as Effect from "effect/Effect"
import { cities, countries } from "../../cities/tables.ts"
import type { Pattern } from "./pattern.ts"

const largest = select(cities.c.name, countries.c.name.as("country"), cities.c.population)
  .join(countries)
  .orderBy(desc(cities.c.population))
  .limit(5)

/** A connection of the engine's pool, given back when the scope closes. */
export const connectPattern: Pattern = {
  title: "Engine and connect: borrow a connection, run a statement",
  module: import.meta.url,
  statement: largest,
  run: Effect.gen(function* () {
    // shown from here
    const engine = yield* AsyncEngine
    const conn = yield* engine.connect
    const result = yield* conn.execute(largest)
    return result.fetchAll()
    // to here
  }).pipe(Effect.scoped),
}
