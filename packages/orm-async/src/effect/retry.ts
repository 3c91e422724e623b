import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import type { RetriesExhaustedError } from "../errors/index.ts"
import { isRetryable, retriesExhausted } from "../options/retry-options.ts"

/** Four more tries after pauses that double from 10 milliseconds, each shortened at random. */
const fiveTimes = Schedule.intersect(Schedule.jittered(Schedule.exponential("10 millis")), Schedule.recurs(4))

/**
 * Does work that may meet other transactions, and does it anew when one was in the way: a serialization failure, a deadlock or
 * a lock that was not free on PostgreSQL, `SQLITE_BUSY` and `SQLITE_BUSY_SNAPSHOT` on SQLite; every error with
 * `isRetryable`. The work must be a whole transaction, since nothing of a failed try may be left.
 *
 * Fails with `RetriesExhaustedError` when the schedule has ended, and at once with any other error of the work.
 *
 * @param work a transaction from its beginning to its end
 * @param schedule when it is tried again, as its errors come (default: four more times, with pauses that double from 10
 *   milliseconds)
 * @see SQLAlchemy "Dealing with serialization failures"
 * @example
 * ```ts
 * import { type AsyncEngine, retry, textClause } from "@offloop/orm-async"
 * import * as Schedule from "effect/Schedule"
 *
 * const touch = (engine: AsyncEngine) =>
 *   retry(
 *     engine
 *       .executionOptions({ isolationLevel: "SERIALIZABLE" })
 *       .begin((conn) => conn.execute(textClause("UPDATE counters SET n = n + 1"))),
 *     Schedule.recurs(10),
 *   )
 * ```
 */
export const retry = <A, E, R, R2 = never>(
  work: Effect.Effect<A, E, R>,
  schedule?: Schedule.Schedule<unknown, E, R2>,
): Effect.Effect<A, E | RetriesExhaustedError, R | R2> =>
  Effect.suspend(() => {
    let attempts = 0
    const counted = Effect.suspend(() => {
      attempts++
      return work
    })
    const tried: Effect.Effect<A, E, R | R2> =
      schedule === undefined
        ? Effect.retry(counted, { schedule: fiveTimes, while: isRetryable })
        : Effect.retry(counted, { schedule, while: isRetryable })
    return Effect.mapError(tried, (error) => (isRetryable(error) ? retriesExhausted(attempts, error) : error))
  })
