import type { PoolClass } from "./pool-settings.ts"

/** Counts of a pool at one moment. */
export interface PoolStatistics {
  readonly poolClass: PoolClass
  /** Connections kept open when nobody uses them; Infinity where there is no limit. */
  readonly size: number
  readonly maxOverflow: number
  /** Connections that can be lent at once, those included whose reset goes ahead of their next call. */
  readonly checkedIn: number
  /** Connections in use, those included whose reset or end after use is waited for. */
  readonly checkedOut: number
  /** Connections that are being opened. */
  readonly connecting: number
  /** Callers that wait for a connection. */
  readonly waiting: number
  /** Connections in existence beyond `size`. */
  readonly overflow: number
  /** Connections opened since the engine was made. */
  readonly opened: number
  /** Connections closed since the engine was made. */
  readonly closed: number
}

/**
 * The state of an engine's pool. Reading it does no I/O.
 *
 * @see SQLAlchemy `sqlalchemy.pool.QueuePool`
 * @example
 * ```ts
 * import type { AsyncEngine } from "@offloop/orm-async"
 *
 * const isExhausted = (engine: AsyncEngine) => engine.pool.statistics().waiting > 0
 * ```
 */
export interface Pool {
  /** Connections kept open when nobody uses them. */
  size(): number
  /** Connections that wait in the pool. */
  checkedIn(): number
  /** Connections in use. */
  checkedOut(): number
  /** Connections in existence beyond `size()`; never negative, unlike SQLAlchemy's. */
  overflow(): number
  /** The time for which a caller waits for a connection, in milliseconds. */
  timeout(): number
  /** The counts as one line of text. */
  status(): string
  /** All counts at one moment. */
  statistics(): PoolStatistics
}
