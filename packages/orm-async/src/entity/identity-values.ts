import { InvalidRequestError } from "../errors/index.ts"
import type { Mapper } from "./mapper.ts"

const isPlainObject = (id: unknown): id is Readonly<Record<string, unknown>> =>
  typeof id === "object" && id !== null && !(id instanceof Date) && !(id instanceof Uint8Array)

/**
 * The values of a primary key in the order of its columns.
 *
 * @throws {InvalidRequestError} if they do not fit the class's primary key
 */
export const identityValues = (mapper: Mapper, id: unknown): ReadonlyArray<unknown> => {
  const keys = mapper.primaryKey.map(({ key }) => key)
  const form = keys.length === 1 ? `the value of "${keys[0]}"` : `{ ${keys.join(", ")} }`
  const wrong = (what: string) =>
    new InvalidRequestError({ message: `The primary key of ${mapper.name} is given as ${form}; ${what}` })
  const custom = mapper.table.primaryKey.columns[0]?.type.kind
  if (
    isPlainObject(id) &&
    !(keys.length === 1 && (custom === "custom" || custom === "json") && !((keys[0] as string) in id))
  ) {
    const unknown = Object.keys(id).find((key) => !keys.includes(key))
    if (unknown !== undefined) throw wrong(`"${unknown}" is no part of it`)
    const missing = keys.find((key) => id[key] === undefined || id[key] === null)
    if (missing !== undefined) throw wrong(`"${missing}" is missing`)
    return keys.map((key) => id[key])
  }
  if (keys.length > 1) throw wrong(`got one value for ${keys.length} columns`)
  if (id === undefined || id === null) throw wrong(`got ${String(id)}`)
  return [id]
}
