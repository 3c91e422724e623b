import type { NativeCell, NativeRow } from "./better-sqlite3.ts"

const isUnsafe = (value: number): boolean => value > Number.MAX_SAFE_INTEGER || value < Number.MIN_SAFE_INTEGER

/** Blobs arrive as Node buffers; every placement gives plain bytes. */
const plainBytes = (blob: Uint8Array): Uint8Array => new Uint8Array(blob.buffer, blob.byteOffset, blob.byteLength)

/** An integer as a number where a number holds it exactly, else as it is. */
const narrow = (value: bigint): number | bigint => {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}

/**
 * Appends a row that was read with exact integers to flat cells. Integers stay `bigint`s if so asked, else they become
 * numbers where those are exact.
 */
export const appendExactRow = (cells: Array<unknown>, row: NativeRow, bigints: boolean): void => {
  for (let column = 0; column < row.length; column++) {
    const value = row[column]
    if (typeof value === "object" && value !== null) cells.push(plainBytes(value))
    else cells.push(typeof value === "bigint" && !bigints ? narrow(value) : value)
  }
}

/** Makes flat cells of rows that were read with exact integers. */
export const exactCells = (rows: ReadonlyArray<NativeRow>, bigints: boolean): Array<unknown> => {
  const cells: Array<unknown> = []
  for (let index = 0; index < rows.length; index++) appendExactRow(cells, rows[index] as NativeRow, bigints)
  return cells
}

/** Makes a row that was read without exact integers one that can be given away; undefined if a number has lost digits. */
const finished = (row: NativeRow): NativeRow | undefined => {
  for (let column = 0; column < row.length; column++) {
    const value = row[column] as NativeCell
    if (typeof value === "number") {
      if (isUnsafe(value)) return undefined
    } else if (typeof value === "object" && value !== null) row[column] = plainBytes(value)
  }
  return row
}

/**
 * Makes flat cells of rows that were read without exact integers, or undefined if a number came that is too large to be
 * trusted. A single row is itself the cells.
 */
export const trustedCells = (rows: ReadonlyArray<NativeRow>): Array<unknown> | undefined => {
  if (rows.length === 1) return finished(rows[0] as NativeRow)
  const cells: Array<unknown> = []
  for (let index = 0; index < rows.length; index++) {
    const row = finished(rows[index] as NativeRow)
    if (row === undefined) return undefined
    for (let column = 0; column < row.length; column++) cells.push(row[column])
  }
  return cells
}
