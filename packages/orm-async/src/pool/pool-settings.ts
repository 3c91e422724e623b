/** How a pool keeps connections, as {@link import("../engine/engine-options.ts").AsyncEngineOptions} describes it. */
export interface PoolSettings {
  readonly poolClass: PoolClass
  /** Infinity where there is no limit. */
  readonly size: number
  /** Infinity where there is no limit. */
  readonly maxOverflow: number
  /** Milliseconds; Infinity where waiting has no limit. */
  readonly timeout: number
  /** Milliseconds; Infinity where connections do not grow old. */
  readonly recycle: number
  readonly prePing: boolean
  readonly lifo: boolean
  readonly resetOnReturn: ResetOnReturn
}

/**
 * Which kind of pool an engine has:
 *
 * - `queue`: up to `poolSize + maxOverflow` connections, of which `poolSize` are kept
 * - `null`: none is kept; each is opened when it is asked for and closed when it is given back
 * - `static`: one, kept as long as the engine, borrowed by one at a time
 *
 * @see SQLAlchemy `AsyncAdaptedQueuePool`, `NullPool`, `StaticPool` (whose one connection is shared by all at once, so that
 *   one's rollback takes back another's work; here the others wait)
 */
export type PoolClass = "queue" | "null" | "static"

/**
 * What happens to a transaction that is open when its connection is given back. A connection without one needs no reset
 * and gets none.
 */
export type ResetOnReturn = "rollback" | "commit"
