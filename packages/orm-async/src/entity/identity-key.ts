import type { CustomTypeDefinition, SqlType } from "../types/index.ts"
import { unknownType } from "../types/sql-type.ts"

/** A primary key in the form in which the identity map compares it. */
export type IdentityKey = string | number | bigint | boolean

const hex = (bytes: Uint8Array): string => {
  let text = ""
  for (const byte of bytes) text += byte.toString(16).padStart(2, "0")
  return text
}

/** A decimal without zeros that say nothing: `-0.50` and `-.5` are one number. */
const decimalKey = (text: string): string => {
  const match = /^([+-]?)0*(\d*)(?:\.(\d*))?$/.exec(text)
  if (match === null) return text
  const [, sign, whole = "", digits = ""] = match
  const fraction = digits.replace(/0+$/, "")
  if (whole === "" && fraction === "") return "0"
  return `${sign === "-" ? "-" : ""}${whole}.${fraction}`
}

/** A time of day without zeros that say nothing: `10:00:00.50` is `10:00:00.5`. */
const timeKey = (text: string): string => (text.includes(".") ? text.replace(/\.?0+$/, "") : text)

const textKey = (text: string, { kind }: SqlType<unknown>): string => {
  switch (kind) {
    case "uuid":
      return text.toLowerCase()
    case "numeric":
      return decimalKey(text)
    case "time":
      return timeKey(text)
    default:
      return text
  }
}

/** JSON whose objects have their properties in one order, as the database compares them. */
const jsonKey = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) =>
    typeof part === "object" && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  )

/** One value of a primary key in a form in which values are the same where the database takes them for the same. */
const canonical = (value: unknown, type: SqlType<unknown>): IdentityKey => {
  if (type.kind === "json") return jsonKey(value)
  if (type.args.custom !== undefined) return customKey(value, type.args.custom)
  switch (typeof value) {
    case "string":
      return type.kind === "text" ? value : textKey(value, type)
    case "number":
      return type.kind === "bigint" && Number.isSafeInteger(value) ? BigInt(value) : value
    case "bigint":
      return type.kind !== "bigint" && BigInt(Number(value)) === value ? Number(value) : value
    case "boolean":
      return value
  }
  if (value instanceof Date) return value.getTime()
  return value instanceof Uint8Array ? hex(value) : jsonKey(value)
}

/** The key of a value as it is stored. One that its type cannot encode is no row's: the statement that sends it says so. */
const customKey = (value: unknown, { encode }: CustomTypeDefinition<unknown>): IdentityKey => {
  let stored: unknown
  try {
    stored = encode(value)
  } catch {
    return `not encoded: ${String(value)}`
  }
  return canonical(stored, unknownType)
}

const partText = (part: IdentityKey): string => (typeof part === "string" ? JSON.stringify(part) : String(part))

/**
 * Makes the function that turns the values of a primary key into something that a `Map` compares as the database compares
 * the values: equal dates, bytes, UUIDs, decimals and custom values are one key, and no two composite keys fall together.
 */
export const makeIdentityKey = (
  types: ReadonlyArray<SqlType<unknown>>,
): ((values: ReadonlyArray<unknown>) => IdentityKey) => {
  const [first, ...others] = types
  if (first !== undefined && others.length === 0) return (values) => canonical(values[0], first)
  return (values) => types.map((type, at) => partText(canonical(values[at], type))).join(",")
}
