import {
  type ConnectAttempt,
  type DriverConnection,
  type DriverDone,
  type DriverOptions,
  failure,
  type Url,
} from "@offloop/orm-async/driver"
import { openResident, type ResidentHandle, Task } from "@offloop/runtime/callback"
import { locate } from "@offloop/runtime/threads"
import type { NativeDatabase } from "./better-sqlite3.ts"
import { parseConnectOptions } from "./connect-options.ts"
import { nativeDriverError, optionError, toDriverError } from "./driver-failure.ts"
import { InlineDriverConnection } from "./inline-driver-connection.ts"
import { openDatabase } from "./open-database.ts"
import type { ServedConnection } from "./served-connection.ts"
import { returnFile, type SharedFile, shareFile } from "./shared-files.ts"
import { databaseLocation, type SqliteConfig } from "./sqlite-config.ts"
import { SqliteConnection } from "./sqlite-connection.ts"
import { SqliteDriverConnection } from "./sqlite-driver-connection.ts"
import { WorkerAttempt } from "./worker-attempt.ts"
import { Writer } from "./writer.ts"

// Sources run as .ts and the build as .js; the module has this one's extension.
const extension = import.meta.url.endsWith(".ts") ? ".ts" : ".js"
const module = new URL(`./sqlite-worker${extension}`, import.meta.url)
// Asked for at each use: a bundle names its modules after it has loaded this one.
const tasks = () =>
  Task.fromModule<typeof import("./sqlite-worker.ts")>(locate("@offloop/driver-sqlite/worker", module))

const nothingToCancel: ConnectAttempt = { cancel: () => {} }

/** Opens one connection: in a worker of its own, or on this thread. */
export const connect = (url: Url, options: DriverOptions, done: DriverDone<DriverConnection>): ConnectAttempt => {
  let config: SqliteConfig
  try {
    if (url.host !== undefined) {
      throw new RangeError(
        `A SQLite URL has no host ("${url.host}"): write sqlite:///relative.db, sqlite:////absolute.db or sqlite://`,
      )
    }
    config = parseConnectOptions(url.database, options.connectArgs)
  } catch (error) {
    done(failure(optionError((error as Error).message)))
    return nothingToCancel
  }
  if (options.placement === "worker") return openInWorker(config, done)
  openInline(config, done)
  return nothingToCancel
}

const openInline = (config: SqliteConfig, done: DriverDone<DriverConnection>): void => {
  let connection: DriverConnection
  try {
    const database = openDatabase(config)
    try {
      connection = inlineConnection(config, database)
    } catch (error) {
      database.close()
      throw error
    }
  } catch (error) {
    return done(failure(nativeDriverError(error, config)))
  }
  done({ ok: true, value: connection })
}

const inlineConnection = (config: SqliteConfig, database: NativeDatabase): DriverConnection => {
  const location = databaseLocation(config)
  const file = location === undefined ? undefined : shareFile(location)
  const connection = new SqliteConnection(database, config, file?.schema ?? { epoch: 0 })
  return new InlineDriverConnection(connection, new Writer(file?.lock, config.busyTimeout), (closed) =>
    inTurn(file, (release) => {
      connection.close()
      if (location !== undefined) returnFile(location)
      release()
      closed()
    }),
  )
}

const openInWorker = (config: SqliteConfig, done: DriverDone<DriverConnection>): ConnectAttempt => {
  const attempt = new WorkerAttempt(config, done)
  openResident(tasks().openConnection, config, { name: `sqlite:${config.path}` }, (opened) => {
    if (!opened.ok) return attempt.fail(toDriverError(opened.error, config))
    const remote = opened.value
    remote.call("location", [], (exit) => {
      if (exit.ok) return attempt.opened(workerConnection(remote, config, exit.value))
      attempt.fail(toDriverError(exit.error, config))
      remote.close(() => {})
    })
  })
  return attempt
}

const workerConnection = (
  remote: ResidentHandle<ServedConnection>,
  config: SqliteConfig,
  location: string | undefined,
): DriverConnection => {
  const file = location === undefined ? undefined : shareFile(location)
  return new SqliteDriverConnection({
    remote,
    config,
    schema: file?.schema ?? { epoch: 0 },
    writer: new Writer(file?.lock, config.busyTimeout),
    close: (closed) => {
      // Calls are answered in order: an answer to any tells that nothing is under way. That may take long, and is no reason
      // for others to wait.
      remote.call("location", [], () =>
        inTurn(file, (release) =>
          remote.close(() => {
            if (location !== undefined) returnFile(location)
            release()
            closed()
          }),
        ),
      )
    },
  })
}

/**
 * Closes a connection when no other of its file is closing. SQLite leaves it to the last one to bring the write-ahead log
 * into the file and to remove it; of two that close at the same time each takes the other for one that stays.
 */
const inTurn = (file: SharedFile | undefined, close: (release: () => void) => void): void => {
  if (file === undefined) return close(() => {})
  file.closing.whenFree(() => close(() => file.closing.release()))
}
