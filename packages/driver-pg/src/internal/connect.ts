import {
  type ConnectAttempt,
  type DriverConnection,
  type DriverDone,
  type DriverOptions,
  failure,
  type Url,
} from "@offloop/orm-async/driver"
import { parseConnectOptions } from "./connect-options.ts"
import { interfaceError, toDriverError } from "./driver-failure.ts"
import type { PgConfig } from "./pg-config.ts"
import { PgDriverConnection } from "./pg-driver-connection.ts"

/** Opens one connection: a session on a socket of its own, on the loop's thread or in a worker. */
export const connect = (url: Url, options: DriverOptions, done: DriverDone<DriverConnection>): ConnectAttempt => {
  let config: PgConfig
  try {
    config = parseConnectOptions(url, options.connectArgs, process.env)
  } catch (error) {
    done(failure(interfaceError(error instanceof Error ? error.message : String(error), error, false)))
    return { cancel: () => {} }
  }
  const connection = new PgDriverConnection(config)
  connection.open().then(
    () => done({ ok: true, value: connection }),
    (error: unknown) => done(failure(toDriverError(error, config))),
  )
  return { cancel: () => connection.terminate() }
}
