import * as Either from "effect/Either"
import type { Driver } from "../driver/driver.ts"
import { findDriver as find } from "../driver/registry.ts"
import { NoSuchModuleError } from "../errors/index.ts"
import type { Url } from "../url/url.ts"

/**
 * Finds the registered driver that a URL names, or its dialect's first one. Does no I/O.
 *
 * @returns the driver, or `NoSuchModuleError` where none is registered; its message says which package to import
 * @example
 * ```ts
 * import { findDriver, makeUrl } from "@offloop/orm-async"
 * import * as Either from "effect/Either"
 *
 * const isThere = Either.isRight(findDriver(makeUrl("postgresql://db.example/app")))
 * ```
 */
export const findDriver = (url: Url): Either.Either<Driver, NoSuchModuleError> => {
  try {
    return Either.right(find(url))
  } catch (error) {
    if (error instanceof NoSuchModuleError) return Either.left(error)
    throw error
  }
}
