import type { BesideRequest, DriverResult } from "@offloop/orm-async/driver"
import type { InlineDriverConnection } from "./inline-driver-connection.ts"
import { Parts } from "./parts.ts"
import type { PreparedStatement } from "./prepared-statement.ts"
import type { SchemaEpoch } from "./schema-epoch.ts"
import { databaseLocation } from "./sqlite-config.ts"
import type { SqliteConnection } from "./sqlite-connection.ts"
import type { RunOptions } from "./statement-runner.ts"
import type { Step } from "./together.ts"
import * as Wire from "./wire.ts"

type Values = ReadonlyArray<unknown>

/** A statement that the loop asks for by its number. */
interface Slot {
  readonly sql: string
  statement: PreparedStatement | undefined
  /** The version of the columns' names that the loop was told last. */
  told: number
}

const noPrelude: ReadonlyArray<string> = []

const optionsOf = (code: number): RunOptions => options[code & (Wire.BIGINTS | Wire.OPAQUE)] as RunOptions

const options: ReadonlyArray<RunOptions> = [0, 1, 2, 3].map((bits) => ({
  bigints: (bits & Wire.BIGINTS) !== 0,
  isOpaque: (bits & Wire.OPAQUE) !== 0,
}))

const stepOf = ([code, sql, values]: Wire.WireChange): Wire.WireStep => [code, sql, false, values, undefined]

const wireFailure = (error: Error & { readonly code?: unknown }): Wire.WireFailure => ({
  failure: { ...error, name: error.name, code: error.code, stack: error.stack },
  message: error.message,
})

/**
 * A connection in its worker, as the loop calls it: it knows statements by the numbers that the loop gives them, and
 * answers in the forms of `wire.ts`.
 */
export class ServedConnection {
  readonly #connection: SqliteConnection
  readonly #schema: SchemaEpoch
  readonly #slots: Array<Slot | undefined> = []
  readonly #parts = new Parts()
  #toldEpoch: number
  /** The connection of functions that run beside it. */
  #beside: InlineDriverConnection | undefined

  constructor(connection: SqliteConnection, schema: SchemaEpoch) {
    this.#connection = connection
    this.#schema = schema
    this.#toldEpoch = schema.epoch
  }

  location(): string | undefined {
    return databaseLocation(this.#connection.config)
  }

  /** Gives a number to an SQL text. A number that had another one before is that one's no more. */
  define(number: number, sql: string): void {
    this.#slots[number] = { sql, statement: undefined, told: 0 }
  }

  /** Prepares SQL that the program wrote itself, and tells whether it can change the database. */
  prepare(code: number, sql: string | undefined): number {
    const statement = this.#statement(this.#slot(code, sql), true)
    return this.#state() | (statement.isReadonly ? Wire.READONLY : 0) | (statement.isPlain ? Wire.PLAIN : 0)
  }

  execute(code: number, parameters: Values, prelude = noPrelude, sql?: string): Wire.WireAnswer {
    if ((code & Wire.OUTSIDE) !== 0 && this.#connection.inTransaction) return Wire.REFUSED
    const run = optionsOf(code)
    const slot = this.#slot(code, sql)
    return this.#answer(slot, code, this.#connection.execute(this.#ready(slot, code, run), parameters, prelude, run))
  }

  executeMany(code: number, sets: ReadonlyArray<Values>, prelude = noPrelude, sql?: string): Wire.WireAnswer {
    const run = optionsOf(code)
    const slot = this.#slot(code, sql)
    return this.#answer(slot, code, this.#connection.executeMany(this.#ready(slot, code, run), sets, prelude, run))
  }

  executeUnit(begin: string, steps: ReadonlyArray<Wire.WireStep>): ReadonlyArray<Wire.WireAnswer> {
    const slots = this.#slotsOf(steps)
    return this.#unitAnswers(steps, slots, this.#connection.executeUnit(begin, this.#steps(steps, slots)))
  }

  /** Runs changes and units that are a transaction each, together. Their errors are part of the answer. */
  executeGroup(
    members: ReadonlyArray<Wire.WireMember>,
  ): readonly [state: number, ReadonlyArray<Wire.WireMemberAnswer>] | typeof Wire.REFUSED {
    if (this.#connection.inTransaction) return Wire.REFUSED
    const all = members.map((member) => (Wire.isUnit(member) ? member[1] : [stepOf(member)]))
    // A number may stand for another statement in the next message.
    const slots = all.map((steps) => this.#slotsOf(steps))
    const outcomes = this.#connection.executeGroup(
      members.map((member, index) => ({
        begin: Wire.isUnit(member) ? member[0] : undefined,
        steps: this.#steps(all[index] as ReadonlyArray<Wire.WireStep>, slots[index] as ReadonlyArray<Slot>),
      })),
    )
    const answers = outcomes.map((outcome, index) => {
      if (!outcome.ok) return wireFailure(outcome.error)
      const steps = all[index] as ReadonlyArray<Wire.WireStep>
      const own = this.#unitAnswers(steps, slots[index] as ReadonlyArray<Slot>, outcome.value)
      return Wire.isUnit(members[index] as Wire.WireMember) ? own : (own[0] as Wire.WireAnswer)
    })
    return [this.#state(), answers]
  }

  openCursor(
    code: number,
    parameters: Values,
    prelude = noPrelude,
    sql?: string,
  ): readonly [id: number, state: number, columns: ReadonlyArray<string>] {
    const run = optionsOf(code)
    const statement = this.#ready(this.#slot(code, sql), code, run)
    const { id, columns } = this.#connection.openCursor(statement, parameters, prelude, run)
    return [id, this.#state(), columns]
  }

  /** Rows of a cursor, as an answer without columns. */
  fetch(id: number, size: number): Wire.WireAnswer {
    return this.#cells(this.#connection.fetch(id, size), this.#state())
  }

  closeCursor(id: number): number {
    this.#connection.closeCursor(id)
    return this.#state()
  }

  /** The next part of an answer that was too large for one piece. */
  more(rest: number): Array<unknown> {
    return this.#parts.next(rest)
  }

  /** Runs an exported function in this worker, with a synchronous connection in the same transaction. */
  async runBeside(request: BesideRequest): Promise<readonly [state: number, answer: unknown]> {
    // The language of the ORM is loaded by workers that need it.
    const [{ runBeside }, { sqliteIdentity }, { InlineDriverConnection }, { Writer }] = await Promise.all([
      import("@offloop/orm-async/sync"),
      import("./sqlite-identity.ts"),
      import("./inline-driver-connection.ts"),
      import("./writer.ts"),
    ])
    // It writes as it likes: the loop has taken the lock for it. Kept for its prepared statements.
    this.#beside ??= new InlineDriverConnection(this.#connection, new Writer(undefined, 0), (done) => done())
    try {
      const answer = await runBeside(this.#beside, sqliteIdentity, request)
      return [this.#state(), answer]
    } catch (error) {
      throw this.#connection.withState(error)
    }
  }

  commit(): number {
    this.#connection.commit()
    return this.#state()
  }

  rollback(): number {
    this.#connection.rollback()
    return this.#state()
  }

  reset(): number {
    this.#parts.clear()
    this.#connection.reset()
    return this.#state()
  }

  resetAhead(): number {
    this.#parts.clear()
    this.#connection.resetAhead()
    return this.#state()
  }

  ping(): number {
    this.#connection.ping()
    return this.#state()
  }

  close(): void {
    this.#connection.close()
  }

  #slot(code: number, sql: string | undefined): Slot {
    if (sql !== undefined) return { sql, statement: undefined, told: 0 }
    const slot = this.#slots[Math.floor(code / Wire.STATEMENT)]
    if (slot === undefined) throw new Error(`no statement has the number ${Math.floor(code / Wire.STATEMENT)}`)
    return slot
  }

  #ready(slot: Slot, code: number, run: RunOptions): PreparedStatement {
    if ((code & Wire.SCHEMA_CHANGED) !== 0) {
      // The loop need not be told of what it tells.
      this.#schema.epoch++
      this.#toldEpoch++
    }
    return slot.statement ?? this.#statement(slot, run.isOpaque)
  }

  #statement(slot: Slot, isOpaque: boolean): PreparedStatement {
    slot.statement ??= this.#connection.prepare(slot.sql, isOpaque)
    return slot.statement
  }

  #slotsOf(steps: ReadonlyArray<Wire.WireStep>): ReadonlyArray<Slot> {
    return steps.map(([code, sql]) => this.#slot(code, sql))
  }

  #steps(steps: ReadonlyArray<Wire.WireStep>, slots: ReadonlyArray<Slot>): ReadonlyArray<() => Step> {
    return steps.map((step, index) => () => this.#step(step, slots[index] as Slot))
  }

  #unitAnswers(
    steps: ReadonlyArray<Wire.WireStep>,
    slots: ReadonlyArray<Slot>,
    results: ReadonlyArray<DriverResult>,
  ): ReadonlyArray<Wire.WireAnswer> {
    return results.map((result, index) =>
      this.#answer(slots[index] as Slot, (steps[index] as Wire.WireStep)[0], result),
    )
  }

  #step([code, , isBatch, values, expectedRowCount]: Wire.WireStep, slot: Slot): Step {
    const run = optionsOf(code)
    const statement = this.#ready(slot, code, run)
    const { bigints, isOpaque } = run
    return isBatch
      ? { statement, bigints, isOpaque, expectedRowCount, parameterSets: values as ReadonlyArray<Values> }
      : { statement, bigints, isOpaque, expectedRowCount, parameters: values }
  }

  #state(): number {
    const { epoch } = this.#schema
    const touched = epoch === this.#toldEpoch ? 0 : Wire.SCHEMA_TOUCHED
    this.#toldEpoch = epoch
    return (
      (this.#connection.inTransaction ? Wire.IN_TRANSACTION : 0) |
      (this.#connection.sessionChanged ? Wire.SESSION_CHANGED : 0) |
      touched
    )
  }

  #answer(slot: Slot, code: number, { columns, cells, rowCount }: DriverResult): Wire.WireAnswer {
    const statement = slot.statement as PreparedStatement
    const state = this.#state()
    if (!statement.returnsRows) return state + rowCount * Wire.REST
    // Another one ran in its stead, because a cursor steps it.
    if (columns !== statement.columns) return { columns, state, ...this.#parts.first(cells as Array<unknown>) }
    const version = statement.columnsVersion
    const full = state + version * Wire.REST
    if (slot.told === version && (code & Wire.TELL_COLUMNS) === 0) return this.#cells(cells as Array<unknown>, full)
    slot.told = version
    return { columns, state: full, ...this.#parts.first(cells as Array<unknown>) }
  }

  #cells(cells: Array<unknown>, state: number): Wire.WireAnswer {
    const first = this.#parts.first(cells)
    if (first.rest !== 0) return { columns: undefined, state, ...first }
    // Nobody else has them: the row that the library made, or what was made of its rows.
    cells.push(state)
    return cells
  }
}
