import {
  isRetryable,
  type RetryOptions,
  retriesExhausted,
  retryDelay,
  retrySettings,
} from "../options/retry-options.ts"
import type { CallOptions } from "./promise-style.ts"

/** A pause that an aborted signal cuts short. */
const pause = (milliseconds: number, signal: AbortSignal | undefined): Promise<void> =>
  new Promise((resolve, reject) => {
    if (signal?.aborted === true) return reject(signal.reason)
    const stop = (): void => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop)
      resolve()
    }, milliseconds)
    signal?.addEventListener("abort", stop, { once: true })
  })

/**
 * Does work that may meet other transactions, and does it anew when one was in the way: a serialization failure, a deadlock or
 * a lock that was not free on PostgreSQL, `SQLITE_BUSY` and `SQLITE_BUSY_SNAPSHOT` on SQLite; every error with
 * `isRetryable`. The work must be a whole transaction, since nothing of a failed try may be left.
 *
 * Rejects with `RetriesExhaustedError` when the last try has failed so too, at once with any other error of the work, with
 * the signal's reason when it is aborted between two tries, and with `ArgumentError` for a wrong option.
 *
 * @param work a transaction from its beginning to its end; `attempt` counts from 1
 * @see SQLAlchemy "Dealing with serialization failures"
 * @example
 * ```ts
 * import { type AsyncEngine, retry, textClause } from "@offloop/orm-async/promise"
 *
 * const move = (engine: AsyncEngine) =>
 *   retry(() =>
 *     engine.executionOptions({ isolationLevel: "SERIALIZABLE" }).begin(async (conn) => {
 *       await conn.execute(textClause("UPDATE accounts SET balance = balance - 1 WHERE id = 1"))
 *       await conn.execute(textClause("UPDATE accounts SET balance = balance + 1 WHERE id = 2"))
 *     }),
 *   )
 * ```
 */
export const retry = async <A>(
  work: (attempt: number) => PromiseLike<A> | A,
  options: RetryOptions & CallOptions = {},
): Promise<A> => {
  const { signal, ...others } = options
  const settings = retrySettings(others)
  for (let attempt = 1; ; attempt++) {
    signal?.throwIfAborted()
    try {
      return await work(attempt)
    } catch (error) {
      if (!isRetryable(error)) throw error
      if (attempt === settings.attempts) throw retriesExhausted(attempt, error)
    }
    await pause(retryDelay(settings, attempt), signal)
  }
}
