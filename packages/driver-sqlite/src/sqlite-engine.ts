/** An {@link AsyncEngine} on SQLite as a Layer. */
import { AsyncEngine, type AsyncEngineOptions, type CreateEngineError, type Url } from "@offloop/orm-async"
import type * as Layer from "effect/Layer"
import { sqlite } from "./sqlite-driver.ts"

/** Options of an engine on SQLite. */
export interface SqliteEngineOptions extends Omit<AsyncEngineOptions, "driver"> {
  /** `sqlite:///relative.db`, `sqlite:////absolute.db`, or `sqlite://` for memory; see {@link sqlite} for its options. */
  readonly url: string | Url
}

/**
 * Provides an engine on SQLite, which is disposed when the layer's scope closes. Making it does no I/O: the first connection
 * opens the file.
 *
 * @example
 * ```ts
 * import { AsyncEngine, textClause } from "@offloop/orm-async"
 * import { SqliteEngine } from "@offloop/driver-sqlite/effect"
 * import { Effect } from "effect"
 *
 * const program = Effect.gen(function* () {
 *   const engine = yield* AsyncEngine
 *   const conn = yield* engine.connect
 *   return yield* conn.scalar(textClause("SELECT sqlite_version()"))
 * })
 *
 * Effect.runPromise(program.pipe(Effect.scoped, Effect.provide(SqliteEngine.layer({ url: "sqlite:///./app.db" }))))
 * ```
 */
export const layer = ({ url, ...options }: SqliteEngineOptions): Layer.Layer<AsyncEngine, CreateEngineError> =>
  AsyncEngine.layer(url, { ...options, driver: sqlite })
