import type { Dialect } from "../dialect/dialect.ts"
import { kindOf, ValueProblem } from "../dialect/value-problem.ts"
import { nearest } from "../errors/nearest.ts"
import { StatementError } from "../errors/statement-error.ts"
import type { BindNode } from "../expression/node.ts"
import type { RowReader } from "./row-reader.ts"
import type { Slot, SqlWriter } from "./sql-writer.ts"

/** Values for `bindparam` and `:name` places, or rows for an INSERT that has none. */
export type ExecuteParameters = Readonly<Record<string, unknown>>

/** SQL with bound values. */
export interface BoundSql {
  readonly sql: string
  readonly parameters: ReadonlyArray<unknown>
}

/** Makes the error of a value that cannot be sent. */
const unsendable = (slot: Slot, problem: ValueProblem, row: number | undefined): StatementError => {
  const what = slot.column ?? (slot.name === undefined ? "a parameter" : `parameter "${slot.name}"`)
  const where = row === undefined ? "" : ` (row ${row})`
  return new StatementError({
    message: `The value for ${what}${where} cannot be sent: ${problem.message}`,
    column: slot.column,
    row,
    cause: problem.cause,
  })
}

/** Encodes a value for its slot; `row` is its row's index where there are many. */
const encodeFor = (slot: Slot, value: unknown, row?: number): unknown => {
  if (value === null) return null
  try {
    return slot.encode(value)
  } catch (thrown) {
    throw thrown instanceof ValueProblem ? unsendable(slot, thrown, row) : thrown
  }
}

const namedValue = (name: string, parameters: ExecuteParameters | undefined): unknown => {
  const value = parameters !== undefined && Object.hasOwn(parameters, name) ? parameters[name] : undefined
  if (value !== undefined) return value
  throw new StatementError({
    message: `A value is required for the parameter "${name}": execute(statement, { ${name}: … }). Use null for NULL`,
  })
}

/** The value of a slot: a statement's own, or one that comes with the execution. */
export const slotValue = (
  slot: Slot,
  binds: ReadonlyArray<BindNode>,
  parameters: ExecuteParameters | undefined,
): unknown => (slot.name === undefined ? binds[slot.index]!.value : namedValue(slot.name, parameters))

/** A statement compiled without its values: kept in the cache and bound again and again. */
export class Template {
  /** Undefined for SQL that the program wrote itself. */
  readonly isWrite: boolean | undefined
  readonly returnsRows: boolean
  /** Undefined where the statement cannot return rows. */
  readonly reader: RowReader | undefined
  readonly slots: ReadonlyArray<Slot>
  /** Undefined where the SQL depends on the length of a list. */
  readonly sql: string | undefined
  /** The names of values that come with the execution, each once. */
  readonly names: ReadonlySet<string>
  readonly #pieces: ReadonlyArray<string>
  readonly #dialect: Dialect

  constructor(writer: SqlWriter, isWrite: boolean | undefined, reader: RowReader | undefined) {
    this.#dialect = writer.dialect
    this.#pieces = writer.pieces
    this.slots = writer.slots
    this.isWrite = isWrite
    this.reader = reader
    this.returnsRows = reader !== undefined
    this.names = new Set(this.slots.flatMap(({ name }) => (name === undefined ? [] : [name])))
    this.sql = this.slots.some((slot) => slot.expanding) ? undefined : this.#render(undefined)
    this.#requireFewerThan(this.slots.length)
  }

  /**
   * Binds a statement's values and those that come with the execution; the SQL is the same each time unless there are
   * lists.
   *
   * @param row the row's index where there are many, for errors
   */
  bind(binds: ReadonlyArray<BindNode>, parameters: ExecuteParameters | undefined, row?: number): BoundSql {
    const { slots, sql } = this
    if (sql === undefined) return this.#bindExpanding((slot) => slotValue(slot, binds, parameters), row)
    const values = new Array<unknown>(slots.length)
    for (let i = 0; i < slots.length; i++) {
      const slot = slots[i]!
      values[i] = encodeFor(slot, slotValue(slot, binds, parameters), row)
    }
    return { sql, parameters: values }
  }

  /** Binds values that are no nodes: those of a row to insert. */
  bindWith(valueOf: (slot: Slot) => unknown, row: number): BoundSql {
    const { slots, sql } = this
    if (sql === undefined) return this.#bindExpanding(valueOf, row)
    const values = new Array<unknown>(slots.length)
    for (let i = 0; i < slots.length; i++) {
      const slot = slots[i]!
      values[i] = encodeFor(slot, valueOf(slot), row)
    }
    return { sql, parameters: values }
  }

  /** @throws {StatementError} if a value is given by a name that the statement does not have */
  requireKnownNames(parameters: ExecuteParameters): void {
    const { names } = this
    for (const name of Object.keys(parameters)) {
      if (names.has(name)) continue
      const all = [...names]
      const meant = nearest(name, all)
      const known = all.length === 0 ? "it has none" : `it has ${all.join(", ")}`
      throw new StatementError({
        message: `The statement has no parameter "${name}"; ${meant === undefined ? known : `did you mean "${meant}"?`}`,
      })
    }
  }

  #bindExpanding(valueOf: (slot: Slot) => unknown, row: number | undefined): BoundSql {
    const parameters: Array<unknown> = []
    const lengths: Array<number> = []
    for (const slot of this.slots) {
      const value = valueOf(slot)
      if (!slot.expanding) {
        parameters.push(encodeFor(slot, value, row))
        lengths.push(1)
        continue
      }
      const list = listOf(slot, value)
      for (const element of list) parameters.push(encodeFor(slot, element, row))
      lengths.push(list.length)
    }
    this.#requireFewerThan(parameters.length)
    return { sql: this.#render(lengths), parameters }
  }

  #render(lengths: ReadonlyArray<number> | undefined): string {
    let sql = this.#pieces[0] ?? ""
    let position = 0
    for (let i = 0; i < this.slots.length; i++) {
      const { wrap, empty } = this.slots[i]!
      const length = lengths?.[i] ?? 1
      if (length === 0) sql += empty
      for (let j = 0; j < length; j++) {
        const placeholder = this.#dialect.placeholder(++position)
        sql += `${j === 0 ? "" : ", "}${wrap === undefined ? placeholder : wrap(placeholder)}`
      }
      sql += this.#pieces[i + 1]!
    }
    return sql
  }

  #requireFewerThan(parameters: number): void {
    if (parameters <= this.#dialect.maxParameters) return
    throw new StatementError({
      message: `The statement has ${parameters} parameters; ${this.#dialect.name} takes at most ${this.#dialect.maxParameters}. Split the list, or put the values into a table and use a subquery`,
    })
  }
}

const listOf = (slot: Slot, value: unknown): ReadonlyArray<unknown> => {
  if (Array.isArray(value)) return value as ReadonlyArray<unknown>
  throw new StatementError({
    message: `The value for ${slot.name === undefined ? "a list" : `parameter "${slot.name}"`} must be an array, because it stands in IN (…); got ${kindOf(value)}`,
  })
}
