import { formatArray } from "./pg-array.ts"
import { formatBytes } from "./pg-bytes.ts"
import { formatTimestamp } from "./pg-timestamp.ts"

/** A value that PostgreSQL cannot be sent, found before anything is. */
export class UnbindableValueError extends Error {
  override readonly name = "UnbindableValueError"
  /** `type`: a JavaScript type without a counterpart. `range`: a value that would arrive as another. */
  readonly reason: "type" | "range"

  constructor(position: number, problem: string, reason: "type" | "range") {
    super(`Parameter ${position + 1} ${problem}`)
    this.reason = reason
  }
}

/** Types by their oid in `pg_type`. The server finds all others out for itself. */
const oid = { bool: 16, bytea: 17, int8: 20, numeric: 1700, timestamptz: 1184 } as const

/** A value as it is sent: text, or a number whose text it is; null for NULL. */
export type BoundValue = string | number | null

/** Values with the types that they are declared to have; 0 where the statement tells the type. */
export interface BoundParameters {
  readonly values: ReadonlyArray<BoundValue>
  readonly types: ReadonlyArray<number>
}

interface BoundParameter {
  readonly value: string | null
  readonly type: number
}

const lowestInt8 = -(2n ** 63n)
const highestInt8 = 2n ** 63n - 1n

const nameOf = (value: unknown): string => {
  if (typeof value !== "object" || value === null) return typeof value
  return value.constructor?.name ?? "object without a prototype"
}

const bind = (value: unknown, position: number): BoundParameter => {
  switch (typeof value) {
    case "string":
      if (value.isWellFormed()) return { value, type: 0 }
      throw new UnbindableValueError(
        position,
        "holds half of a surrogate pair, which UTF-8 text cannot; repair it with toWellFormed()",
        "range",
      )
    case "number":
      return { value: Object.is(value, -0) ? "-0" : String(value), type: 0 }
    case "bigint":
      return { value: String(value), type: value >= lowestInt8 && value <= highestInt8 ? oid.int8 : oid.numeric }
    case "boolean":
      return { value: value ? "t" : "f", type: oid.bool }
  }
  if (value === null) return { value, type: 0 }
  if (value instanceof Uint8Array) return { value: formatBytes(value), type: oid.bytea }
  if (value instanceof Date) {
    if (Number.isNaN(value.getTime())) throw new UnbindableValueError(position, "is an invalid Date", "range")
    return { value: formatTimestamp(value), type: oid.timestamptz }
  }
  if (Array.isArray(value)) return { value: formatArray(value, (element) => bind(element, position).value), type: 0 }
  throw new UnbindableValueError(
    position,
    `is of type ${nameOf(value)}; PostgreSQL takes null, numbers, bigints, strings, booleans, Date, Uint8Array and ` +
      "arrays of these, and JSON as text from JSON.stringify",
    "type",
  )
}

/** Types of parameters whose statement tells their types, by number of parameters. */
const undeclared: Array<ReadonlyArray<number>> = []

const undeclaredTypes = (count: number): ReadonlyArray<number> => {
  undeclared[count] ??= new Array<number>(count).fill(0)
  return undeclared[count]
}

/** Makes values ready to be sent, or throws an {@link UnbindableValueError} that names the position, from 1. */
export const bindParameters = (parameters: ReadonlyArray<unknown>): BoundParameters => {
  const { length } = parameters
  const values = new Array<BoundValue>(length)
  let types: Array<number> | undefined
  for (let position = 0; position < length; position++) {
    const parameter = parameters[position]
    if ((typeof parameter === "number" && parameter !== 0) || parameter === null) {
      values[position] = parameter
      continue
    }
    const { value, type } = bind(parameter, position)
    values[position] = value
    if (type === 0) continue
    types ??= new Array<number>(length).fill(0)
    types[position] = type
  }
  return { values, types: types ?? undeclaredTypes(length) }
}
