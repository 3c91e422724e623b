import type { UnsupportedRuntimeError } from "@offloop/runtime"
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import type { Connection } from "../connection/connection.ts"
import type { ExecutionOptions } from "../connection/execution-options.ts"
import type { Dialect } from "../dialect/dialect.ts"
import type { DriverConnection } from "../driver/driver.ts"
import type { ArgumentError, NoSuchModuleError, SqlError } from "../errors/index.ts"
import type { ConnectError } from "../pool/internal/connection-pool.ts"
import type { Pool } from "../pool/pool.ts"
import type { Body, EffectStyle, Member, Run, Scoped, Style } from "../style.ts"
import type { Url } from "../url/url.ts"
import type { AsyncEngineOptions } from "./engine-options.ts"
import { openEngine } from "./internal/open-engine.ts"

export type { ConnectError } from "../pool/internal/connection-pool.ts"
export type { AsyncEngineOptions } from "./engine-options.ts"

/**
 * A driver's own connection, borrowed from an engine's pool; it must not be closed.
 *
 * @see SQLAlchemy `sqlalchemy.pool.PoolProxiedConnection`
 */
export interface RawConnection {
  /** What the engine talks to. */
  readonly connection: DriverConnection
  /** The connection of the library underneath, where it lives on this thread; otherwise undefined. */
  readonly driverConnection: unknown
  /** Notes that live as long as the connection. */
  readonly info: Record<string, unknown>
}

/**
 * A database and the pool of connections to it, in some {@link Style}.
 *
 * @see SQLAlchemy `sqlalchemy.ext.asyncio.AsyncEngine`
 */
export interface Engine<S extends Style> {
  readonly url: Url
  readonly dialect: Dialect
  /** The dialect's name. */
  readonly name: string
  /** The driver's name. */
  readonly driver: string
  /** The state of the pool. */
  readonly pool: Pool
  /**
   * A connection from the pool, given back when the surrounding scope ends; what was not committed is rolled back then.
   * Opens one if none is free and there is room, else waits up to `poolTimeout`.
   */
  readonly connect: Scoped<S, Connection<S>, ConnectError>
  /** Runs a block with a connection in a transaction: commits when it succeeds, else rolls back. */
  begin<A, E = never, R = never>(
    block: (connection: Connection<S>) => Body<S, A, E, R>,
    options?: S["options"],
  ): Run<S, A, E | SqlError, R>
  /** The driver's own connection from the pool, reset and given back when the surrounding scope ends. */
  readonly rawConnection: Scoped<S, RawConnection, ConnectError>
  /**
   * Closes connections that are not in use, and those in use when they come back; waits for those that are being returned
   * or closed. The engine can be used again afterwards and opens new ones then.
   */
  readonly dispose: Member<S, void>
  /**
   * An engine with other options for its statements, on the same pool.
   *
   * @throws {ArgumentError} naming the option that is unknown or wrong
   */
  executionOptions(options: ExecutionOptions): Engine<S>
  /** The options of its statements. */
  getExecutionOptions(): ExecutionOptions
  /** Forgets compiled statements. */
  clearCompiledCache(): void
}

/**
 * An engine in the Effect style; also the service under which a program finds its engine.
 *
 * @example
 * ```ts
 * import { AsyncEngine, textClause } from "@offloop/orm-async"
 * import { Effect } from "effect"
 *
 * const answer = Effect.gen(function* () {
 *   const engine = yield* AsyncEngine
 *   return yield* engine.begin((conn) => conn.scalar(textClause("SELECT 42")))
 * })
 * const runnable = answer.pipe(Effect.provide(AsyncEngine.layer("sqlite:///./app.db")))
 * ```
 */
export interface AsyncEngine extends Engine<EffectStyle> {}

/** Every error of making an engine. */
export type CreateEngineError = ArgumentError | NoSuchModuleError | UnsupportedRuntimeError

/**
 * Makes an engine. Does no I/O: the first connection is opened when it is asked for. When the scope ends, the engine's
 * connections are closed and asking it for another one fails.
 *
 * Threads are started by the `Backend` of the options, else by the one in the context, else by the one of the runtime.
 *
 * Fails with `ArgumentError` for a wrong URL or option, `NoSuchModuleError` where no driver is registered for the URL, and
 * `UnsupportedRuntimeError` where the runtime cannot run threads.
 *
 * @see SQLAlchemy `sqlalchemy.ext.asyncio.create_async_engine`
 * @example
 * ```ts
 * import { createAsyncEngine, textClause } from "@offloop/orm-async"
 * import { Effect } from "effect"
 *
 * const program = Effect.gen(function* () {
 *   const engine = yield* createAsyncEngine("sqlite:///./app.db", { echo: true })
 *   const conn = yield* engine.connect
 *   return yield* conn.scalar(textClause("SELECT 42"))
 * }).pipe(Effect.scoped)
 * ```
 */
export const createAsyncEngine = (
  url: string | Url,
  options?: AsyncEngineOptions,
): Effect.Effect<AsyncEngine, CreateEngineError, Scope.Scope> => openEngine(url, options)

const tag = Context.GenericTag<AsyncEngine>("@offloop/orm-async/AsyncEngine")

/** The service of a program's engine, and a Layer that makes one. */
export const AsyncEngine: Context.Tag<AsyncEngine, AsyncEngine> & {
  /** Provides an engine made by {@link createAsyncEngine}, which lives as long as the layer. */
  readonly layer: (url: string | Url, options?: AsyncEngineOptions) => Layer.Layer<AsyncEngine, CreateEngineError>
} = Object.assign(tag, {
  layer: (url: string | Url, options?: AsyncEngineOptions) => Layer.scoped(tag, openEngine(url, options)),
})
