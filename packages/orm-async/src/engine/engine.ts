import type { Connection } from "../connection/connection.ts"
import type { ExecutionOptions } from "../connection/execution-options.ts"
import type { Dialect } from "../dialect/dialect.ts"
import type { DriverConnection } from "../driver/driver.ts"
import type { SqlError } from "../errors/index.ts"
import type { ConnectError } from "../pool/connection-pool.ts"
import type { Pool } from "../pool/pool.ts"
import type { Body, Member, Run, Scoped, Style } from "../style.ts"
import type { Url } from "../url/url.ts"

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
