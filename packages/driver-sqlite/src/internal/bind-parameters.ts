/** A value that SQLite cannot hold, found before it is bound. */
export class UnbindableValueError extends Error {
  override readonly name = "UnbindableValueError"
  /** `type`: a JavaScript type that SQLite has no counterpart of. `range`: a value that SQLite would change. */
  readonly reason: "type" | "range"

  constructor(position: number, problem: string, reason: "type" | "range") {
    super(`Parameter ${position + 1} ${problem}`)
    this.reason = reason
  }
}

const lowestInteger = -(2n ** 63n)
const highestInteger = 2n ** 63n - 1n

const bindNumber = (value: number, position: number): number | bigint => {
  // The library binds every number as REAL. As SQL has it, a whole number is an INTEGER: 5 / 2 is 2, and 5 || '' is '5'.
  if (Number.isSafeInteger(value)) return value === 0 && 1 / value < 0 ? value : BigInt(value)
  if (Number.isNaN(value)) {
    throw new UnbindableValueError(
      position,
      "is NaN, which SQLite would store as NULL; pass null if you mean it",
      "range",
    )
  }
  return value
}

const bindBigint = (value: bigint, position: number): bigint => {
  if (value >= lowestInteger && value <= highestInteger) return value
  throw new UnbindableValueError(
    position,
    `is ${value}, which is outside of SQLite's 64-bit integers; store it as text`,
    "range",
  )
}

const bindText = (value: string, position: number): string => {
  if (value.isWellFormed()) return value
  throw new UnbindableValueError(
    position,
    "holds half of a surrogate pair, which SQLite's UTF-8 text cannot; repair it with toWellFormed()",
    "range",
  )
}

const nameOf = (value: unknown): string => {
  if (typeof value !== "object" || value === null) return typeof value
  return value.constructor?.name ?? "object without a prototype"
}

const bindValue = (value: unknown, position: number): unknown => {
  switch (typeof value) {
    case "string":
      return bindText(value, position)
    case "number":
      return bindNumber(value, position)
    case "bigint":
      return bindBigint(value, position)
    case "boolean":
      return value ? 1n : 0n
    default:
      if (value === null || value instanceof Uint8Array) return value
      throw new UnbindableValueError(
        position,
        `is of type ${nameOf(value)}; SQLite takes null, numbers, bigints, strings, booleans and Uint8Array`,
        "type",
      )
  }
}

/** Turns values into what SQLite binds, or throws an {@link UnbindableValueError} that names the position, from 1. */
export const bindParameters = (parameters: ReadonlyArray<unknown>): ReadonlyArray<unknown> => {
  let bound: Array<unknown> | undefined
  for (let position = 0; position < parameters.length; position++) {
    const value = parameters[position]
    const made = bindValue(value, position)
    if (bound !== undefined) bound[position] = made
    else if (made !== value) {
      // Most values pass as they are, and nothing is copied for those.
      bound = parameters.slice()
      bound[position] = made
    }
  }
  return bound ?? parameters
}
