import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import * as HttpServer from "@effect/platform/HttpServer"
import { AsyncEngine } from "@offloop/orm-async"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { type Configuration, configuration } from "./configuration.ts"
import { citiesApi } from "./handlers.ts"
import { InFlight } from "./in-flight.ts"
import { listen } from "./listen.ts"
import { seed } from "./seed.ts"

/** Serves the API, every request counted. */
const serve = Layer.unwrapEffect(
  Effect.map(InFlight, ({ middleware }) => HttpApiBuilder.serve((app) => middleware(app))),
)

/**
 * Eight requests talk to the database at a time; another one waits two seconds at most. No overflow: in the worker
 * placement each connection beyond the pool would start a thread and end it again.
 */
const poolOptions = { poolSize: 8, maxOverflow: 0, poolTimeout: "2 seconds" } as const

/**
 * Everything that runs, each line on those below it: engine, data, server, API. Closed from the top down, so that the
 * engine is there until the last request has been answered.
 */
const layers = ({ databaseUrl, placement, host, port, cities }: Configuration) =>
  serve.pipe(
    Layer.provide(citiesApi),
    Layer.provideMerge(listen({ host, port })),
    Layer.provideMerge(InFlight.layer),
    Layer.provideMerge(Layer.effectDiscard(seed(cities))),
    Layer.provideMerge(AsyncEngine.layer(databaseUrl, { placement, ...poolOptions })),
  )

const untilInterrupted = Effect.gen(function* () {
  const server = yield* HttpServer.HttpServer
  const { drain } = yield* InFlight
  yield* Effect.addFinalizer(() => drain)
  yield* Effect.log(`Listening on ${HttpServer.formatAddress(server.address)}`)
  return yield* Effect.never
}).pipe(Effect.scoped)

/** Serves until interrupted; then refuses new requests, answers those that run, and closes. */
export const program = Effect.flatMap(configuration, (configured) =>
  Effect.provide(untilInterrupted, layers(configured)),
)
