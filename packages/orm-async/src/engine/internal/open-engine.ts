import { Backend, type UnsupportedRuntimeError } from "@offloop/runtime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Runtime from "effect/Runtime"
import * as RuntimeFlags from "effect/RuntimeFlags"
import type * as Scope from "effect/Scope"
import { compile } from "../../compiler/compile.ts"
import { StatementCache } from "../../compiler/statement-cache.ts"
import { ArgumentError, NoSuchModuleError } from "../../errors/index.ts"
import { ConnectionPool } from "../../pool/internal/connection-pool.ts"
import type { Url } from "../../url/url.ts"
import type { AsyncEngineOptions } from "../engine-options.ts"
import type { EngineCore } from "./engine-core.ts"
import { type EngineSettings, engineSettings } from "./engine-settings.ts"
import { PooledEngine } from "./pooled-engine.ts"

const backendOf = (
  options: AsyncEngineOptions | undefined,
): Effect.Effect<Backend.BackendService, UnsupportedRuntimeError> =>
  options?.backend === undefined
    ? Effect.flatMap(
        Effect.serviceOption(Backend.Backend),
        Option.match({ onNone: () => Backend.detectEffect, onSome: (backend) => Effect.succeed(backend) }),
      )
    : Effect.succeed(options.backend)

/** What every span says of the database, by OpenTelemetry's names. */
const spanAttributes = ({ url, driver }: EngineSettings): Readonly<Record<string, unknown>> => ({
  "db.system.name": driver.dialect.name,
  ...(url.database === undefined ? undefined : { "db.namespace": url.database }),
  ...(url.host === undefined ? undefined : { "server.address": url.host }),
  ...(url.port === undefined ? undefined : { "server.port": url.port }),
})

const makeCore = (
  settings: EngineSettings,
  backend: Backend.BackendService,
  runtime: Runtime.Runtime<never>,
): EngineCore => {
  const { url, driver, driverOptions, hideParameters, echo, loggingName } = settings
  const connect = Effect.provideService(driver.connect(url, driverOptions), Backend.Backend, backend)
  const cache = new StatementCache(settings.queryCacheSize)
  return {
    url,
    driver,
    dialect: driver.dialect,
    pool: new ConnectionPool(settings.pool, connect, runtime),
    hideParameters,
    echo,
    loggingName,
    spanAttributes: spanAttributes(settings),
    compile: (statement, parameters) => compile(statement, driver.dialect, { cache, parameters }),
    clearCompiledCache: () => cache.clear(),
    fork: Runtime.runFork(runtime),
  }
}

/** See {@link import("../engine.ts").createAsyncEngine}. */
export const openEngine = (
  url: string | Url,
  options: AsyncEngineOptions | undefined,
): Effect.Effect<PooledEngine, ArgumentError | NoSuchModuleError | UnsupportedRuntimeError, Scope.Scope> =>
  Effect.gen(function* () {
    const settings = yield* Effect.try({
      try: () => engineSettings(url, options),
      catch: (error) => {
        if (error instanceof ArgumentError || error instanceof NoSuchModuleError) return error
        throw error
      },
    })
    const backend = yield* backendOf(options)
    // Engines are often made where nothing can be interrupted; what they run in the background must be interruptible.
    const runtime = Runtime.enableRuntimeFlag(yield* Effect.runtime<never>(), RuntimeFlags.Interruption)
    const core = makeCore(settings, backend, runtime)
    yield* Effect.addFinalizer(() => core.pool.shutDown)
    return new PooledEngine(core, settings.executionOptions)
  })
