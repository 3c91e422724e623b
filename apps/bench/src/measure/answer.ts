/** Answers, which tell that two subjects did the same work. Pure. */

const kind = (value: unknown): string => {
  if (value === null) return "null"
  if (Array.isArray(value)) return `an array of ${value.length}`
  if (value instanceof Uint8Array) return `${value.byteLength} bytes`
  if (value instanceof Date) return `the date ${Number.isNaN(value.getTime()) ? "invalid" : value.toISOString()}`
  if (typeof value === "object") return `an object with ${Object.keys(value).join(", ") || "no keys"}`
  if (typeof value === "string") return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value)
  if (typeof value === "bigint") return `${value}n`
  return String(value)
}

const unlike = (path: string, expected: unknown, actual: unknown): string =>
  `${path} is ${kind(actual)} where ${kind(expected)} was asked for`

const bytesOf = (value: Uint8Array): Uint8Array => new Uint8Array(value.buffer, value.byteOffset, value.byteLength)

/**
 * The first place where an answer differs from what was asked for, in words; undefined when there is none.
 *
 * Objects are compared by their own enumerable keys and not by their class, because an entity is an answer too. A
 * Node `Buffer` equals a `Uint8Array` of the same bytes. Nothing else is forgiven: a row more or less, a column more
 * or less, a number that came as text, an integer that came as `bigint`.
 */
export const differenceBetween = (expected: unknown, actual: unknown, path = "the answer"): string | undefined => {
  if (Object.is(expected, actual)) return undefined
  if (typeof expected !== "object" || typeof actual !== "object" || expected === null || actual === null)
    return unlike(path, expected, actual)
  if (expected instanceof Date || actual instanceof Date)
    return expected instanceof Date && actual instanceof Date && Object.is(expected.getTime(), actual.getTime())
      ? undefined
      : unlike(path, expected, actual)
  if (expected instanceof Uint8Array || actual instanceof Uint8Array) {
    if (!(expected instanceof Uint8Array && actual instanceof Uint8Array)) return unlike(path, expected, actual)
    if (expected.byteLength !== actual.byteLength) return unlike(path, expected, actual)
    const theirs = bytesOf(actual)
    const at = bytesOf(expected).findIndex((byte, index) => byte !== theirs[index])
    return at < 0 ? undefined : `${path}, byte ${at}, is ${theirs[at]} where ${expected[at]} was asked for`
  }
  if (Array.isArray(expected) !== Array.isArray(actual)) return unlike(path, expected, actual)
  if (Array.isArray(expected) && Array.isArray(actual)) {
    if (expected.length !== actual.length) return unlike(path, expected, actual)
    return first(expected, (value, index) => differenceBetween(value, actual[index], `${path}[${index}]`))
  }
  const wanted = expected as Record<string, unknown>
  const given = actual as Record<string, unknown>
  return (
    first(Object.keys(wanted), (key) =>
      Object.hasOwn(given, key) ? undefined : `${path} has no ${JSON.stringify(key)}`,
    ) ??
    first(Object.keys(given), (key) =>
      Object.hasOwn(wanted, key) ? undefined : `${path} has ${JSON.stringify(key)}, which was not asked for`,
    ) ??
    first(Object.keys(wanted), (key) => differenceBetween(wanted[key], given[key], `${path}.${key}`))
  )
}

const first = <A>(values: ReadonlyArray<A>, difference: (value: A, index: number) => string | undefined) => {
  for (let index = 0; index < values.length; index++) {
    const found = difference(values[index]!, index)
    if (found !== undefined) return found
  }
  return undefined
}
