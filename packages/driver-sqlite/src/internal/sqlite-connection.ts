import { realpathSync } from "node:fs"
import type { NativeDatabase } from "./better-sqlite3.ts"
import { Cursor, CursorClosedError } from "./cursor.ts"
import { forgetDatabase } from "./open-databases.ts"
import type { PreparedStatement } from "./prepared-statement.ts"
import { memoryPath, type SqliteConfig } from "./sqlite-config.ts"
import { StatementCache } from "./statement-cache.ts"

/** What every answer tells besides its own: whether a transaction is open now. The write lock depends on it. */
export interface ConnectionState {
  readonly inTransaction: boolean
}

/** A buffered result with rows as flat, row-major cells: the form that crosses threads in one piece. */
export interface SqliteResult extends ConnectionState {
  readonly columns: ReadonlyArray<string>
  readonly cells: ReadonlyArray<unknown>
  readonly rowCount: number
}

export interface OpenedCursor extends ConnectionState {
  readonly id: number
  readonly columns: ReadonlyArray<string>
}

/** What the connection adds to an error that leaves it. */
export interface FailureState extends ConnectionState {
  readonly completedPrelude: number
}

type Prelude = ReadonlyArray<string>
type Values = ReadonlyArray<unknown>

/**
 * One connection to one database, on the thread that opened it: plain synchronous calls, no Effect.
 *
 * Errors are the library's own with {@link FailureState} put on them; what they mean is decided where they arrive.
 */
export class SqliteConnection {
  readonly #database: NativeDatabase
  readonly #config: SqliteConfig
  readonly #statements: StatementCache
  readonly #cursors = new Map<number, Cursor>()
  #lastCursor = 0
  #completedPrelude = 0
  /** Why the last {@link resetAhead} failed. */
  #unreset: { readonly error: unknown } | undefined

  constructor(database: NativeDatabase, config: SqliteConfig) {
    this.#database = database
    this.#config = config
    this.#statements = new StatementCache(database, config.statementCacheSize)
  }

  /** The one name of the database's file, however it was spelled; undefined for a database in memory. */
  location(): string | undefined {
    return this.#config.path === memoryPath ? undefined : realpathSync.native(this.#config.path)
  }

  execute(sql: string, parameters: Values, prelude: Prelude, bigints: boolean): SqliteResult {
    return this.#run(prelude, () => {
      const statement = this.#statements.get(sql)
      const cells: Array<unknown> = []
      const rowCount = statement.returnsRows ? statement.read(parameters, bigints, cells) : statement.run(parameters)
      return this.#result(statement, cells, rowCount)
    })
  }

  /** Runs a statement once for each set; all of them or none, also where no transaction is open. */
  executeMany(sql: string, parameterSets: ReadonlyArray<Values>, prelude: Prelude, bigints: boolean): SqliteResult {
    return this.#run(prelude, () => {
      const statement = this.#statements.get(sql)
      if (this.#database.inTransaction) return this.#runSets(statement, parameterSets, bigints)
      this.#statements.get("BEGIN IMMEDIATE").run([])
      try {
        const result = this.#runSets(statement, parameterSets, bigints)
        this.#statements.get("COMMIT").run([])
        return { ...result, inTransaction: false }
      } catch (error) {
        this.#endTransaction()
        throw error
      }
    })
  }

  openCursor(sql: string, parameters: Values, prelude: Prelude, bigints: boolean): OpenedCursor {
    return this.#run(prelude, () => {
      const cursor = new Cursor(this.#database.prepare(sql), parameters, bigints)
      const id = ++this.#lastCursor
      this.#cursors.set(id, cursor)
      return { id, columns: cursor.columns, inTransaction: this.#database.inTransaction }
    })
  }

  /** At most `size` rows as flat cells; none when the cursor is exhausted. */
  fetch(id: number, size: number): Array<unknown> {
    return this.#run([], () => {
      const cursor = this.#cursors.get(id)
      // Giving no rows would look like the end of the result.
      if (cursor === undefined) throw new CursorClosedError("the cursor is closed: its transaction was rolled back")
      return cursor.fetch(size)
    })
  }

  closeCursor(id: number): void {
    this.#cursors.get(id)?.close()
    this.#cursors.delete(id)
  }

  commit(): ConnectionState {
    return this.#run([], () => {
      if (this.#database.inTransaction) this.#statements.get("COMMIT").run([])
      return { inTransaction: this.#database.inTransaction }
    })
  }

  rollback(): ConnectionState {
    this.#unreset = undefined
    return this.#run([], () => {
      this.#closeCursors()
      this.#endTransaction()
      return { inTransaction: this.#database.inTransaction }
    })
  }

  /** {@link rollback}, with a call behind it already. Should it fail, that must not run in what it left open. */
  resetAhead(): ConnectionState {
    try {
      return this.rollback()
    } catch (error) {
      this.#unreset = { error }
      throw error
    }
  }

  ping(): void {
    this.#run([], () => this.#statements.get("SELECT 1").read([], false, []))
  }

  close(): void {
    this.#closeCursors()
    this.#endTransaction()
    this.#database.close()
    forgetDatabase(this.#config.id)
  }

  #run<A>(prelude: Prelude, body: () => A): A {
    this.#completedPrelude = 0
    try {
      if (this.#unreset !== undefined) throw this.#unreset.error
      for (const sql of prelude) {
        const statement = this.#statements.get(sql)
        if (statement.returnsRows) statement.read([], false, [])
        else statement.run([])
        this.#completedPrelude++
      }
      return body()
    } catch (error) {
      const state: FailureState = {
        completedPrelude: this.#completedPrelude,
        inTransaction: this.#database.inTransaction,
      }
      throw Object.assign(error instanceof Error ? error : new Error(String(error)), state)
    }
  }

  #runSets(statement: PreparedStatement, parameterSets: ReadonlyArray<Values>, bigints: boolean): SqliteResult {
    const cells: Array<unknown> = []
    let rowCount = 0
    for (let index = 0; index < parameterSets.length; index++) {
      try {
        const values = parameterSets[index] ?? []
        rowCount += statement.returnsRows ? statement.read(values, bigints, cells) : statement.run(values)
      } catch (error) {
        throw Object.assign(error instanceof Error ? error : new Error(String(error)), {
          parameterSet: index + 1,
          parameterSetCount: parameterSets.length,
        })
      }
    }
    return this.#result(statement, cells, rowCount)
  }

  #result(statement: PreparedStatement, cells: Array<unknown>, rowCount: number): SqliteResult {
    return { columns: statement.columns(), cells, rowCount, inTransaction: this.#database.inTransaction }
  }

  /** SQLite ends a transaction by itself after some errors (a full disk), and then has nothing to roll back. */
  #endTransaction(): void {
    if (this.#database.inTransaction) this.#statements.get("ROLLBACK").run([])
  }

  #closeCursors(): void {
    for (const cursor of this.#cursors.values()) cursor.close()
    this.#cursors.clear()
  }
}
