import { AsyncEngine, add, asc, desc, eq, type Ordering, select, sub, update } from "@offloop/orm-async"
import * as Effect from "effect/Effect"
import { cities } from "../../cities/tables.ts"
import type { Pattern } from "./pattern.ts"

const firstBy = (ordering: Ordering) =>
  select(cities.c.id).from(cities).orderBy(ordering, cities.c.id).limit(1).scalarSubquery()

const leave = update(cities)
  .set({ population: sub(cities.c.population, 1000) })
  .where(eq(cities.c.id, firstBy(desc(cities.c.population))))
  .returning(cities.c.name, cities.c.population)

const arrive = update(cities)
  .set({ population: add(cities.c.population, 1000) })
  .where(eq(cities.c.id, firstBy(asc(cities.c.population))))
  .returning(cities.c.name, cities.c.population)

/** A transaction: committed when the block succeeds, rolled back when it fails or is interrupted. */
export const beginPattern: Pattern = {
  title: "Begin: a thousand people move from the largest city to the smallest, in one transaction",
  module: import.meta.url,
  statement: leave,
  run: Effect.gen(function* () {
    // shown from here
    const engine = yield* AsyncEngine
    return yield* engine.begin((conn) =>
      Effect.gen(function* () {
        const from = yield* conn.execute(leave)
        const to = yield* conn.execute(arrive)
        return [...from.fetchAll(), ...to.fetchAll()]
      }),
    )
    // to here
  }),
}
