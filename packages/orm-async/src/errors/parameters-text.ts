import { shortened } from "./printed-error.ts"

const longestValue = 300
const mostParameters = 100
const setsAtStart = 8
const setsAtEnd = 2

const truncate = (text: string): string => shortened(text, longestValue)

const bytesText = (bytes: Uint8Array): string => {
  const shown = Array.from(bytes.subarray(0, 16), (byte) => byte.toString(16).padStart(2, "0")).join("")
  return bytes.length > 16 ? `x'${shown}...' (${bytes.length} bytes)` : `x'${shown}'`
}

const valueText = (value: unknown): string => {
  if (typeof value === "string") return JSON.stringify(truncate(value))
  if (typeof value === "bigint") return `${value}n`
  if (value instanceof Uint8Array) return bytesText(value)
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "Invalid Date" : value.toISOString()
  if (typeof value !== "object" || value === null) return String(value)
  try {
    return truncate(JSON.stringify(value) ?? String(value))
  } catch {
    return `[${value.constructor?.name ?? "object"} that has no JSON form]`
  }
}

const setText = (values: ReadonlyArray<unknown>): string => {
  const shown = values.slice(0, mostParameters).map(valueText).join(", ")
  return values.length > mostParameters
    ? `[${shown}, ... ${values.length - mostParameters} more of ${values.length} parameters]`
    : `[${shown}]`
}

/** One set of parameters, or the sets of a statement that runs once for each. */
export type Parameters =
  | { readonly kind: "one"; readonly values: ReadonlyArray<unknown> }
  | { readonly kind: "many"; readonly sets: ReadonlyArray<ReadonlyArray<unknown>> }

/**
 * Parameters as an error message shows them: long values and long lists are cut, and the cut says how much is missing.
 *
 * @see SQLAlchemy `sqlalchemy.sql.util._repr_params`
 */
export const parametersText = (parameters: Parameters): string => {
  if (parameters.kind === "one") return setText(parameters.values)
  const { sets } = parameters
  if (sets.length <= setsAtStart + setsAtEnd) return `[${sets.map(setText).join(", ")}]`
  const start = sets.slice(0, setsAtStart).map(setText).join(", ")
  const end = sets.slice(-setsAtEnd).map(setText).join(", ")
  return `[${start} ... displaying ${setsAtStart + setsAtEnd} of ${sets.length} parameter sets ... ${end}]`
}
