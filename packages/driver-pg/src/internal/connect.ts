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

/** Opens a connection as its configuration says. */
export type Connect = (config: PgConfig, options: DriverOptions, done: DriverDone<DriverConnection>) => ConnectAttempt

/** Opens one connection: a session on a socket of its own, on the loop's thread or in a worker. */
export const connect = (url: Url, options: DriverOptions, done: DriverDone<DriverConnection>): ConnectAttempt => {
  let config: PgConfig
  try {
    config = parseConnectOptions(url, options.connectArgs, process.env)
  } catch (error) {
    done(failure(interfaceError(error instanceof Error ? error.message : String(error), error, false)))
    return { cancel: () => {} }
  }
  return options.placement === "inline" ? connectHere(config, options, done) : connectElsewhere(config, options, done)
}

const connectHere: Connect = (config, { onNotice }, done) => {
  const connection = new PgDriverConnection(config, { onNotice })
  connection.open().then(
    () => done({ ok: true, value: connection }),
    (error: unknown) => done(failure(toDriverError(error, config))),
  )
  return { cancel: () => connection.terminate() }
}

/** The module that starts threads is loaded by those who need threads. */
const connectElsewhere: Connect = (config, options, done) => {
  let isCancelled = false
  let attempt: ConnectAttempt | undefined
  import("./connect-in-worker.ts").then(
    ({ connectInWorker }) => {
      attempt = connectInWorker(config, options, done)
      if (isCancelled) attempt.cancel()
    },
    (error: unknown) => done(failure(interfaceError(String(error), error, false))),
  )
  return {
    cancel: () => {
      isCancelled = true
      attempt?.cancel()
    },
  }
}
