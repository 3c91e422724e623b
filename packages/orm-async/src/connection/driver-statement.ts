import type { Compiled, CompiledStep } from "../compiler/compiled.ts"
import type { DriverRow } from "./connection.ts"

/** Column names as properties of a row: a name that occurs again is numbered, so that no value is lost. */
export const distinctNames = (columns: ReadonlyArray<string>): ReadonlyArray<string> => {
  const seen = new Set<string>()
  return columns.map((column) => {
    let name = column
    for (let number = 1; seen.has(name); number++) name = `${column}_${number}`
    seen.add(name)
    return name
  })
}

// Integers are asked for as bigint, so that none loses digits; those that a number can hold become numbers.
const plainNumber = (cell: unknown): unknown =>
  typeof cell === "bigint" && cell >= Number.MIN_SAFE_INTEGER && cell <= Number.MAX_SAFE_INTEGER ? Number(cell) : cell

const decodeRows = (columns: ReadonlyArray<string>, cells: ReadonlyArray<unknown>): Array<DriverRow> => {
  const names = distinctNames(columns)
  const rows: Array<DriverRow> = []
  for (let start = 0; start < cells.length && names.length > 0; start += names.length) {
    const row: Record<string, unknown> = Object.create(null)
    for (let at = 0; at < names.length; at++) row[names[at] as string] = plainNumber(cells[start + at])
    rows.push(row)
  }
  return rows
}

const isSets = (
  parameters: ReadonlyArray<unknown> | ReadonlyArray<ReadonlyArray<unknown>>,
): parameters is ReadonlyArray<ReadonlyArray<unknown>> => parameters.length > 0 && parameters.every(Array.isArray)

/** Plain SQL in the form of a compiled statement. Its columns are known when it has run. */
export const driverStatement = (
  sql: string,
  parameters: ReadonlyArray<unknown> | ReadonlyArray<ReadonlyArray<unknown>>,
): Compiled<DriverRow> => {
  const step: CompiledStep = isSets(parameters) ? { sql, parameterSets: parameters } : { sql, parameters }
  return { steps: [step], isWrite: undefined, returnsRows: true, bigints: true, keys: [], decodeRows }
}
