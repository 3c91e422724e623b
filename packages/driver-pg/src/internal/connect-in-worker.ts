import { type DriverError, failure } from "@offloop/orm-async/driver"
import { type OpenResidentError, openResident } from "@offloop/runtime/callback"
import { locate, Task } from "@offloop/runtime/tasks"
import type { Connect } from "./connect.ts"
import { interfaceError, toDriverError } from "./driver-failure.ts"
import { addressOf, type PgConfig } from "./pg-config.ts"
import { RemoteConnection } from "./remote-connection.ts"

// Sources run as .ts and the build as .js; the module has this one's extension.
const extension = import.meta.url.endsWith(".ts") ? ".ts" : ".js"
const module = new URL(`./pg-worker${extension}`, import.meta.url)
// Asked for at each use: a bundle names its modules after it has loaded this one.
const tasks = () => Task.fromModule<typeof import("./pg-worker.ts")>(locate("@offloop/driver-pg/worker", module))

/** Opens a connection in a worker thread of its own. */
export const connectInWorker: Connect = (config, { onNotice }, done) => {
  let isOver = false
  const name = `postgresql:${addressOf(config)}`
  openResident(tasks().openConnection, config, { mode: "async", name }, (opened) => {
    if (isOver) {
      if (opened.ok) opened.value.close(() => {})
      return
    }
    isOver = true
    if (opened.ok) done({ ok: true, value: new RemoteConnection(opened.value, config, onNotice) })
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
