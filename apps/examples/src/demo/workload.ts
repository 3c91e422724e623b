import { AsyncEngine, type Executable, eq, select } from "@offloop/orm-async"
import * as Effect from "effect/Effect"
import { crowding, populationAtRank } from "../cities/crowding.ts"
import { cities } from "../cities/tables.ts"

/** The work that both placements do: one heavy aggregate and many small queries. */
export interface Workload {
  /** Cities of at least this many people take part in the aggregate. */
  readonly minPopulation: number
  /** The number of those cities. */
  readonly cityCount: number
  /** The primary keys that the small queries ask for. */
  readonly ids: ReadonlyArray<number>
}

/** The number of small queries that are on their way at a time, as in a server with that many clients. */
const clients = 4

/** Connections that the work uses at a time: one for each client and one for the aggregate. */
export const connectionCount = clients + 1

/** Runs a statement on a connection of its own and gives its rows. */
const rowsOf = <Row>(statement: Executable<Row>) =>
  Effect.scoped(
    Effect.gen(function* () {
      const engine = yield* AsyncEngine
      const conn = yield* engine.connect
      return (yield* conn.execute(statement)).fetchAll()
    }),
  )

/** The heavy query. */
export const aggregate = ({ minPopulation }: Pick<Workload, "minPopulation">) => rowsOf(crowding(minPopulation))

/** The small queries: each takes a connection from the pool, selects one city by its key and gives the connection back. */
export const smallQueries = ({ ids }: Pick<Workload, "ids">) =>
  Effect.forEach(ids, (id) => rowsOf(select(cities).where(eq(cities.c.id, id))), { concurrency: clients })

const populationAt = (rank: number) => Effect.map(rowsOf(populationAtRank(rank)), ([row]) => row?.population ?? 0)

/** The number of small queries that are asked. */
export const smallQueryCount = 1_000

const sampleCities = 250
const aimMs = 1_000

const timeOf = (minPopulation: number) =>
  Effect.gen(function* () {
    const started = performance.now()
    yield* aggregate({ minPopulation })
    return performance.now() - started
  })

/**
 * Chooses how many of the largest cities the aggregate compares, so that on this machine it takes about a second: times
 * it with a few and goes on, by the square of their number, until it takes long enough or there are no more cities.
 *
 * @param ids the primary keys that the small queries shall ask for
 * @param most the number of cities that there are
 */
export const calibrate = (ids: ReadonlyArray<number>, most: number) =>
  Effect.gen(function* () {
    let cityCount = Math.min(most, sampleCities)
    for (;;) {
      const minPopulation = yield* populationAt(cityCount)
      const tookMs = yield* timeOf(minPopulation)
      if (cityCount === most || tookMs >= 0.8 * aimMs) return { minPopulation, cityCount, ids } satisfies Workload
      // A short time says little about a long one, so each step is a bounded one.
      const growth = Math.min(4, Math.max(1.1, Math.sqrt(aimMs / tookMs)))
      cityCount = Math.min(most, Math.ceil(cityCount * growth))
    }
  })
