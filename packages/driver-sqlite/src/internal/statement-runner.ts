import type { DriverResult, Outcome } from "@offloop/orm-async/driver"
import type { NativeDatabase, NativeStatement } from "./better-sqlite3.ts"
import { PreparedStatement } from "./prepared-statement.ts"
import type { SchemaEpoch } from "./schema-epoch.ts"
import { SessionSettings } from "./session-settings.ts"
import { StatementCache } from "./statement-cache.ts"
import { StatementMaker } from "./statement-maker.ts"

type Prelude = ReadonlyArray<string>
type Values = ReadonlyArray<unknown>

/** The way in which a statement is to be run. */
export interface RunOptions {
  readonly bigints: boolean
  /** The program wrote the SQL: it may do anything. */
  readonly isOpaque: boolean
}

/** The state that an error leaves a connection in: put on every error that one of its calls throws. */
export interface FailureState {
  readonly completedPrelude: number
  readonly inTransaction: boolean
  readonly sessionChanged: boolean
  /** Which statement of a unit failed. */
  readonly failedCall?: number | undefined
}

/** The prelude of a call that has none. */
export const noPrelude: Prelude = []

const noValues: Values = []
const noCells: Array<unknown> = []

/** The number of texts of BEGIN, SAVEPOINT and the like that stay prepared. */
const controlStatements = 32

/**
 * Runs the statements of one connection and keeps track of what they do to it: whether a transaction is open, whether the
 * session or the schema has changed.
 */
export class StatementRunner {
  readonly maker: StatementMaker
  /** Something that the program wrote itself may have changed the session since the last reset. */
  sessionChanged = false
  readonly #database: NativeDatabase
  readonly #schema: SchemaEpoch
  readonly #session: SessionSettings
  readonly #control = new StatementCache<PreparedStatement>(controlStatements)
  #schemaVersionQuery: NativeStatement | undefined
  #lastSchemaVersion: number | undefined
  /** The transaction that is open has changed the schema. */
  #schemaTouched = false
  #inTransaction = false
  #lent = false
  #completedPrelude = 0
  #refusal: { readonly error: unknown } | undefined

  constructor(database: NativeDatabase, schema: SchemaEpoch) {
    this.#database = database
    this.maker = new StatementMaker(database)
    this.#schema = schema
    this.#session = new SessionSettings(database)
  }

  /** A transaction is open. */
  get inTransaction(): boolean {
    return this.#lent ? this.#database.inTransaction : this.#inTransaction
  }

  /** Gives the library's connection away, after which nothing is known of it until the session is restored. */
  lend(): NativeDatabase {
    this.#session.remember()
    this.sessionChanged = true
    this.#lent = true
    return this.#database
  }

  /** Fails every call with an error, until `undefined` is given. */
  refuse(refusal: { readonly error: unknown } | undefined): void {
    this.#refusal = refusal
  }

  /** Gives back what the program may have changed of the session. No transaction may be open. */
  restoreSession(): void {
    if (!this.sessionChanged) return
    this.#session.restore()
    this.#schema.epoch++
    this.#lent = false
    this.sessionChanged = false
  }

  /** Prepares a statement. One that the program wrote itself may change a setting by that alone. */
  prepare(sql: string, isOpaque: boolean): PreparedStatement {
    this.begin(noPrelude, isOpaque)
    const statement = new PreparedStatement(this.maker, sql)
    if (isOpaque && !statement.isPlain) this.sessionChanged = true
    return statement
  }

  /** Begins a call. */
  begin(prelude: Prelude, isOpaque: boolean): void {
    this.#completedPrelude = 0
    if (this.#refusal !== undefined) throw this.#refusal.error
    if (isOpaque) this.#session.remember()
    for (let index = 0; index < prelude.length; index++) {
      this.perform(prelude[index] as string)
      this.#completedPrelude++
    }
  }

  /** A statement that a cursor steps cannot be run beside that: another one is prepared. */
  free(statement: PreparedStatement): PreparedStatement {
    return statement.pinned ? new PreparedStatement(this.maker, statement.sql) : statement
  }

  /** Runs a statement. */
  run(statement: PreparedStatement, parameters: Values, options: RunOptions): DriverResult {
    const cells = this.#cells(statement, parameters, options)
    return { columns: statement.columns, cells, rowCount: statement.rowCount }
  }

  #cells(statement: PreparedStatement, parameters: Values, options: RunOptions): Array<unknown> {
    const mayDoAnything = options.isOpaque && this.mayDoAnything(statement, options)
    if (!statement.returnsRows) {
      statement.run(parameters)
      this.ran(statement, mayDoAnything)
      return noCells
    }
    const cells = statement.read(parameters, options.bigints)
    if (mayDoAnything) this.ran(statement, mayDoAnything)
    this.checkColumns(statement, statement.width, options)
    return cells
  }

  /** SQL that the program wrote itself, and that is more than a query or a change of rows. */
  mayDoAnything(statement: PreparedStatement, options: RunOptions): boolean {
    if (!options.isOpaque || statement.isPlain) return false
    this.sessionChanged = true
    // Some settings are changed and read when a statement is prepared, not when it runs.
    statement.renew()
    return true
  }

  /** Runs a statement once for each set of values. */
  runSets(statement: PreparedStatement, parameterSets: ReadonlyArray<Values>, options: RunOptions): DriverResult {
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

  /** Runs a body between two statements, and a third one instead of the second if it fails. */
  within<A>(begin: string, end: string, undo: string, body: () => A): A {
    this.perform(begin)
    try {
      const result = body()
      this.perform(end)
      return result
    } catch (error) {
      // SQLite ends a transaction by itself after some errors, as a full disk, and then has nothing to undo.
      if (this.#database.inTransaction) {
        this.perform(undo)
        if (end !== "COMMIT") this.perform(end)
      }
      throw error
    }
  }

  /** Ends the transaction, unless SQLite has done so by itself. */
  endTransaction(how: "COMMIT" | "ROLLBACK"): void {
    if (!this.#database.inTransaction) {
      this.#inTransaction = false
      return
    }
    this.perform(how)
    if (!this.#schemaTouched) return
    this.#schemaTouched = false
    this.#schema.epoch++
  }

  /** Runs a statement that controls transactions. */
  perform(sql: string): void {
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

  /** A statement has run. */
  ran(statement: PreparedStatement, mayHaveDoneAnything: boolean): void {
    if (mayHaveDoneAnything) this.#anythingHappened()
    else if (!statement.returnsRows && !statement.isPlain) this.#somethingHappened()
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
    // The schema that others read now is another one when the transaction has ended.
    this.#schemaTouched = this.#inTransaction
  }

  /**
   * Reads the columns' names anew where they may have changed. A statement of the ORM names its columns, so that only
   * changes that this program makes count. SQL of the program's own may say `*`, of a table that any process may alter.
   */
  checkColumns(statement: PreparedStatement, width: number, options: RunOptions): void {
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

  /** Puts the connection's state on an error. */
  failed(thrown: unknown, failedCall?: number): Error {
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

  /** Gives what happened instead of throwing. */
  attempt<A>(body: () => A): Outcome<A, Error> {
    try {
      return { ok: true, value: body() }
    } catch (error) {
      return { ok: false, error: this.failed(error) }
    }
  }
}

const asError = (thrown: unknown): Error => (thrown instanceof Error ? thrown : new Error(String(thrown)))
