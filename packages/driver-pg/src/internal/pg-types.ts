import { bindParameters } from "./bind-parameters.ts"
import { parseArray } from "./pg-array.ts"
import { parseBytes } from "./pg-bytes.ts"
import { parseTimestamp } from "./pg-timestamp.ts"

/** A type as postgres.js asks for it: how its text is read, and how a parameter's is written. */
export interface PostgresType {
  readonly to: number
  readonly from: number[]
  readonly serialize: (value: unknown) => unknown
  readonly parse: (text: string) => unknown
}

type Parse = (text: string) => unknown

const boolean: Parse = (text) => text === "t"

const asText: Parse = (text) => text

/** Scalar types with the type of their arrays, by oid (https://www.postgresql.org/docs/current/catalog-pg-type.html). */
const scalars = (int8: Parse): ReadonlyArray<readonly [name: string, scalar: number, array: number, parse: Parse]> => [
  ["bool", 16, 1000, boolean],
  ["bytea", 17, 1001, parseBytes],
  ["int8", 20, 1016, int8],
  ["int2", 21, 1005, Number],
  ["int4", 23, 1007, Number],
  ["oid", 26, 1028, Number],
  ["float4", 700, 1021, Number],
  ["float8", 701, 1022, Number],
  ["timestamptz", 1184, 1185, parseTimestamp],
  ["text", 25, 1009, asText],
  ["varchar", 1043, 1015, asText],
  ["bpchar", 1042, 1014, asText],
  ["name", 19, 1003, asText],
  ["json", 114, 199, asText],
  ["jsonb", 3802, 3807, asText],
  ["date", 1082, 1182, asText],
  ["time", 1083, 1183, asText],
  ["timetz", 1266, 1270, asText],
  ["timestamp", 1114, 1115, asText],
  ["interval", 1186, 1187, asText],
  ["numeric", 1700, 1231, asText],
  ["uuid", 2950, 2951, asText],
  ["inet", 869, 1041, asText],
  ["cidr", 650, 651, asText],
]

/**
 * Types for a postgres.js client. Values come as text wherever JavaScript has no type that keeps them whole: numeric,
 * dates and times without a zone, JSON (whose strings could not be told from its text).
 *
 * @param bigints whether `int8` is read as `bigint` now; if not, as a number where that is exact
 */
export const postgresTypes = (bigints: () => boolean): Record<string, PostgresType> => {
  const int8: Parse = (text) => {
    if (bigints()) return BigInt(text)
    const number = Number(text)
    return Number.isSafeInteger(number) ? number : BigInt(text)
  }
  const types: Record<string, PostgresType> = {}
  for (const [, scalar, array, parse] of scalars(int8)) {
    // The library makes a function's property of each key, and some names are taken.
    types[scalar] = { to: scalar, from: [scalar], serialize, parse }
    types[array] = { to: array, from: [array], serialize, parse: (text) => parseArray(text, parse) }
  }
  return types
}

/** Parameters of a program that uses the library itself; those of the driver never come here. */
const serialize = (value: unknown): unknown => String(bindParameters([value]).values[0])
