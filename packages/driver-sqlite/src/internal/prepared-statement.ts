import type { NativeRow, NativeStatement } from "./better-sqlite3.ts"
import { bindParameters } from "./bind-parameters.ts"
import { exactCells, trustedCells } from "./native-rows.ts"
import type { CachedStatement } from "./statement-cache.ts"
import type { MadeStatement, StatementMaker } from "./statement-maker.ts"

const none: ReadonlyArray<string> = []

/** A statement, prepared once for its connection and run many times. */
export class PreparedStatement implements CachedStatement {
  used = false
  /** A cursor steps it: it cannot be run, and must not be freed. */
  pinned = false
  readonly sql: string
  /** It gives rows, be it a query or a change with RETURNING. */
  returnsRows = false
  /** It cannot change the database. */
  isReadonly = false
  /** Names of the result's columns, as of the last {@link readColumns}; the same array for as long as they are the same. */
  columns = none
  /** Counts how often `columns` has changed; 0 before they were read. */
  columnsVersion = 0
  /** When the columns were read: an epoch of this program, and a version of the database's schema. */
  columnsEpoch = -1
  schemaVersion: number | undefined
  /** The schema was of that version already before the statement ran. */
  schemaConfirmed = false
  /** The number of rows that the last run gave or changed. */
  rowCount = 0
  /** The width of its rows; 0 where there was none. */
  width = 0
  readonly #maker: StatementMaker
  #made!: MadeStatement
  #native!: NativeStatement
  #isFresh = false
  #isPlain: boolean | undefined
  #exact = false

  constructor(maker: StatementMaker, sql: string) {
    this.sql = sql
    this.#maker = maker
    this.#prepare()
  }

  /**
   * It is a SELECT, INSERT, UPDATE or DELETE: it changes neither the schema nor a setting of the connection, and neither
   * begins nor ends a transaction. SQLite's grammar tells: only those can follow WITH, or, where they have a WITH
   * themselves and are queries, be part of it.
   */
  get isPlain(): boolean {
    this.#isPlain ??=
      this.#prepares(`WITH offloop AS (SELECT 1) ${this.sql}`) ||
      this.#prepares(`WITH offloop AS (${this.sql}\n) SELECT 1`)
    return this.#isPlain
  }

  /** Prepares it anew, unless it was not run since it was prepared. */
  renew(): void {
    if (!this.#isFresh) this.#prepare()
    this.#isFresh = false
  }

  /** Reads the names of the columns. True after a run, because a run prepares the statement anew when the schema has changed. */
  readColumns(epoch: number): void {
    this.columnsEpoch = epoch
    const names = this.#native.columns().map((column) => column.name)
    const { columns } = this
    if (this.columnsVersion > 0 && names.length === columns.length && names.every((name, at) => name === columns[at])) {
      return
    }
    this.columns = names
    this.columnsVersion++
  }

  /** Runs a statement that gives no rows. */
  run(parameters: ReadonlyArray<unknown>): void {
    this.rowCount = this.#native.run(bindParameters(parameters)).changes
  }

  /**
   * Runs it and gives its rows as flat cells. Integers arrive as `bigint` if so asked, else as numbers where those are
   * exact.
   *
   * Exact integers cost a `bigint` each, so a query begins without. The first time that a number comes which cannot be
   * trusted, it is run again and stays exact from then on.
   */
  read(parameters: ReadonlyArray<unknown>, bigints: boolean): Array<unknown> {
    const bound = bindParameters(parameters)
    if (bigints) this.#readExactly()
    if (!this.#exact) {
      const cells = trustedCells(this.#all(bound))
      if (cells !== undefined) return cells
      this.#readExactly()
    }
    return exactCells(this.#all(bound), bigints)
  }

  /** Steps through its rows, with exact integers, one at a time. Nothing else may run it until {@link iterated}. */
  iterate(parameters: ReadonlyArray<unknown>): Iterator<NativeRow> {
    const bound = bindParameters(parameters)
    this.#native.safeIntegers(true)
    try {
      const rows = this.#native.iterate(bound)
      this.pinned = true
      return rows
    } catch (error) {
      this.iterated()
      throw error
    }
  }

  /** Ends what {@link iterate} has begun. */
  iterated(): void {
    this.pinned = false
    this.#native.safeIntegers(this.#exact)
  }

  /** Gives all rows of a change at once, with exact integers. */
  exactRows(parameters: ReadonlyArray<unknown>): ReadonlyArray<NativeRow> {
    this.#readExactly()
    return this.#all(bindParameters(parameters))
  }

  #prepare(): void {
    this.#made = this.#maker.make(this.sql)
    const { native } = this.#made
    this.#native = native
    this.#isFresh = true
    this.#exact = false
    this.returnsRows = native.reader
    this.isReadonly = native.readonly
    if (!native.reader) return
    native.raw(true)
    // A change cannot be run a second time to get its integers right, so it reads them exactly at once.
    if (!native.readonly) this.#readExactly()
  }

  #all(bound: ReadonlyArray<unknown>): ReadonlyArray<NativeRow> {
    const rows = this.#native.all(bound)
    this.rowCount = rows.length
    this.width = rows.length === 0 ? 0 : (rows[0] as NativeRow).length
    return rows
  }

  #readExactly(): void {
    if (this.#exact) return
    this.#native.safeIntegers(true)
    this.#exact = true
  }

  #prepares(sql: string): boolean {
    try {
      this.#maker.make(sql)
      return true
    } catch {
      // Not a statement of that form, or one of a schema that has changed: it is not known to be plain.
      return false
    }
  }
}
