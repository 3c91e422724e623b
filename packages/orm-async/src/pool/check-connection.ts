import type { DriverError } from "../errors/driver-error.ts"
import { DisconnectionError } from "../errors/index.ts"
import { CallbackCall, Left } from "../operation/call.ts"
import { type Procedure, settled, wait } from "../operation/operation.ts"
import type { ConnectionPool } from "./connection-pool.ts"
import type { EndingOf, PoolSlots } from "./connector.ts"
import type { PooledConnection } from "./pooled-connection.ts"

/** The number of times that a connection which does not answer is replaced before the pool gives up. */
const pingTries = 3

/**
 * A borrowed connection if it is young and alive, else one that takes its place.
 *
 * @throws {ConnectError}
 */
export function* checkConnection(pool: ConnectionPool, connection: PooledConnection): Procedure<PooledConnection> {
  const { prePing, recycle } = pool.settings
  if (connection.fresh) return connection
  if (pool.timer.now() - connection.openedAt > recycle) return yield* replace(pool, connection, "close")
  if (!prePing) return connection
  for (let current = connection, tries = pingTries; ; tries--) {
    const error = yield* ping(pool, current)
    if (error === undefined) return current
    if (error.isDisconnect) pool.invalidateAll()
    if (tries === 1) {
      pool.release(current, "dead")
      throw new DisconnectionError({
        message: `The database did not answer on ${pingTries} connections, new ones included; is it up, and does it let clients stay?`,
        cause: error,
      })
    }
    current = yield* replace(pool, current, "terminate")
  }
}

function* ping(pool: ConnectionPool, connection: PooledConnection): Procedure<DriverError | undefined> {
  const { driver } = connection
  try {
    const answer = yield* settled(
      new CallbackCall<void>(
        (done) => driver.ping(done),
        "later",
        () => driver.cancel(),
      ),
    )
    return answer.ok ? undefined : (answer.error as DriverError)
  } catch (error) {
    pool.release(connection, "unknown")
    throw error
  }
}

/** Ends a borrowed connection and opens another in the same slot. */
function* replace(pool: ConnectionPool, old: PooledConnection, how: EndingOf): Procedure<PooledConnection> {
  const home = old.home as PoolSlots
  const replaced = new CallbackCall<PooledConnection>(
    (done) =>
      pool.connector.end(old, how, () =>
        pool.open(
          home,
          (connection) => done({ ok: true, value: connection }),
          (error) => {
            home.lost()
            done({ ok: false, error })
          },
        ),
      ),
    "later",
  )
  try {
    return yield* wait(replaced)
  } catch (error) {
    if (error instanceof Left && error.outcome?.ok === true) pool.putBack(error.outcome.value as PooledConnection)
    throw error
  }
}
