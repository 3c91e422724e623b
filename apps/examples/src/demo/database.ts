import { join } from "node:path"
import { type ArgumentError, makeUrl, Url } from "@offloop/orm-async"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { temporaryFolder } from "../process/temporary-folder.ts"
import { UsageError } from "./options.ts"

/** The schema that the demo owns in a PostgreSQL database. */
export const demoSchema = "offloop_demo"

/** The database that the demo works on. */
export class DemoDatabase extends Context.Tag("@offloop/examples/DemoDatabase")<DemoDatabase, { readonly url: Url }>() {
  /** The database that `url` names, or a SQLite file in a temporary folder that is removed when the scope closes. */
  static readonly layer = (url: string | undefined): Layer.Layer<DemoDatabase, UsageError> =>
    Layer.scoped(
      DemoDatabase,
      Effect.map(url === undefined ? temporaryFile : given(url), (url) => ({ url })),
    )
}

const temporaryFile = Effect.map(temporaryFolder("offloop-demo-"), (folder) =>
  Url.create({ drivername: "sqlite", database: join(folder, "cities.db") }),
)

const refuse = (message: string) => Effect.fail(new UsageError({ message }))

const given = (text: string): Effect.Effect<Url, UsageError> =>
  Effect.gen(function* () {
    const url = yield* Effect.try({
      try: () => makeUrl(text),
      catch: (error) => error as ArgumentError,
    }).pipe(Effect.catchAll((error) => refuse(`--database: ${error.message}`)))
    if (url.query.placement !== undefined) {
      return yield* refuse("--database names a placement, but the demo runs both. Remove placement from the URL.")
    }
    switch (url.getBackendName()) {
      case "postgresql":
        return url.updateQuery({ search_path: demoSchema })
      case "sqlite":
        if (url.database === undefined || url.database === "" || url.database === ":memory:") {
          return yield* refuse(
            "--database is in memory, where each of the demo's engines would see a database of its own. Name a file: sqlite:///cities.db.",
          )
        }
        return url
      default:
        return yield* refuse(
          `--database: the demo knows sqlite and postgresql, not ${url.getBackendName()}. Write sqlite:///cities.db or postgresql://user:password@host/database.`,
        )
    }
  })
