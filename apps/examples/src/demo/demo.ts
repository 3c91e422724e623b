import { AsyncEngine, AsyncSession, count, select } from "@offloop/orm-async"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { loadWorld } from "../cities/load.ts"
import { cities } from "../cities/tables.ts"
import { deriveWorld, readGeoNames, spread, type World } from "../cities/world.ts"
import { currentRuntime } from "../process/current-runtime.ts"
import { progress } from "../terminal/progress.ts"
import { Screen } from "../terminal/screen.ts"
import { comparePlacements } from "./compare-placements.ts"
import { drawChart, drawNumbers } from "./comparison.ts"
import { DemoDatabase } from "./database.ts"
import { type DemoOptions, UsageError } from "./options.ts"
import { showPatterns } from "./patterns/index.ts"
import { prepareDatabase } from "./prepare-database.ts"
import type { DemoResult } from "./result.ts"
import { calibrate, smallQueryCount } from "./workload.ts"

const number = new Intl.NumberFormat("en")
const rounded = (ms: number): number => Math.round(ms * 1000) / 1000

const readWorld = (rows: number | undefined) =>
  Effect.gen(function* () {
    const geoNames = yield* readGeoNames
    if (rows !== undefined && rows > geoNames.length) {
      yield* new UsageError({
        message: `--rows ${rows} is more than there are: the data set has ${geoNames.length} cities.`,
      })
    }
    return deriveWorld(spread(geoNames, rows ?? geoNames.length))
  })

/** Writes the world in one transaction and says how long that took, making the objects included. */
const load = (world: World) =>
  Effect.gen(function* () {
    const engine = yield* AsyncEngine
    const session = yield* AsyncSession.make(engine)
    const report = yield* progress("cities", world.cities.length)
    const started = performance.now()
    yield* session.begin(() => loadWorld(session, world, report))
    return performance.now() - started
  }).pipe(Effect.scoped)

const countCities = Effect.gen(function* () {
  const engine = yield* AsyncEngine
  const conn = yield* engine.connect
  return (yield* conn.scalar(select(count().as("cities")).from(cities))) ?? 0
}).pipe(Effect.scoped)

const demoOn = (options: DemoOptions) =>
  Effect.gen(function* () {
    const screen = yield* Screen
    const { url } = yield* DemoDatabase
    const world = yield* readWorld(options.rows)

    yield* screen.heading(`Loading into ${url} on ${currentRuntime}, in the worker placement`)
    yield* screen.print(
      `${number.format(world.countries.length)} countries, ${number.format(world.regions.length)} regions, ${number.format(world.cities.length)} cities, through a session, in one transaction`,
    )
    yield* prepareDatabase
    const loadMs = yield* load(world)
    const rows = yield* countCities
    yield* screen.print(
      `${number.format(rows)} cities are in the database after ${number.format(Math.round(loadMs))} ms`,
    )

    yield* showPatterns

    yield* screen.heading("A heavy aggregate and 1,000 small queries at the same time: inline, then in workers")
    const ids = spread(world.cities, smallQueryCount).map(({ id }) => id)
    const workload = yield* calibrate(ids, rows)
    yield* screen.print(
      `The aggregate compares ${number.format(workload.cityCount)} cities of at least ${number.format(workload.minPopulation)} people with each other.`,
    )
    const comparison = yield* comparePlacements(url, workload)
    yield* screen.print(drawNumbers(comparison))
    yield* screen.print(drawChart(comparison, screen.columns))
    yield* screen.print("Both placements gave the same answers.")

    const { inline, worker } = comparison
    const delay = ({ p50, p99, max }: typeof inline.loopDelayMs) => ({
      p50: rounded(p50),
      p99: rounded(p99),
      max: rounded(max),
    })
    return {
      runtime: currentRuntime,
      database: url.renderAsString(),
      rows,
      loadMs: rounded(loadMs),
      loopDelayMs: { inline: delay(inline.loopDelayMs), worker: delay(worker.loopDelayMs) },
      queriesPerSecond: { inline: rounded(inline.queriesPerSecond), worker: rounded(worker.queriesPerSecond) },
    } satisfies DemoResult
  })

/** The engine that loads and shows: in the worker placement, on the database that the options name. */
const engineLayer = Layer.unwrapEffect(
  Effect.map(DemoDatabase, ({ url }) => AsyncEngine.layer(url, { placement: "worker" })),
)

/** The whole demo on the runtime that runs this program. */
export const demo = (options: DemoOptions) =>
  demoOn(options).pipe(Effect.provide(engineLayer.pipe(Layer.provideMerge(DemoDatabase.layer(options.database)))))
