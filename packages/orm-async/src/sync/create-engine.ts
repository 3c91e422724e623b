import { EngineCore } from "../engine/engine-core.ts"
import type { AsyncEngineOptions } from "../engine/engine-options.ts"
import { engineSettings } from "../engine/engine-settings.ts"
import { ArgumentError } from "../errors/index.ts"
import { consoleLog } from "../operation/console-log.ts"
import { systemTimer } from "../operation/timer.ts"
import { makeUrl, type Url } from "../url/url.ts"
import { type Engine, SyncEngine } from "./sync-engine.ts"

/** Options of an engine in the sync style: its connections live on the calling thread. */
export type EngineOptions = Omit<AsyncEngineOptions, "placement" | "backend">

const place = "createEngine"

const checkPlacement = (placement: unknown): void => {
  if (placement === undefined || placement === "inline") return
  throw new ArgumentError({
    message: `${place}: placement must be "inline", since a synchronous call cannot wait for a worker; leave it out, or use createAsyncEngine of @offloop/orm-async/promise`,
  })
}

/**
 * Makes an engine whose calls return their answers, for scripts, tests and command-line tools: the database works on the
 * calling thread, which blocks meanwhile. Does no I/O: the first connection is opened when it is asked for. `using` closes
 * the engine at the end of the block. What the engine has to say is written to the console.
 *
 * It is for drivers that answer on the calling thread, as SQLite's. Nothing is waited for: where no connection is free the
 * call throws at once.
 *
 * @see SQLAlchemy `sqlalchemy.create_engine`
 * @throws {ArgumentError} for a wrong URL or option
 * @throws {NoSuchModuleError} where no driver is registered for the URL
 * @example
 * ```ts
 * import { createEngine, insert, integer, table, text } from "@offloop/orm-async/sync"
 *
 * const users = table("users", { id: integer().primaryKey(), name: text() })
 *
 * using engine = createEngine("sqlite:///./app.db")
 * engine.begin((conn) => {
 *   conn.execute(insert(users).values({ name: "ann" }))
 * })
 * ```
 */
export const createEngine = (url: string | Url, options: EngineOptions = {}): Engine & Disposable => {
  const { placement } = options as AsyncEngineOptions
  checkPlacement(placement ?? makeUrl(url).query.placement)
  const settings = engineSettings(url, { ...options, placement: "inline" }, place)
  const core = new EngineCore(settings, { timer: systemTimer, log: consoleLog, synchronous: true })
  return new SyncEngine(core, settings.executionOptions)
}
