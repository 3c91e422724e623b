import type { NativeRow } from "./better-sqlite3.ts"
import { appendExactRow } from "./native-rows.ts"
import type { PreparedStatement } from "./prepared-statement.ts"

/** A cursor was asked for rows after it had ended. */
export class CursorClosedError extends Error {
  override readonly name = "CursorClosedError"
}

/**
 * Reads a result batch by batch.
 *
 * A query is stepped as its rows are asked for. What changes data runs to its end at once, as SQLite does anyway, so that
 * it holds no lock between two batches.
 */
export class Cursor {
  readonly #statement: PreparedStatement
  readonly #rows: Iterator<NativeRow>
  readonly #bigints: boolean
  #next: IteratorResult<NativeRow> | undefined
  #open = true

  /** @param statement is the cursor's own until it is closed, if it is a query */
  constructor(statement: PreparedStatement, parameters: ReadonlyArray<unknown>, bigints: boolean) {
    this.#statement = statement
    this.#bigints = bigints
    if (!statement.returnsRows) {
      statement.run(parameters)
      this.#rows = [].values()
    } else if (statement.isReadonly) this.#rows = statement.iterate(parameters)
    else this.#rows = statement.exactRows(parameters).values()
    try {
      // A query that has to be prepared anew, with other columns perhaps, is so by its first step.
      this.#next = this.#rows.next()
    } catch (error) {
      this.close()
      throw error
    }
  }

  /** The width of its rows; 0 where there is none. */
  get width(): number {
    return this.#next === undefined || this.#next.done === true ? 0 : this.#next.value.length
  }

  fetch(size: number): Array<unknown> {
    const cells: Array<unknown> = []
    for (let count = 0; count < size; count++) {
      const next = this.#next ?? this.#rows.next()
      if (next.done === true) {
        // The iterator of a statement that is used again must not be asked again.
        this.#next = next
        break
      }
      this.#next = undefined
      appendExactRow(cells, next.value, this.#bigints)
    }
    return cells
  }

  close(): void {
    if (!this.#open) return
    this.#open = false
    this.#rows.return?.()
    if (this.#statement.pinned) this.#statement.iterated()
  }
}
