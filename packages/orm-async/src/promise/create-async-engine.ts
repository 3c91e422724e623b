import { EngineCore } from "../engine/engine-core.ts"
import type { AsyncEngineOptions } from "../engine/engine-options.ts"
import { engineSettings } from "../engine/engine-settings.ts"
import { Immediate } from "../operation/call.ts"
import { consoleLog } from "../operation/console-log.ts"
import { systemTimer } from "../operation/timer.ts"
import type { Url } from "../url/url.ts"
import { type AsyncEngine, PromiseEngine } from "./promise-engine.ts"
import type { CallOptions } from "./promise-style.ts"
import { runCall } from "./run-call.ts"

/**
 * Makes an engine. Does no I/O: the first connection is opened when it is asked for. `await using` closes the engine at
 * the end of the block; `dispose()` closes its connections and leaves it usable. What the engine has to say is written to
 * the console.
 *
 * Rejects with `ArgumentError` for a wrong URL or option, `NoSuchModuleError` where no driver is registered for the URL.
 *
 * @see SQLAlchemy `sqlalchemy.ext.asyncio.create_async_engine`
 * @example
 * ```ts
 * import { createAsyncEngine, textClause } from "@offloop/orm-async/promise"
 *
 * await using engine = await createAsyncEngine("sqlite:///./app.db", { echo: true })
 * await engine.begin(async (conn) => {
 *   await conn.execute(textClause("DELETE FROM users"))
 * })
 * ```
 */
export const createAsyncEngine = (
  url: string | Url,
  options?: AsyncEngineOptions & CallOptions,
): Promise<AsyncEngine & AsyncDisposable> => {
  const { signal, ...engineOptions } = options ?? {}
  return runCall(
    { log: consoleLog },
    () =>
      new Immediate(() => {
        const settings = engineSettings(url, engineOptions)
        const core = new EngineCore(settings, { timer: systemTimer, log: consoleLog })
        return new PromiseEngine(core, settings.executionOptions)
      }),
    { signal },
  )
}
