import type { SqlType } from "../../types/index.ts"

/** A primary key in the form in which the identity map compares it. */
export type IdentityKey = string | number | bigint | boolean

const hex = (bytes: Uint8Array): string => {
  let text = ""
  for (const byte of bytes) text += byte.toString(16).padStart(2, "0")
  return text
}

/** One value of a primary key in a form in which equal values are the same. */
const normalised = (value: unknown, type: SqlType<unknown>): IdentityKey => {
  switch (typeof value) {
    case "string":
      return value
    case "number":
      return type.kind === "bigint" && Number.isSafeInteger(value) ? BigInt(value) : value
    case "bigint":
      return type.kind !== "bigint" && BigInt(Number(value)) === value ? Number(value) : value
    case "boolean":
      return value
  }
  if (value instanceof Date) return value.getTime()
  if (value instanceof Uint8Array) return hex(value)
  const { custom } = type.args
  if (custom !== undefined) return normalised(custom.encode(value), unencoded)
  return JSON.stringify(value)
}

const unencoded = { kind: "unknown", args: {} } as SqlType<unknown>

const partText = (part: IdentityKey): string => (typeof part === "string" ? JSON.stringify(part) : String(part))

/**
 * Makes the function that turns the values of a primary key into something that a `Map` compares rightly: equal dates,
 * bytes and custom values are the same key, and no two composite keys fall together.
 */
export const makeIdentityKey = (
  types: ReadonlyArray<SqlType<unknown>>,
): ((values: ReadonlyArray<unknown>) => IdentityKey) => {
  const [first, ...others] = types
  if (first !== undefined && others.length === 0) return (values) => normalised(values[0], first)
  return (values) => types.map((type, at) => partText(normalised(values[at], type))).join(",")
}
