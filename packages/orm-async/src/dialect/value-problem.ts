/**
 * The problem of one value. Encoders and decoders throw it; they do not know where the value stands, so whoever
 * calls them adds the column and the row and makes it a `StatementError`.
 */
export class ValueProblem extends Error {
  override readonly name = "ValueProblem"
}

/** A value as a message names it: its kind, and itself where it is short. */
export const kindOf = (value: unknown): string => {
  if (value === null) return "null"
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "an invalid Date" : "a Date"
  if (value instanceof Uint8Array) return "a Uint8Array"
  if (Array.isArray(value)) return "an array"
  switch (typeof value) {
    case "number":
      return `the number ${value}`
    case "bigint":
      return `the bigint ${value}n`
    case "boolean":
      return `the boolean ${value}`
    case "string":
      return "a string"
    case "object":
      return "an object"
    default:
      return `a ${typeof value}`
  }
}

/** Throws the {@link ValueProblem} of a value that has the wrong type. */
export const expected = (what: string, value: unknown): never => {
  throw new ValueProblem(`expected ${what}, got ${kindOf(value)}`)
}
