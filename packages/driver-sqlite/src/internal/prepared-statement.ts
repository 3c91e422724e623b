import type { NativeCell, NativeStatement } from "./better-sqlite3.ts"
import { bindParameters } from "./bind-parameters.ts"

/** Names that come from `*` change when the table does, although the statement stays prepared. */
const starSelection = /(?:\b(?:select|distinct|all|returning)|[,.])\s*\*/i

const isUnsafe = (value: number): boolean => value > Number.MAX_SAFE_INTEGER || value < Number.MIN_SAFE_INTEGER

/** Blobs arrive as Node buffers; every placement gives plain bytes. */
const plainBytes = (blob: Uint8Array): Uint8Array => new Uint8Array(blob.buffer, blob.byteOffset, blob.byteLength)

/** An integer as a number where a number holds it exactly, else as it is. */
const narrow = (value: bigint): number | bigint => {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}

/** Appends one row to flat cells. */
export const appendRow = (cells: Array<unknown>, row: ReadonlyArray<NativeCell>, bigints: boolean): void => {
  for (let column = 0; column < row.length; column++) {
    const value = row[column]
    if (typeof value === "object" && value !== null) cells.push(plainBytes(value))
    else cells.push(typeof value === "bigint" && !bigints ? narrow(value) : value)
  }
}

/** A statement, prepared once for its connection and run many times. */
export class PreparedStatement {
  readonly returnsRows: boolean
  readonly #native: NativeStatement
  readonly #columnsMayChange: boolean
  #columns: ReadonlyArray<string> | undefined
  #exact = false

  constructor(native: NativeStatement, sql: string) {
    this.#native = native
    this.returnsRows = native.reader
    this.#columnsMayChange = native.reader && starSelection.test(sql)
    if (native.reader) {
      native.raw(true)
      // What changes data cannot be run a second time to get its integers right, so it reads them exactly at once.
      if (!native.readonly) this.#readExactly()
    }
  }

  /** The names of the result's columns. True only after a run, because a run may have prepared it anew. */
  columns(): ReadonlyArray<string> {
    if (!this.returnsRows) return []
    if (this.#columns === undefined || this.#columnsMayChange) {
      this.#columns = this.#native.columns().map((column) => column.name)
    }
    return this.#columns
  }

  /** Runs a statement that returns no rows; the result is the number of rows that it changed. */
  run(parameters: ReadonlyArray<unknown>): number {
    return this.#native.run(bindParameters(parameters)).changes
  }

  /**
   * Runs it and appends its rows to `cells`; the result is the number of rows. Integers arrive as `bigint` if so
   * asked, else as numbers where those are exact.
   */
  read(parameters: ReadonlyArray<unknown>, bigints: boolean, cells: Array<unknown>): number {
    const bound = bindParameters(parameters)
    const start = cells.length
    if (bigints) this.#readExactly()
    const rows = this.#native.all(bound)
    for (const row of rows) appendRow(cells, row, bigints)
    if (this.#exact || !this.#lostDigits(cells, start)) return rows.length
    cells.length = start
    this.#readExactly()
    const exactRows = this.#native.all(bound)
    for (const row of exactRows) appendRow(cells, row, bigints)
    return exactRows.length
  }

  /**
   * Exact integers cost a `bigint` each, so a query begins without. The first time that a number comes which cannot be
   * trusted, it is run again and stays exact from then on.
   */
  #readExactly(): void {
    if (this.#exact) return
    this.#native.safeIntegers(true)
    this.#exact = true
  }

  #lostDigits(cells: ReadonlyArray<unknown>, start: number): boolean {
    for (let index = start; index < cells.length; index++) {
      const value = cells[index]
      if (typeof value === "number" && isUnsafe(value)) return true
    }
    return false
  }
}
