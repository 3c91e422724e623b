import {
  type ConnectAttempt,
  type DriverConnection,
  type DriverDone,
  type DriverError,
  type DriverOptions,
  failure,
  type Url,
} from "@offloop/orm-async/driver"
import { parseConnectOptions } from "./connect-options.ts"
import { givenUp, interfaceError, toDriverError } from "./driver-failure.ts"
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
  return options.placement === "inline" ? connectHere(config, options, done) : connectInWorker(config, options, done)
}

export type Connect = (config: PgConfig, options: DriverOptions, done: DriverDone<DriverConnection>) => ConnectAttempt

const connectHere: Connect = (config, { onNotice }, done) => {
  const connection = new PgDriverConnection(config, { onNotice })
  connection.open().then(
    () => done({ ok: true, value: connection }),
    (error: unknown) => done(failure(toDriverError(error, config))),
  )
  return { cancel: () => connection.terminate() }
}

const connectInWorker: Connect = (config, options, done) => {
  let attempt: ConnectAttempt | undefined
  let isOver = false
  const fail = (error: DriverError): void => {
    if (isOver) return
    isOver = true
    done(failure(error))
  }
  // Loaded when it is needed: a program whose connections are all inline starts without what starts threads.
  import("./connect-in-worker.ts").then(
    ({ connectInWorker }) => {
      if (!isOver) attempt = connectInWorker(config, options, done)
    },
    (error: unknown) => fail(interfaceError(error instanceof Error ? error.message : String(error), error, false)),
  )
  return { cancel: () => (attempt === undefined ? fail(givenUp()) : attempt.cancel()) }
}
