import {
  type ConnectAttempt,
  type DriverConnection,
  type DriverDone,
  type DriverOptions,
  failure,
  type Url,
} from "@offloop/orm-async/driver"
import type { NativeDatabase } from "./better-sqlite3.ts"
import { closeInTurn } from "./close-in-turn.ts"
import { parseConnectOptions } from "./connect-options.ts"
import { nativeDriverError, optionError } from "./driver-failure.ts"
import { InlineDriverConnection } from "./inline-driver-connection.ts"
import { openDatabase } from "./open-database.ts"
import { returnFile, shareFile } from "./shared-files.ts"
import { databaseLocation, type SqliteConfig } from "./sqlite-config.ts"
import { SqliteConnection } from "./sqlite-connection.ts"
import { WorkerAttempt } from "./worker-attempt.ts"
import { Writer } from "./writer.ts"

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
    closeInTurn(file, (release) => {
      connection.close()
      if (location !== undefined) returnFile(location)
      release()
      closed()
    }),
  )
}

const openInWorker = (config: SqliteConfig, done: DriverDone<DriverConnection>): ConnectAttempt => {
  const attempt = new WorkerAttempt(config, done)
  // Loaded when it is needed: a program whose connections are all inline starts without what starts threads.
  import("./connect-in-worker.ts").then(
    ({ connectInWorker }) => {
      if (!attempt.isOver) connectInWorker(config, attempt)
    },
    (error: unknown) => attempt.fail(nativeDriverError(error, config)),
  )
  return attempt
}
