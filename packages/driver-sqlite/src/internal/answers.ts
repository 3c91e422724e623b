import type { DriverResult } from "@offloop/orm-async/driver"
import type { KnownStatement } from "./known-statements.ts"
import * as Wire from "./wire.ts"

const noColumns: ReadonlyArray<string> = []
const noCells: ReadonlyArray<unknown> = []

/** The state of the connection that an answer tells. */
export const stateOf = (answer: Wire.WireAnswer): number => {
  if (typeof answer === "number") return answer
  return Array.isArray(answer) ? (answer[answer.length - 1] as number) : answer.state
}

/** The number under which the rest of an answer's cells is asked for; 0 where there is none. */
export const restOf = (answer: Wire.WireAnswer): number =>
  typeof answer === "number" || Array.isArray(answer) ? 0 : answer.rest

const versionOf = (state: number): number => (state - (state & (Wire.REST - 1))) / Wire.REST

const sameNames = (left: ReadonlyArray<string>, right: ReadonlyArray<string>): boolean =>
  left.length === right.length && left.every((name, at) => name === right[at])

/** Keeps the array of names that is known already, if it says the same. */
const learn = (
  statement: KnownStatement | undefined,
  names: ReadonlyArray<string>,
  version: number,
): ReadonlyArray<string> => {
  if (statement === undefined || version === 0) return names
  if (!sameNames(statement.columns, names)) statement.columns = names
  statement.columnsVersion = version
  return statement.columns
}

/** Reads the answer of a statement, or its first part; undefined if it does not fit to what is known of the columns. */
export const readAnswer = (
  statement: KnownStatement | undefined,
  answer: Wire.WireAnswer,
): DriverResult | undefined => {
  if (typeof answer === "number") return { columns: noColumns, cells: noCells, rowCount: versionOf(answer) }
  if (Array.isArray(answer)) {
    const version = versionOf(answer.pop() as number)
    if (statement === undefined || version !== statement.columnsVersion) return undefined
    const { columns } = statement
    return { columns, cells: answer, rowCount: answer.length / columns.length }
  }
  const { cells, state, columns: told } = answer
  const version = versionOf(state)
  if (told === undefined && version !== statement?.columnsVersion) return undefined
  const columns = told === undefined ? (statement?.columns ?? noColumns) : learn(statement, told, version)
  return { columns, cells, rowCount: cells.length / columns.length }
}

/** The cells of an answer without columns, or their first part. */
export const cellsOf = (answer: Wire.WireAnswer): ReadonlyArray<unknown> => {
  if (typeof answer === "number") return noCells
  if (!Array.isArray(answer)) return answer.cells
  answer.pop()
  return answer
}
