import {
  checkBeginMode,
  checkExecutionOptions,
  checkIsolationLevel,
  type ExecutionOptions,
} from "../connection/execution-options.ts"
import type { Driver, DriverOptions, Placement } from "../driver/driver.ts"
import { findDriver } from "../driver/registry.ts"
import { checkKeys } from "../options/check-options.ts"
import { OptionChecker } from "../options/option-checker.ts"
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
  "beginMode",
  "echo",
  "hideParameters",
  "queryCacheSize",
  "connectArgs",
  "executionOptions",
  "loggingName",
] as const satisfies ReadonlyArray<keyof AsyncEngineOptions>

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

/** The sources of an engine's settings. */
interface Given {
  readonly check: OptionChecker
  readonly url: Url
  readonly options: AsyncEngineOptions
}

const placementOf = ({ check, url, options }: Given, driver: Driver): Placement => {
  const { placements } = driver.capabilities
  const wanted = options.placement ?? url.query.placement
  if (wanted === undefined) return placements[0]
  const name = options.placement === undefined ? "the URL's placement" : "placement"
  return check.oneOf(name, wanted, placements) as Placement
}

const driverOf = ({ check, url, options: { driver } }: Given): Driver => {
  if (driver === undefined) return findDriver(url)
  if (typeof driver !== "object" || driver === null || typeof driver.connect !== "function") {
    throw check.wrong("driver", "a driver, as a driver package exports it", driver)
  }
  if (driver.dialect.name !== url.getBackendName()) {
    throw check.error(
      `the driver "${driver.name}" is for the dialect "${driver.dialect.name}", but the URL names "${url.getBackendName()}"`,
    )
  }
  return driver
}

const connectArgsOf = ({ check, url, options }: Given): Readonly<Record<string, unknown>> => {
  const { connectArgs = {} } = options
  if (typeof connectArgs !== "object" || connectArgs === null)
    throw check.wrong("connectArgs", "an object", connectArgs)
  const { placement: _, ...query } = url.query
  return { ...query, ...connectArgs }
}

const resetOnReturnOf = ({ check, options: { poolResetOnReturn: value } }: Given): ResetOnReturn => {
  if (value === undefined) return "rollback"
  if (value === "rollback" || value === "commit" || value === null) return value
  throw check.wrong("poolResetOnReturn", '"rollback", "commit" or null', value)
}

const creatorOf = ({ check, options: { creator } }: Given): Driver["connect"] | undefined => {
  if (creator === undefined || typeof creator === "function") return creator
  throw check.wrong("creator", "a function that opens a connection, as a driver's connect does", creator)
}

const poolOf = (given: Given, driver: Driver, driverOptions: DriverOptions): PoolSettings => {
  const { check, url, options } = given
  const poolClass = check.oneOf("poolClass", options.poolClass, ["queue", "null", "static", "assertion"]) ?? "queue"
  for (const name of ["poolSize", "maxOverflow"] as const) {
    if (poolClass !== "queue" && options[name] !== undefined) {
      throw check.error(`${name} has no meaning with poolClass "${poolClass}"; leave one of them out`)
    }
  }
  const defaults = driver.poolDefaults(url, driverOptions)
  const maxOverflow =
    options.maxOverflow === -1 ? -1 : check.count("maxOverflow", options.maxOverflow, defaults.maxOverflow)
  const size = check.count("poolSize", options.poolSize, defaults.poolSize)
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
    timeout: check.milliseconds("poolTimeout", options.poolTimeout, 30_000),
    recycle:
      options.poolRecycle === -1
        ? Number.POSITIVE_INFINITY
        : check.milliseconds("poolRecycle", options.poolRecycle, Number.POSITIVE_INFINITY),
    prePing: check.flag("poolPrePing", options.poolPrePing),
    lifo:
      options.poolUseLifo === undefined ? (defaults.useLifo ?? false) : check.flag("poolUseLifo", options.poolUseLifo),
    onlyConnection: poolClass === "queue" && size === 1 ? defaults.onlyConnection : undefined,
    maxWaiting: check.count("maxWaiting", options.maxWaiting, Number.POSITIVE_INFINITY),
    resetOnReturn: resetOnReturnOf(given),
  }
}

/**
 * Checks what an engine is made with and fills in defaults. Does no I/O.
 *
 * @param place the function that the program calls, for messages
 * @throws {ArgumentError | NoSuchModuleError}
 */
export const engineSettings = (
  from: string | Url,
  options: AsyncEngineOptions = {},
  place = "createAsyncEngine",
): EngineSettings => {
  checkKeys(options, known, place)
  const url = makeUrl(from)
  const check = new OptionChecker(place)
  const given: Given = { check, url, options }
  const driver = driverOf(given)
  const driverOptions = {
    placement: placementOf(given, driver),
    connectArgs: connectArgsOf(given),
    backend: options.backend,
  }
  const { capabilities } = driver
  const { isolationLevel, beginMode } = options
  const ofStatements = checkExecutionOptions(options.executionOptions ?? {}, capabilities, `${place}: executionOptions`)
  return {
    url,
    driver,
    driverOptions,
    creator: creatorOf(given),
    pool: poolOf(given, driver, driverOptions),
    executionOptions: {
      ...(isolationLevel !== undefined && {
        isolationLevel: checkIsolationLevel(isolationLevel, capabilities.isolationLevels),
      }),
      ...(beginMode !== undefined && { beginMode: checkBeginMode(beginMode, capabilities, place) }),
      ...ofStatements,
    },
    echo: check.flag("echo", options.echo),
    hideParameters: check.flag("hideParameters", options.hideParameters),
    queryCacheSize: check.count("queryCacheSize", options.queryCacheSize, 500),
    loggingName: check.text("loggingName", options.loggingName) ?? url.toString(),
  }
}
