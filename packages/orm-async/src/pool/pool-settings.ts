/** The settings of a pool, as `AsyncEngineOptions` describes them. */
export interface PoolSettings {
  readonly poolClass: PoolClass
  /** Infinity where there is no limit. */
  readonly size: number
  /** Infinity where there is no limit. */
  readonly maxOverflow: number
  /** The number of callers that may wait for a connection; Infinity where there is no limit. */
  readonly maxWaiting: number
  /** Milliseconds; Infinity where waiting has no limit. */
  readonly timeout: number
  /** Milliseconds; Infinity where connections do not grow old. */
  readonly recycle: number
  readonly prePing: boolean
  readonly lifo: boolean
  /** Why there can be no second connection, where there can be none. */
  readonly onlyConnection: string | undefined
  readonly resetOnReturn: ResetOnReturn
}

/**
 * Which kind of pool an engine has:
 *
 * - `queue`: up to `poolSize + maxOverflow` connections, of which `poolSize` are kept
 * - `null`: none is kept; each is opened when it is asked for and closed when it is given back
 * - `static`: one, kept as long as the engine, borrowed by one at a time
 * - `assertion`: one, and asking for it while it is in use fails at once, with the place where it was taken: for tests that
 *   must find connections which are held too long
 *
 * @see SQLAlchemy `AsyncAdaptedQueuePool`, `NullPool`, `AssertionPool`, and `StaticPool` (whose one connection is shared by
 *   all at once, so that one's rollback takes back another's work; here the others wait)
 */
export type PoolClass = "queue" | "null" | "static" | "assertion"

/**
 * The fate of a transaction that is open when its connection is given back. With `null` nothing happens: the next
 * borrower gets the connection as it is, open transaction and changed settings included, unless nobody can tell what it
 * does.
 */
export type ResetOnReturn = "rollback" | "commit" | null
