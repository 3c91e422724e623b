import type { DriverResult, Outcome } from "@offloop/orm-async/driver"
import type { NativeDatabase } from "./better-sqlite3.ts"
import { Cursor, CursorClosedError } from "./cursor.ts"
import type { PreparedStatement } from "./prepared-statement.ts"
import type { SchemaEpoch } from "./schema-epoch.ts"
import type { SqliteConfig } from "./sqlite-config.ts"
import { noPrelude, type RunOptions, StatementRunner } from "./statement-runner.ts"
import { type Member, runGroup, runUnit, type Step } from "./together.ts"

type Prelude = ReadonlyArray<string>
type Values = ReadonlyArray<unknown>

/**
 * One connection to one database, on the thread that opened it: plain synchronous calls.
 *
 * Errors are the library's own with `FailureState` put on them; what they mean is decided where they arrive.
 */
export class SqliteConnection {
  readonly config: SqliteConfig
  readonly #database: NativeDatabase
  readonly #runner: StatementRunner
  readonly #cursors = new Map<number, Cursor>()
  #lastCursor = 0

  /** @param schema counts changes of the schema that were made on this thread, by this connection or another */
  constructor(database: NativeDatabase, config: SqliteConfig, schema: SchemaEpoch) {
    this.#database = database
    this.config = config
    this.#runner = new StatementRunner(database, schema)
  }

  /** A transaction is open. */
  get inTransaction(): boolean {
    return this.#runner.inTransaction
  }

  /** Something that the program wrote itself may have changed the session since the last reset. */
  get sessionChanged(): boolean {
    return this.#runner.sessionChanged
  }

  /** The number of cursors that are open. */
  get openCursors(): number {
    return this.#cursors.size
  }

  /** Gives the library's connection away, after which nothing is known of it until it is reset. */
  lend(): NativeDatabase {
    return this.#runner.lend()
  }

  /** An error with the state that the connection is in, for whoever hears of it on another thread. */
  withState(error: unknown): unknown {
    return this.#runner.failed(error)
  }

  /** Prepares a statement. One that the program wrote itself may change a setting by that alone. */
  prepare(sql: string, isOpaque: boolean): PreparedStatement {
    return this.#stated(() => this.#runner.prepare(sql, isOpaque))
  }

  execute(statement: PreparedStatement, parameters: Values, prelude: Prelude, options: RunOptions): DriverResult {
    const runner = this.#runner
    try {
      runner.begin(prelude, options.isOpaque)
      return runner.run(runner.free(statement), parameters, options)
    } catch (error) {
      throw runner.failed(error)
    }
  }

  /** Runs a statement once for each set; all of them or none. */
  executeMany(
    statement: PreparedStatement,
    parameterSets: ReadonlyArray<Values>,
    prelude: Prelude,
    options: RunOptions,
  ): DriverResult {
    const runner = this.#runner
    return this.#stated(() => {
      runner.begin(prelude, options.isOpaque)
      const own = runner.free(statement)
      const run = (): DriverResult => runner.runSets(own, parameterSets, options)
      if (parameterSets.length === 1) return run()
      return runner.inTransaction
        ? runner.within("SAVEPOINT offloop_many", "RELEASE offloop_many", "ROLLBACK TO offloop_many", run)
        : runner.within(own.isReadonly ? "BEGIN" : "BEGIN IMMEDIATE", "COMMIT", "ROLLBACK", run)
    })
  }

  /** Runs statements as one transaction. */
  executeUnit(begin: string, steps: ReadonlyArray<() => Step>): ReadonlyArray<DriverResult> {
    return runUnit(this.#runner, begin, steps)
  }

  /** Runs changes and units that are a transaction each, together; tells of each how it ended. */
  executeGroup(members: ReadonlyArray<Member>): ReadonlyArray<Outcome<ReadonlyArray<DriverResult>, Error>> {
    return runGroup(this.#runner, members)
  }

  /** Opens a cursor and gives its number. */
  openCursor(
    statement: PreparedStatement,
    parameters: Values,
    prelude: Prelude,
    options: RunOptions,
  ): { readonly id: number; readonly columns: ReadonlyArray<string> } {
    const runner = this.#runner
    return this.#stated(() => {
      runner.begin(prelude, options.isOpaque)
      const own = runner.free(statement)
      const mayDoAnything = runner.mayDoAnything(own, options)
      const cursor = new Cursor(own, parameters, options.bigints)
      const id = ++this.#lastCursor
      this.#cursors.set(id, cursor)
      runner.ran(own, mayDoAnything)
      if (own.returnsRows) runner.checkColumns(own, cursor.width, options)
      return { id, columns: own.columns }
    })
  }

  /** At most `size` rows as flat cells; none when the cursor is exhausted. */
  fetch(id: number, size: number): Array<unknown> {
    return this.#stated(() => {
      this.#runner.begin(noPrelude, false)
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

  /** Commits, if a transaction is open. */
  commit(): void {
    this.#stated(() => {
      this.#runner.begin(noPrelude, false)
      this.#runner.endTransaction("COMMIT")
    })
  }

  /** Rolls back, if a transaction is open, and closes the cursors. */
  rollback(): void {
    this.#runner.refuse(undefined)
    this.#stated(() => {
      this.#runner.begin(noPrelude, false)
      this.#closeCursors()
      this.#runner.endTransaction("ROLLBACK")
    })
  }

  /** Gives back everything that a borrower can have changed. */
  reset(): void {
    this.rollback()
    this.#stated(() => this.#runner.restoreSession())
  }

  /** {@link reset}, with a call behind it already. Should it fail, that must not run in what it left open. */
  resetAhead(): void {
    try {
      this.reset()
    } catch (error) {
      this.#runner.refuse({ error })
      throw error
    }
  }

  ping(): void {
    this.#stated(() => {
      this.#runner.begin(noPrelude, false)
      this.#runner.perform("SELECT 1")
    })
  }

  close(): void {
    this.#closeCursors()
    try {
      this.#runner.endTransaction("ROLLBACK")
    } finally {
      this.#database.close()
    }
  }

  /** Puts the connection's state on what is thrown. */
  #stated<A>(body: () => A): A {
    try {
      return body()
    } catch (error) {
      throw this.#runner.failed(error)
    }
  }

  #closeCursors(): void {
    for (const cursor of this.#cursors.values()) cursor.close()
    this.#cursors.clear()
  }
}
