import type { NativeCell, NativeStatement } from "./better-sqlite3.ts"
import { bindParameters } from "./bind-parameters.ts"
import { appendRow } from "./prepared-statement.ts"

/** A cursor was asked for rows after it had ended. */
export class CursorClosedError extends Error {
  override readonly name = "CursorClosedError"
}

type Rows = Iterator<ReadonlyArray<NativeCell>>

/**
 * Reads a result batch by batch.
 *
 * A query is stepped as its rows are asked for. What changes data runs to its end at once, as SQLite does anyway, so that
 * it holds no lock between two batches.
 */
export class Cursor {
  readonly columns: ReadonlyArray<string>
  readonly #rows: Rows
  readonly #bigints: boolean

  /** Takes a statement of its own: one that is being stepped cannot be run by others. */
  constructor(native: NativeStatement, parameters: ReadonlyArray<unknown>, bigints: boolean) {
    const bound = bindParameters(parameters)
    this.#bigints = bigints
    if (!native.reader) {
      native.run(bound)
      this.columns = []
      this.#rows = [].values()
      return
    }
    native.raw(true).safeIntegers(true)
    this.#rows = native.readonly ? native.iterate(bound) : native.all(bound).values()
    this.columns = native.columns().map((column) => column.name)
  }

  fetch(size: number): Array<unknown> {
    const cells: Array<unknown> = []
    for (let count = 0; count < size; count++) {
      const next = this.#rows.next()
      if (next.done === true) break
      appendRow(cells, next.value, this.#bigints)
    }
    return cells
  }

  close(): void {
    this.#rows.return?.()
  }
}
