import type { DriverResult } from "@offloop/orm-async/driver"
import type { NativeDatabase, NativeStatement } from "./better-sqlite3.ts"
import { Cursor, CursorClosedError } from "./cursor.ts"
import { PreparedStatement } from "./prepared-statement.ts"
import { RowCountError } from "./row-count-error.ts"
import type { SchemaEpoch } from "./schema-epoch.ts"
import { SessionSettings } from "./session-settings.ts"
import type { SqliteConfig } from "./sqlite-config.ts"
import { StatementCache } from "./statement-cache.ts"
import { StatementMaker } from "./statement-maker.ts"

type Prelude = ReadonlyArray<string>
type Values = ReadonlyArray<unknown>

/** How a statement is to be run. */
export interface RunOptions {
  readonly bigints: boolean
  /** The program wrote the SQL: it may do anything. */
  readonly isOpaque: boolean
}

/** A statement of a unit, and what it is run with. */
export interface UnitStep extends RunOptions {
  readonly statement: PreparedStatement
  /** One set, or many for a batch. */
  readonly parameters?: Values | undefined
  readonly parameterSets?: ReadonlyArray<Values> | undefined
  readonly expectedRowCount?: number | undefined
}

/** The state that an error leaves a connection in: put on every error that one of its calls throws. */
export interface FailureState {
  readonly completedPrelude: number
  readonly inTransaction: boolean
  readonly sessionChanged: boolean
  /** Which statement of a unit failed. */
  readonly failedCall?: number | undefined
}

const noPrelude: Prelude = []
const noValues: Values = []
const noCells: Array<unknown> = []

/** How many texts of BEGIN, SAVEPOINT and the like stay prepared. */
const controlStatements = 32

/**
 * One connection to one database, on the thread that opened it: plain synchronous calls.
 *
 * Errors are the library's own with {@link FailureState} put on them; what they mean is decided where they arrive.
 */
export class SqliteConnection {
  readonly config: SqliteConfig
  readonly maker: StatementMaker
  /** Something that the program wrote itself may have changed the session since the last reset. */
  sessionChanged = false
  readonly #database: NativeDatabase
  readonly #schema: SchemaEpoch
  readonly #session: SessionSettings
  readonly #control = new StatementCache<PreparedStatement>(controlStatements)
  readonly #cursors = new Map<number, Cursor>()
  #schemaVersionQuery: NativeStatement | undefined
  #lastSchemaVersion: number | undefined
  /** The transaction that is open has changed the schema. */
  #schemaTouched = false
  #inTransaction = false
  #lent = false
  #lastCursor = 0
  #completedPrelude = 0
  /** Why the last {@link resetAhead} failed. */
  #unreset: { readonly error: unknown } | undefined

  /** @param schema counts changes of the schema that were made on this thread, by this connection or another */
  constructor(database: NativeDatabase, config: SqliteConfig, schema: SchemaEpoch) {
    this.#database = database
    this.maker = new StatementMaker(database)
    this.config = config
    this.#schema = schema
    this.#session = new SessionSettings(database)
  }

  /** A transaction is open. */
  get inTransaction(): boolean {
    return this.#lent ? this.#database.inTransaction : this.#inTransaction
  }

  /** How many cursors are open. */
  get openCursors(): number {
    return this.#cursors.size
  }

  /** Gives the library's connection away, after which nothing is known of it until it is reset. */
  lend(): NativeDatabase {
    this.#session.remember()
    this.sessionChanged = true
    this.#lent = true
    return this.#database
  }

  /** An error with the state that the connection is in, for whoever hears of it on another thread. */
  withState(error: unknown): unknown {
    return this.#failed(error)
  }

  /** Prepares a statement. One that the program wrote itself may change a setting by that alone. */
  prepare(sql: string, isOpaque: boolean): PreparedStatement {
    try {
      this.#begin(noPrelude, isOpaque)
      const statement = new PreparedStatement(this.maker, sql)
      if (isOpaque && !statement.isPlain) this.sessionChanged = true
      return statement
    } catch (error) {
      throw this.#failed(error)
    }
  }

  execute(statement: PreparedStatement, parameters: Values, prelude: Prelude, options: RunOptions): DriverResult {
    try {
      this.#begin(prelude, options.isOpaque)
      return this.#run(this.#free(statement), parameters, options)
    } catch (error) {
      throw this.#failed(error)
    }
  }

  /** Runs a statement once for each set; all of them or none. */
  executeMany(
    statement: PreparedStatement,
    parameterSets: ReadonlyArray<Values>,
    prelude: Prelude,
    options: RunOptions,
  ): DriverResult {
    try {
      this.#begin(prelude, options.isOpaque)
      const own = this.#free(statement)
      if (parameterSets.length === 1) return this.#runSets(own, parameterSets, options)
      return this.inTransaction
        ? this.#within("SAVEPOINT offloop_many", "RELEASE offloop_many", "ROLLBACK TO offloop_many", () =>
            this.#runSets(own, parameterSets, options),
          )
        : this.#within(own.isReadonly ? "BEGIN" : "BEGIN IMMEDIATE", "COMMIT", "ROLLBACK", () =>
            this.#runSets(own, parameterSets, options),
          )
    } catch (error) {
      throw this.#failed(error)
    }
  }

  /** Runs statements as one transaction. */
  executeUnit(begin: string, steps: ReadonlyArray<() => UnitStep>): ReadonlyArray<DriverResult> {
    let failedCall: number | undefined
    try {
      this.#begin(noPrelude, false)
      this.#perform(begin)
      const results: Array<DriverResult> = []
      for (failedCall = 0; failedCall < steps.length; failedCall++) {
        results.push(this.#runStep((steps[failedCall] as () => UnitStep)()))
      }
      failedCall = undefined
      this.#endTransaction("COMMIT")
      return results
    } catch (error) {
      try {
        this.#endTransaction("ROLLBACK")
      } catch (second) {
        throw this.#failed(
          new AggregateError([error, second], "a unit failed and could not be rolled back"),
          failedCall,
        )
      }
      throw this.#failed(error, failedCall)
    }
  }

  /** Opens a cursor and gives its number. */
  openCursor(
    statement: PreparedStatement,
    parameters: Values,
    prelude: Prelude,
    options: RunOptions,
  ): { readonly id: number; readonly columns: ReadonlyArray<string> } {
    try {
      this.#begin(prelude, options.isOpaque)
      const own = this.#free(statement)
      const mayDoAnything = this.#mayDoAnything(own, options)
      const cursor = new Cursor(own, parameters, options.bigints)
      const id = ++this.#lastCursor
      this.#cursors.set(id, cursor)
      if (mayDoAnything) this.#anythingHappened()
      else if (!own.returnsRows && !own.isPlain) this.#somethingHappened()
      if (own.returnsRows) this.#checkColumns(own, cursor.width, options)
      return { id, columns: own.columns }
    } catch (error) {
      throw this.#failed(error)
    }
  }

  /** At most `size` rows as flat cells; none when the cursor is exhausted. */
  fetch(id: number, size: number): Array<unknown> {
    try {
      this.#begin(noPrelude, false)
      const cursor = this.#cursors.get(id)
      // Giving no rows would look like the end of the result.
      if (cursor === undefined) throw new CursorClosedError("the cursor is closed: its transaction was rolled back")
      return cursor.fetch(size)
    } catch (error) {
      throw this.#failed(error)
    }
  }

  closeCursor(id: number): void {
    this.#cursors.get(id)?.close()
    this.#cursors.delete(id)
  }

  /** Commits, if a transaction is open. */
  commit(): void {
    try {
      this.#begin(noPrelude, false)
      this.#endTransaction("COMMIT")
    } catch (error) {
      throw this.#failed(error)
    }
  }

  /** Rolls back, if a transaction is open, and closes the cursors. */
  rollback(): void {
    this.#unreset = undefined
    try {
      this.#begin(noPrelude, false)
      this.#closeCursors()
      this.#endTransaction("ROLLBACK")
    } catch (error) {
      throw this.#failed(error)
    }
  }

  /** Gives back everything that a borrower can have changed. */
  reset(): void {
    this.rollback()
    if (!this.sessionChanged) return
    try {
      this.#session.restore()
      this.#schema.epoch++
      this.#lent = false
      this.sessionChanged = false
    } catch (error) {
      throw this.#failed(error)
    }
  }

  /** {@link reset}, with a call behind it already. Should it fail, that must not run in what it left open. */
  resetAhead(): void {
    try {
      this.reset()
    } catch (error) {
      this.#unreset = { error }
      throw error
    }
  }

  ping(): void {
    try {
      this.#begin(noPrelude, false)
      this.#controlStatement("SELECT 1").read(noValues, false)
    } catch (error) {
      throw this.#failed(error)
    }
  }

  close(): void {
    this.#closeCursors()
    try {
      this.#endTransaction("ROLLBACK")
    } finally {
      this.#database.close()
    }
  }

  #begin(prelude: Prelude, isOpaque: boolean): void {
    this.#completedPrelude = 0
    if (this.#unreset !== undefined) throw this.#unreset.error
    if (isOpaque) this.#session.remember()
    for (let index = 0; index < prelude.length; index++) {
      this.#perform(prelude[index] as string)
      this.#completedPrelude++
    }
  }

  /** A statement that a cursor steps cannot be run beside that: another one is prepared. */
  #free(statement: PreparedStatement): PreparedStatement {
    return statement.pinned ? new PreparedStatement(this.maker, statement.sql) : statement
  }

  #run(statement: PreparedStatement, parameters: Values, options: RunOptions): DriverResult {
    const cells = this.#cells(statement, parameters, options)
    return { columns: statement.columns, cells, rowCount: statement.rowCount }
  }

  #cells(statement: PreparedStatement, parameters: Values, options: RunOptions): Array<unknown> {
    const mayDoAnything = options.isOpaque && this.#mayDoAnything(statement, options)
    if (!statement.returnsRows) {
      statement.run(parameters)
      if (mayDoAnything) this.#anythingHappened()
      else if (!statement.isPlain) this.#somethingHappened()
      return noCells
    }
    const cells = statement.read(parameters, options.bigints)
    if (mayDoAnything) this.#anythingHappened()
    this.#checkColumns(statement, statement.width, options)
    return cells
  }

  /** SQL that the program wrote itself, and that is more than a query or a change of rows. */
  #mayDoAnything(statement: PreparedStatement, options: RunOptions): boolean {
    if (!options.isOpaque || statement.isPlain) return false
    this.sessionChanged = true
    // Some settings are changed and read when a statement is prepared, not when it runs.
    statement.renew()
    return true
  }

  #runSets(statement: PreparedStatement, parameterSets: ReadonlyArray<Values>, options: RunOptions): DriverResult {
    const all: Array<unknown> = []
    let rowCount = 0
    for (let index = 0; index < parameterSets.length; index++) {
      try {
        const cells = this.#cells(statement, parameterSets[index] ?? noValues, options)
        for (let at = 0; at < cells.length; at++) all.push(cells[at])
        rowCount += statement.rowCount
      } catch (error) {
        throw Object.assign(asError(error), { parameterSet: index + 1, parameterSetCount: parameterSets.length })
      }
    }
    return { columns: statement.columns, cells: all, rowCount }
  }

  #runStep(step: UnitStep): DriverResult {
    const { parameters = noValues, parameterSets, expectedRowCount } = step
    const own = this.#free(step.statement)
    const result =
      parameterSets === undefined ? this.#run(own, parameters, step) : this.#runSets(own, parameterSets, step)
    if (expectedRowCount !== undefined && result.rowCount !== expectedRowCount) {
      throw new RowCountError(expectedRowCount, result.rowCount)
    }
    return result
  }

  /** Runs a body between two statements, and a third one instead of the second if it fails. */
  #within<A>(begin: string, end: string, undo: string, body: () => A): A {
    this.#perform(begin)
    try {
      const result = body()
      this.#perform(end)
      return result
    } catch (error) {
      // SQLite ends a transaction by itself after some errors, as a full disk, and then has nothing to undo.
      if (this.#database.inTransaction) {
        this.#perform(undo)
        if (end !== "COMMIT") this.#perform(end)
      }
      throw error
    }
  }

  #endTransaction(how: "COMMIT" | "ROLLBACK"): void {
    if (!this.#database.inTransaction) {
      this.#inTransaction = false
      return
    }
    this.#perform(how)
    if (!this.#schemaTouched) return
    this.#schemaTouched = false
    this.#schema.epoch++
  }

  #perform(sql: string): void {
    const statement = this.#controlStatement(sql)
    if (statement.returnsRows) statement.read(noValues, false)
    else statement.run(noValues)
    this.#inTransaction = this.#database.inTransaction
  }

  #controlStatement(sql: string): PreparedStatement {
    const known = this.#control.get(sql)
    if (known !== undefined) return known
    const statement = new PreparedStatement(this.maker, sql)
    this.#control.add(sql, statement)
    return statement
  }

  /** A statement of the ORM ran that is more than a query or a change of rows. */
  #somethingHappened(): void {
    this.#inTransaction = this.#database.inTransaction
    const version = this.#schemaVersion()
    if (version === this.#lastSchemaVersion) return
    this.#lastSchemaVersion = version
    this.#schemaChanged()
  }

  /** The program ran a statement of its own that may have done anything to the connection. */
  #anythingHappened(): void {
    this.#inTransaction = this.#database.inTransaction
    this.#schemaChanged()
  }

  #schemaChanged(): void {
    this.#schema.epoch++
    // Whatever others read now is not yet, or no longer, the schema when the transaction has ended.
    this.#schemaTouched = this.#inTransaction
  }

  /**
   * Reads the columns' names anew where they may have changed. A statement of the ORM names its columns, so that only
   * changes that this program makes count. SQL of the program's own may say `*`, of a table that any process may alter.
   */
  #checkColumns(statement: PreparedStatement, width: number, options: RunOptions): void {
    const { epoch } = this.#schema
    if (statement.columnsEpoch !== epoch || (width !== 0 && width !== statement.columns.length)) {
      statement.readColumns(epoch)
    }
    if (!options.isOpaque) return
    const version = this.#schemaVersion()
    const known = version === statement.schemaVersion
    if (known && statement.schemaConfirmed) return
    statement.readColumns(epoch)
    // A version that is seen for the first time may be newer than the run: the next run tells.
    statement.schemaConfirmed = known
    statement.schemaVersion = version
  }

  #schemaVersion(): number {
    this.#schemaVersionQuery ??= this.#database.prepare("PRAGMA schema_version").pluck(true)
    return this.#schemaVersionQuery.get() as number
  }

  #failed(thrown: unknown, failedCall?: number): Error {
    this.#inTransaction = this.#database.inTransaction
    if (this.#schemaTouched && !this.#inTransaction) this.#schemaChanged()
    const state: FailureState = {
      completedPrelude: this.#completedPrelude,
      inTransaction: this.inTransaction,
      sessionChanged: this.sessionChanged,
      failedCall,
    }
    return Object.assign(asError(thrown), state)
  }

  #closeCursors(): void {
    for (const cursor of this.#cursors.values()) cursor.close()
    this.#cursors.clear()
  }
}

const asError = (thrown: unknown): Error => (thrown instanceof Error ? thrown : new Error(String(thrown)))
