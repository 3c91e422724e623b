import type { Dialect } from "../dialect/dialect.ts"
import { InvalidRequestError } from "../errors/usage-errors.ts"
import { type SqlType, unknownType } from "../types/sql-type.ts"
import { cellsOf, type RowFactory, type RowPlan, rowFactory } from "./row-factory.ts"

/** Makes row objects of what a driver gives. */
export interface RowReader {
  /** Names of the result's columns; none where only the database knows them. */
  readonly keys: ReadonlyArray<string>
  /** At least one column needs integers of 64 bits. */
  readonly bigints: boolean
  readonly decodeRows: (columns: ReadonlyArray<string>, cells: ReadonlyArray<unknown>) => Array<unknown>
}

/** Reads rows whose columns are known from the statement, by their position. */
export class PlannedReader implements RowReader {
  readonly keys: ReadonlyArray<string>
  readonly bigints: boolean
  readonly #plan: RowPlan
  readonly #width: number
  #factory: RowFactory | undefined

  constructor(plan: RowPlan, keys: ReadonlyArray<string>, bigints: boolean) {
    this.#plan = plan
    this.#width = cellsOf(plan).length
    this.keys = keys
    this.bigints = bigints
  }

  readonly decodeRows = (columns: ReadonlyArray<string>, cells: ReadonlyArray<unknown>): Array<unknown> => {
    if (columns.length !== this.#width) {
      throw new InvalidRequestError({
        message: `The database gave ${columns.length} columns (${columns.join(", ")}) where the statement selects ${this.#width}`,
      })
    }
    this.#factory ??= rowFactory(this.#plan)
    return this.#factory(cells)
  }
}

/** Reads rows of SQL text, whose columns only the database knows, by their names. */
export class NamedReader implements RowReader {
  readonly keys: ReadonlyArray<string>
  readonly bigints: boolean
  readonly #dialect: Dialect
  readonly #types: ReadonlyMap<string, SqlType<unknown>>
  #columns: ReadonlyArray<string> = []
  #factory: RowFactory | undefined

  constructor(dialect: Dialect, types: ReadonlyMap<string, SqlType<unknown>>) {
    this.#dialect = dialect
    this.#types = types
    this.keys = [...types.keys()]
    this.bigints = [...types.values()].some((type) => dialect.type(type).bigints)
  }

  readonly decodeRows = (columns: ReadonlyArray<string>, cells: ReadonlyArray<unknown>): Array<unknown> => {
    if (columns.length === 0) return []
    if (this.#factory === undefined || !this.#isSame(columns)) this.#factory = this.#plan(columns)
    return this.#factory(cells)
  }

  #isSame(columns: ReadonlyArray<string>): boolean {
    return columns.length === this.#columns.length && columns.every((name, i) => name === this.#columns[i])
  }

  #plan(columns: ReadonlyArray<string>): RowFactory {
    const twice = columns.find((name, i) => columns.indexOf(name) !== i)
    if (twice !== undefined) {
      throw new InvalidRequestError({ message: `The result has two columns named "${twice}". Rename one with AS` })
    }
    const missing = this.keys.find((key) => !columns.includes(key))
    if (missing !== undefined) {
      throw new InvalidRequestError({
        message: `columns() names "${missing}", but the result has ${columns.join(", ")}`,
      })
    }
    this.#columns = columns
    const cells = columns.map((key) => {
      const { decode, unchanged } = this.#dialect.type(this.#types.get(key) ?? unknownType)
      return { key, decode, unchanged, column: undefined }
    })
    return rowFactory({ form: "flat", cells })
  }
}
