import { compile } from "../compiler/compile.ts"
import type { Compiled } from "../compiler/compiled.ts"
import { StatementCache } from "../compiler/statement-cache.ts"
import type { ExecuteParameters } from "../connection/connection.ts"
import { ConnectionCore } from "../connection/connection-core.ts"
import type { ConnectionEngine, ConnectionSource } from "../connection/connection-engine.ts"
import type { Driver, DriverConnection } from "../driver/driver.ts"
import { InvalidRequestError } from "../errors/index.ts"
import { Immediate } from "../operation/call.ts"
import { consoleLog } from "../operation/console-log.ts"
import { PooledConnection } from "../pool/pooled-connection.ts"
import type { Executable } from "../statement/executable.ts"
import { makeUrl } from "../url/url.ts"
import type { BesideContext } from "./beside-state.ts"
import { SyncConnection } from "./sync-connection.ts"

/** The properties that every connection of a driver shares. */
export type BesideDriver = Pick<Driver, "name" | "dialect" | "capabilities">

const notYours = (what: string) =>
  new InvalidRequestError({
    message: `${what}: the connection belongs to the program that called runSync, and only that program can close or replace it`,
  })

const source: ConnectionSource = {
  checkout: () =>
    new Immediate(() => {
      throw notYours("The connection was lost")
    }),
  release: () => {},
  returning: () => () => {},
  invalidateAll: () => {},
}

/** Compiled statements of this thread, by dialect: functions that run beside connections run again and again. */
const caches = new Map<string, StatementCache>()

const cacheOf = (dialect: string): StatementCache => {
  const known = caches.get(dialect)
  if (known !== undefined) return known
  const made = new StatementCache()
  caches.set(dialect, made)
  return made
}

const engineOf = (driver: BesideDriver, { url, hideParameters }: BesideContext): ConnectionEngine => {
  const { dialect } = driver
  const cache = cacheOf(dialect.name)
  return {
    url: makeUrl(url),
    driver: driver as Driver,
    dialect,
    pool: source,
    hideParameters,
    echo: false,
    loggingName: url,
    spanAttributes: {},
    log: consoleLog,
    timer: undefined,
    compile: <Row>(statement: Executable<Row>, parameters: ExecuteParameters | undefined): Compiled<Row> =>
      compile(statement, dialect, { cache, parameters }),
  }
}

/** The connection of a function that runs beside it: in the transaction of the program that called `runSync`. */
export const besideCore = (
  connection: DriverConnection,
  driver: BesideDriver,
  context: BesideContext,
): ConnectionCore => {
  const pooled = new PooledConnection(connection, source, 0, 0)
  const core = new ConnectionCore(engineOf(driver, context), pooled, context.options)
  core.levels.restore(context.levels)
  return core
}

/** A connection that its borrower cannot close. */
export class BesideConnection extends SyncConnection {
  override close(): void {
    throw notYours("close()")
  }

  override invalidate(): void {
    throw notYours("invalidate()")
  }

  override [Symbol.dispose](): void {
    this.close()
  }
}
