import { AsyncEngine, count, desc, max, select } from "@offloop/orm-async"
import * as Effect from "effect/Effect"
import { cities, countries } from "../../cities/tables.ts"
import type { Pattern } from "./pattern.ts"

const byCountry = select(countries.c.name, count().as("cities"), max(cities.c.population).as("largest"))
  .from(cities)
  .join(countries)
  .groupBy(countries.c.name)
  .orderBy(desc("cities"), countries.c.name)
  .limit(9)

/** A result is in memory: rows are taken from it one by one, in groups, as single values, as arrays. */
export const resultsPattern: Pattern = {
  title: "Results: one row, some rows, one column, arrays",
  module: import.meta.url,
  statement: byCountry,
  run: Effect.gen(function* () {
    const engine = yield* AsyncEngine
    const conn = yield* engine.connect
    // shown from here
    const result = yield* conn.execute(byCountry)
    const first = result.fetchOne()
    const [second, third] = result.fetchMany(2)
    const [fourth, fifth] = result.tuples().fetchMany(2)
    const otherNames = result.scalars("name").all()
    // to here
    return [
      { from: "fetchOne()", gives: JSON.stringify(first) },
      { from: "fetchMany(2)", gives: JSON.stringify([second, third]) },
      { from: "tuples().fetchMany(2)", gives: JSON.stringify([fourth, fifth]) },
      { from: 'scalars("name").all()', gives: JSON.stringify(otherNames) },
    ]
  }).pipe(Effect.scoped),
}
