import * as HttpApi from "@effect/platform/HttpApi"
import * as HttpApiEndpoint from "@effect/platform/HttpApiEndpoint"
import * as HttpApiGroup from "@effect/platform/HttpApiGroup"
import * as Schema from "effect/Schema"
import { AlreadyExists, NotFound, Unavailable, UnknownRegion } from "./errors.ts"
import { CityId, CityJson, CityPage, CountryJson, CrowdingJson, HealthJson, NewCity, ReportRange } from "./models.ts"

const countries = HttpApiGroup.make("countries")
  .add(HttpApiEndpoint.get("list", "/countries").addSuccess(Schema.Array(CountryJson)))
  .add(
    HttpApiEndpoint.get("cities", "/countries/:code/cities")
      .setPath(Schema.Struct({ code: Schema.String }))
      .setUrlParams(CityPage)
      .addSuccess(Schema.Array(CityJson))
      .addError(NotFound),
  )

const cities = HttpApiGroup.make("cities")
  .add(
    HttpApiEndpoint.get("byId", "/cities/:id")
      .setPath(Schema.Struct({ id: CityId }))
      .addSuccess(CityJson)
      .addError(NotFound),
  )
  .add(
    HttpApiEndpoint.post("create", "/cities")
      .setPayload(NewCity)
      .addSuccess(CityJson, { status: 201 })
      .addError(UnknownRegion)
      .addError(AlreadyExists),
  )

const reports = HttpApiGroup.make("reports").add(
  HttpApiEndpoint.get("population", "/reports/population")
    .setUrlParams(ReportRange)
    .addSuccess(Schema.Array(CrowdingJson)),
)

const health = HttpApiGroup.make("health").add(HttpApiEndpoint.get("check", "/health").addSuccess(HealthJson))

/** The whole API as a value: paths, what they take, what they answer, how they fail. */
export const CitiesApi = HttpApi.make("cities")
  .add(countries)
  .add(cities)
  .add(reports)
  .add(health)
  .addError(Unavailable)
