import {
  type ConnectAttempt,
  type DriverConnection,
  type DriverDone,
  type DriverError,
  type DriverOptions,
  failure,
  type Url,
} from "@offloop/orm-async/driver"
import { type OpenResidentError, openResident, Task } from "@offloop/runtime/callback"
import { locate } from "@offloop/runtime/threads"
import { parseConnectOptions } from "./connect-options.ts"
import { interfaceError, toDriverError } from "./driver-failure.ts"
import { addressOf, type PgConfig } from "./pg-config.ts"
import { PgDriverConnection } from "./pg-driver-connection.ts"
import { RemoteConnection } from "./remote-connection.ts"

// Sources run as .ts and the build as .js; the module has this one's extension.
const extension = import.meta.url.endsWith(".ts") ? ".ts" : ".js"
const module = new URL(`./pg-worker${extension}`, import.meta.url)
// Asked for at each use: a bundle names its modules after it has loaded this one.
const tasks = () => Task.fromModule<typeof import("./pg-worker.ts")>(locate("@offloop/driver-pg/worker", module))

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

type Connect = (config: PgConfig, options: DriverOptions, done: DriverDone<DriverConnection>) => ConnectAttempt

const connectHere: Connect = (config, { onNotice }, done) => {
  const connection = new PgDriverConnection(config, { onNotice })
  connection.open().then(
    () => done({ ok: true, value: connection }),
    (error: unknown) => done(failure(toDriverError(error, config))),
  )
  return { cancel: () => connection.terminate() }
}

const connectInWorker: Connect = (config, { onNotice }, done) => {
  let isOver = false
  const name = `postgresql:${addressOf(config)}`
  openResident(tasks().openConnection, config, { mode: "async", name }, (opened) => {
    if (isOver) {
      if (opened.ok) opened.value.close(() => {})
      return
    }
    isOver = true
    if (opened.ok) done({ ok: true, value: new RemoteConnection(opened.value, config.closeTimeout, onNotice) })
    else done(failure(openError(opened.error, config)))
  })
  return {
    cancel: () => {
      if (isOver) return
      isOver = true
      done(failure(interfaceError("the connection was given up before it was open", undefined, true)))
    },
  }
}

const openError = (error: OpenResidentError, config: PgConfig): DriverError =>
  error._tag === "TaskError" ? toDriverError(error.cause, config) : interfaceError(error.message, error, false)
