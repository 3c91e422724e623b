import { checkExecutionOptions, checkIsolationLevel, type ExecutionOptions } from "../connection/execution-options.ts"
import type { Driver, DriverOptions, Placement } from "../driver/driver.ts"
import { findDriver } from "../driver/registry.ts"
import { ArgumentError } from "../errors/index.ts"
import { checkKeys, isCount, shown } from "../options/check-options.ts"
import { type DurationInput, toMilliseconds } from "../options/duration.ts"
import type { PoolSettings, ResetOnReturn } from "../pool/pool-settings.ts"
import { makeUrl, type Url } from "../url/url.ts"
import type { AsyncEngineOptions } from "./engine-options.ts"

const known = [
  "driver",
  "placement",
  "backend",
  "poolSize",
  "maxOverflow",
  "maxWaiting",
  "poolTimeout",
  "poolRecycle",
  "poolPrePing",
  "poolUseLifo",
  "poolResetOnReturn",
  "poolClass",
  "creator",
  "isolationLevel",
  "echo",
  "hideParameters",
  "queryCacheSize",
  "connectArgs",
  "executionOptions",
  "loggingName",
] as const satisfies ReadonlyArray<keyof AsyncEngineOptions>

const place = "createAsyncEngine"

/** An engine's options, checked and complete. */
export interface EngineSettings {
  readonly url: Url
  readonly driver: Driver
  readonly driverOptions: DriverOptions
  /** Opens connections in the place of the driver. */
  readonly creator: Driver["connect"] | undefined
  readonly pool: PoolSettings
  readonly executionOptions: ExecutionOptions
  readonly echo: boolean
  readonly hideParameters: boolean
  readonly queryCacheSize: number
  readonly loggingName: string
}

const wrong = (name: string, wanted: string, value: unknown): ArgumentError =>
  new ArgumentError({ message: `${place}: ${name} must be ${wanted}; got ${shown(value)}` })

const oneOf = <A extends string>(name: string, value: unknown, all: ReadonlyArray<A>): A | undefined => {
  if (value === undefined || all.includes(value as A)) return value as A | undefined
  throw wrong(name, all.map((one) => `"${one}"`).join(" or "), value)
}

const flag = (name: string, value: unknown): boolean => {
  if (value !== undefined && typeof value !== "boolean") throw wrong(name, "a boolean", value)
  return value ?? false
}

const count = (name: string, value: unknown, byDefault: number): number => {
  if (value === undefined) return byDefault
  if (!isCount(value)) throw wrong(name, "an integer of 0 or more", value)
  return value
}

const milliseconds = (name: string, value: DurationInput | undefined, byDefault: number): number => {
  if (value === undefined) return byDefault
  const decoded = toMilliseconds(value)
  if (decoded !== undefined) return decoded
  throw wrong(name, 'a duration, such as "30 seconds" or a number of milliseconds of 0 or more', value)
}

const placementOf = (url: Url, options: AsyncEngineOptions, driver: Driver): Placement => {
  const { placements } = driver.capabilities
  const wanted = options.placement ?? url.query.placement
  if (wanted === undefined) return placements[0]
  return oneOf(options.placement === undefined ? "the URL's placement" : "placement", wanted, placements) as Placement
}

const driverOf = (url: Url, { driver }: AsyncEngineOptions): Driver => {
  if (driver === undefined) return findDriver(url)
  if (typeof driver !== "object" || driver === null || typeof driver.connect !== "function") {
    throw wrong("driver", "a driver, as a driver package exports it", driver)
  }
  if (driver.dialect.name !== url.getBackendName()) {
    throw new ArgumentError({
      message: `${place}: the driver "${driver.name}" is for the dialect "${driver.dialect.name}", but the URL names "${url.getBackendName()}"`,
    })
  }
  return driver
}

const connectArgsOf = (url: Url, options: AsyncEngineOptions): Readonly<Record<string, unknown>> => {
  const { connectArgs = {} } = options
  if (typeof connectArgs !== "object" || connectArgs === null) throw wrong("connectArgs", "an object", connectArgs)
  const { placement: _, ...query } = url.query
  return { ...query, ...connectArgs }
}

const resetOnReturnOf = (value: unknown): ResetOnReturn => {
  if (value === undefined) return "rollback"
  if (value === "rollback" || value === "commit" || value === null) return value
  throw wrong("poolResetOnReturn", '"rollback", "commit" or null', value)
}

const creatorOf = ({ creator }: AsyncEngineOptions): Driver["connect"] | undefined => {
  if (creator === undefined || typeof creator === "function") return creator
  throw wrong("creator", "a function that opens a connection, as a driver's connect does", creator)
}

const poolOf = (url: Url, options: AsyncEngineOptions, driver: Driver, driverOptions: DriverOptions): PoolSettings => {
  const poolClass = oneOf("poolClass", options.poolClass, ["queue", "null", "static", "assertion"]) ?? "queue"
  for (const name of ["poolSize", "maxOverflow"] as const) {
    if (poolClass !== "queue" && options[name] !== undefined) {
      throw new ArgumentError({
        message: `${place}: ${name} has no meaning with poolClass "${poolClass}"; leave one of them out`,
      })
    }
  }
  const defaults = driver.poolDefaults(url, driverOptions)
  const maxOverflow = options.maxOverflow === -1 ? -1 : count("maxOverflow", options.maxOverflow, defaults.maxOverflow)
  const size = count("poolSize", options.poolSize, defaults.poolSize)
  const limits = {
    queue: {
      size: size || Number.POSITIVE_INFINITY,
      maxOverflow: maxOverflow < 0 ? Number.POSITIVE_INFINITY : maxOverflow,
    },
    null: { size: 0, maxOverflow: Number.POSITIVE_INFINITY },
    static: { size: 1, maxOverflow: 0 },
    assertion: { size: 1, maxOverflow: 0 },
  }[poolClass]
  return {
    poolClass,
    ...limits,
    timeout: milliseconds("poolTimeout", options.poolTimeout, 30_000),
    recycle:
      options.poolRecycle === -1
        ? Number.POSITIVE_INFINITY
        : milliseconds("poolRecycle", options.poolRecycle, Number.POSITIVE_INFINITY),
    prePing: flag("poolPrePing", options.poolPrePing),
    lifo: flag("poolUseLifo", options.poolUseLifo),
    maxWaiting: count("maxWaiting", options.maxWaiting, Number.POSITIVE_INFINITY),
    resetOnReturn: resetOnReturnOf(options.poolResetOnReturn),
  }
}

/**
 * Checks what an engine is made with and fills in defaults. Does no I/O.
 *
 * @throws {ArgumentError | NoSuchModuleError}
 */
export const engineSettings = (from: string | Url, options: AsyncEngineOptions = {}): EngineSettings => {
  checkKeys(options, known, place)
  const url = makeUrl(from)
  const driver = driverOf(url, options)
  const driverOptions = {
    placement: placementOf(url, options, driver),
    connectArgs: connectArgsOf(url, options),
    backend: options.backend,
  }
  const { capabilities } = driver
  const given = checkExecutionOptions(options.executionOptions ?? {}, capabilities, `${place}: executionOptions`)
  const { isolationLevel, loggingName } = options
  if (loggingName !== undefined && typeof loggingName !== "string") throw wrong("loggingName", "a string", loggingName)
  return {
    url,
    driver,
    driverOptions,
    creator: creatorOf(options),
    pool: poolOf(url, options, driver, driverOptions),
    executionOptions:
      isolationLevel === undefined
        ? given
        : { isolationLevel: checkIsolationLevel(isolationLevel, capabilities.isolationLevels), ...given },
    echo: flag("echo", options.echo),
    hideParameters: flag("hideParameters", options.hideParameters),
    queryCacheSize: count("queryCacheSize", options.queryCacheSize, 500),
    loggingName: loggingName ?? url.toString(),
  }
}
