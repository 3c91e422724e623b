import { NoSuchModuleError } from "../errors/index.ts"
import { nearest } from "../errors/nearest.ts"
import type { Url } from "../url/url.ts"
import type { Driver } from "./driver.ts"

const registry: unique symbol = Symbol.for("@offloop/orm-async/drivers") as never

const globals = globalThis as { [registry]?: Map<string, Driver> }

// One map for all copies of this module that a program may have loaded: the driver's copy need not be the program's.
globals[registry] ??= new Map()
const drivers = globals[registry]

/** Packages that are known to bring a driver, by dialect. */
const packages: Readonly<Record<string, string>> = {
  sqlite: "@offloop/driver-sqlite",
  postgresql: "@offloop/driver-pg",
}

/** Other names that people write for a dialect. */
const misnamed: Readonly<Record<string, string>> = {
  postgres: "postgresql",
  pg: "postgresql",
  postgre: "postgresql",
  psql: "postgresql",
  sqlite3: "sqlite",
  file: "sqlite",
}

/**
 * Makes a driver available to every engine of the program. A driver's package does this when it is imported. The first
 * driver registered for a dialect is the one that a URL without `+driver` gets. Registering a driver of the same dialect
 * and name again replaces it.
 *
 * @example
 * ```ts
 * import { type Driver, registerDriver } from "@offloop/orm-async"
 *
 * declare const myDriver: Driver
 * registerDriver(myDriver)
 * ```
 */
export const registerDriver = (driver: Driver): void => {
  drivers.set(`${driver.dialect.name}+${driver.name}`, driver)
}

/** The drivers registered so far, in order. */
export const registeredDrivers = (): ReadonlyArray<Driver> => [...drivers.values()]

const remedy = (dialect: string): string => {
  const near =
    misnamed[dialect.toLowerCase()] ??
    nearest(dialect, [...Object.keys(packages), ...[...drivers.values()].map((driver) => driver.dialect.name)])
  if (near !== undefined && near !== dialect) return `did you mean "${near}://"?`
  const name = packages[dialect]
  if (name !== undefined) return `install ${name} and add import "${name}"`
  const known = [...new Set([...drivers.values()].map((driver) => driver.dialect.name))]
  return known.length === 0
    ? `no driver is registered: install one, such as ${Object.values(packages).join(" or ")}, and import it`
    : `there are drivers for ${known.map((name) => `"${name}"`).join(", ")}; import the package that brings another one`
}

/**
 * Finds the registered driver that a URL names, or its dialect's first one. Does no I/O.
 *
 * @throws {NoSuchModuleError} if none is registered; the message says which package to import
 * @example
 * ```ts
 * import { findDriver, makeUrl } from "@offloop/orm-async/promise"
 *
 * const { capabilities } = findDriver(makeUrl("postgresql://db.example/app"))
 * ```
 */
export const findDriver = (url: Url): Driver => {
  const dialect = url.getBackendName()
  const name = url.getDriverName()
  const candidates = [...drivers.values()].filter((driver) => driver.dialect.name === dialect)
  const found = name === undefined ? candidates[0] : candidates.find((driver) => driver.name === name)
  if (found !== undefined) return found
  const message =
    candidates.length === 0
      ? `No driver is registered for the dialect "${dialect}": ${remedy(dialect)}`
      : `No driver "${name}" is registered for the dialect "${dialect}": registered are ${candidates.map((driver) => `"${dialect}+${driver.name}"`).join(", ")}; use one of them or import the package that brings "${name}"`
  throw new NoSuchModuleError({ message })
}
