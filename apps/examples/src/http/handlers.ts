import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { CitiesApi } from "./api.ts"
import { CityStore } from "./city-store.ts"

const countries = HttpApiBuilder.group(CitiesApi, "countries", (handlers) =>
  Effect.map(CityStore, (store) =>
    handlers
      .handle("list", () => store.countryList)
      .handle("cities", ({ path, urlParams }) => store.citiesOf(path.code, urlParams)),
  ),
)

const cities = HttpApiBuilder.group(CitiesApi, "cities", (handlers) =>
  Effect.map(CityStore, (store) =>
    handlers
      .handle("byId", ({ path }) => store.cityById(path.id))
      .handle("create", ({ payload }) => store.addCity(payload)),
  ),
)

const reports = HttpApiBuilder.group(CitiesApi, "reports", (handlers) =>
  Effect.map(CityStore, (store) =>
    handlers.handle("population", ({ urlParams }) => store.populationReport(urlParams.cities)),
  ),
)

const health = HttpApiBuilder.group(CitiesApi, "health", (handlers) =>
  Effect.map(CityStore, (store) => handlers.handle("check", () => store.health)),
)

/** The API with its implementation. */
export const citiesApi = HttpApiBuilder.api(CitiesApi).pipe(
  Layer.provide([countries, cities, reports, health]),
  Layer.provide(CityStore.Default),
)
