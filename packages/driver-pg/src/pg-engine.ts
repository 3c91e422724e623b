/** An {@link AsyncEngine} on PostgreSQL as a Layer. */
import { AsyncEngine, type AsyncEngineOptions, type CreateEngineError, type Url } from "@offloop/orm-async"
import type * as Layer from "effect/Layer"
import { postgres } from "./pg-driver.ts"

/** Options of an engine on PostgreSQL. */
export interface PgEngineOptions extends Omit<AsyncEngineOptions, "driver"> {
  /** `postgresql://user:password@host:port/database`; see {@link postgres} for its options. */
  readonly url: string | Url
}

/**
 * Provides an engine on PostgreSQL, which is disposed when the layer's scope closes. Making it does no I/O: the first
 * connection is opened when it is asked for.
 *
 * @example
 * ```ts
 * import { AsyncEngine, textClause } from "@offloop/orm-async"
 * import { PgEngine } from "@offloop/driver-pg/effect"
 * import { Effect } from "effect"
 *
 * const program = Effect.gen(function* () {
 *   const engine = yield* AsyncEngine
 *   const conn = yield* engine.connect
 *   return yield* conn.scalar(textClause("SELECT version()"))
 * })
 *
 * const PgLive = PgEngine.layer({ url: "postgresql://ann:secret@localhost/app" })
 * Effect.runPromise(program.pipe(Effect.scoped, Effect.provide(PgLive)))
 * ```
 */
export const layer = ({ url, ...options }: PgEngineOptions): Layer.Layer<AsyncEngine, CreateEngineError> =>
  AsyncEngine.layer(url, { ...options, driver: postgres })
