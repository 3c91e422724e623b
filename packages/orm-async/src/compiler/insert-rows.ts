import type { Dialect } from "../dialect/dialect.ts"
import { shown } from "../errors/shown.ts"
import { StatementError } from "../errors/statement-error.ts"
import { ArgumentError } from "../errors/usage-errors.ts"
import type { AnyColumn } from "../expression/column.ts"
import { Expression } from "../expression/expression.ts"
import { assignedNode, bindNode } from "../expression/literal.ts"
import type { AnyTable } from "../schema/table.ts"
import type { GivenRow, InsertState } from "../statement/insert.ts"
import { unknownColumn } from "../statement/unknown-column.ts"
import type { CompiledStep } from "./compiled.ts"
import { type Prepared, prepareInsertRow } from "./dml-compiler.ts"
import type { BoundSql, Template, ValueOf } from "./template.ts"

/** The parts of the compilation that the rows of an INSERT need. */
export interface InsertContext {
  readonly dialect: Dialect
  /** Finds or compiles the template of a prepared statement. */
  readonly lookup: (prepared: Prepared) => Template
  /** Binds a statement's own values, and those of the execution. */
  readonly bindStep: (prepared: Prepared, template: Template) => CompiledStep
  /** Gives the values of a statement's slots. */
  readonly valueOf: (prepared: Prepared) => ValueOf
}

/** An INSERT's steps, and any template of them: their rows are all alike. */
export interface InsertSteps {
  readonly steps: readonly [CompiledStep, ...ReadonlyArray<CompiledStep>]
  readonly template: Template
}

const isRequired = (table: AnyTable, column: AnyColumn): boolean =>
  column.spec?.nullable === false && column.spec.serverDefault === undefined && column !== table.autoincrementColumn

const missing = (table: AnyTable, column: AnyColumn, row: number): StatementError =>
  new StatementError({
    message: `Row ${row} of insert(${table.fullName}) has no value for "${column.key}", which is NOT NULL and has no default`,
    column: `${table.fullName}.${column.key}`,
    row,
  })

const defaultOf = (column: AnyColumn): unknown => {
  const filled = column.spec?.default
  if (filled === undefined) return undefined
  if (filled.kind === "expression") return new Expression(filled.node, column.type)
  return filled.kind === "call" ? filled.call() : filled.value
}

/**
 * A row's values in the order of the columns, defaults filled in; undefined where the database decides.
 */
const effectiveValues = (
  table: AnyTable,
  columns: ReadonlyArray<AnyColumn>,
  row: GivenRow,
  index: number,
): Array<unknown> => {
  if (typeof row !== "object" || row === null) {
    throw new ArgumentError({
      message: `Row ${index} of insert(${table.fullName}) must be an object; got ${shown(row)}`,
    })
  }
  const values = new Array<unknown>(columns.length)
  let given = 0
  for (let i = 0; i < columns.length; i++) {
    const column = columns[i]!
    let value = row[column.key]
    if (value !== undefined) given++
    else {
      value = defaultOf(column)
      if (value === undefined && isRequired(table, column)) throw missing(table, column, index)
    }
    values[i] = value
  }
  if (Object.keys(row).length > given) requireKnown(table, row, index)
  return values
}

const requireKnown = (table: AnyTable, row: GivenRow, index: number): void => {
  for (const key of Object.keys(row)) {
    if (!Object.hasOwn(table.c, key)) throw unknownColumn(table, key, `insert(${table.fullName}).values()`, index)
  }
}

/** Consecutive rows that give the same columns, all as plain values. */
interface Run {
  readonly present: ReadonlyArray<number>
  readonly template: Template
  /** Values that every row shares: those of ON CONFLICT and RETURNING. */
  readonly shared: ValueOf
  readonly sets: Array<ReadonlyArray<unknown>>
}

const isLike = (run: Run, values: ReadonlyArray<unknown>): boolean => {
  let next = 0
  for (let i = 0; i < values.length; i++) {
    const expected = run.present[next] === i
    if (expected !== (values[i] !== undefined)) return false
    if (expected) next++
  }
  return true
}

const positionsOf = (values: ReadonlyArray<unknown>): ReadonlyArray<number> =>
  values.flatMap((value, i) => (value === undefined ? [] : [i]))

const startRun = (state: InsertState, values: ReadonlyArray<unknown>, context: InsertContext): Run => {
  const present = positionsOf(values)
  const columns = present.map((i) => state.table.columns[i]!)
  const places = columns.map((column) => bindNode(null, column.type, column.node))
  const prepared = prepareInsertRow(state, columns, places, context.dialect)
  return { present, template: context.lookup(prepared), shared: context.valueOf(prepared), sets: [] }
}

/** A row's parameters: its own values come first among the statement's, in the order of the columns. */
const bindRow = (run: Run, values: ReadonlyArray<unknown>, index: number): BoundSql =>
  run.template.bind(
    (slot) => (slot.index < run.present.length ? values[run.present[slot.index]!] : run.shared(slot)),
    index,
  )

const stepOf = (sql: string, sets: ReadonlyArray<ReadonlyArray<unknown>>): CompiledStep =>
  sets.length === 1 ? { sql, parameters: sets[0]! } : { sql, parameterSets: sets }

/** Collects steps while rows come. */
class StepCollector {
  readonly #state: InsertState
  readonly #context: InsertContext
  readonly #steps: Array<CompiledStep> = []
  #run: Run | undefined
  #template: Template | undefined

  constructor(state: InsertState, context: InsertContext) {
    this.#state = state
    this.#context = context
  }

  add(values: ReadonlyArray<unknown>, index: number): void {
    if (values.some((value) => value instanceof Expression)) this.#addComputed(values)
    else this.#addPlain(values, index)
  }

  finish(): InsertSteps {
    this.#endRun()
    const [first, ...others] = this.#steps
    if (first === undefined || this.#template === undefined) {
      throw new ArgumentError({
        message: `insert(${this.#state.table.fullName}) has no rows; test for an empty list first`,
      })
    }
    return { steps: [first, ...others], template: this.#template }
  }

  #addComputed(values: ReadonlyArray<unknown>): void {
    this.#endRun()
    const { table } = this.#state
    const present = positionsOf(values)
    const columns = present.map((i) => table.columns[i]!)
    const nodes = present.map((i) => assignedNode(values[i], table.columns[i]!.type, table.columns[i]!.node))
    const prepared = prepareInsertRow(this.#state, columns, nodes, this.#context.dialect)
    this.#template = this.#context.lookup(prepared)
    this.#steps.push(this.#context.bindStep(prepared, this.#template))
  }

  #addPlain(values: ReadonlyArray<unknown>, index: number): void {
    if (this.#run === undefined || !isLike(this.#run, values)) {
      this.#endRun()
      this.#run = startRun(this.#state, values, this.#context)
      this.#template = this.#run.template
    }
    const { sql, parameters } = bindRow(this.#run, values, index)
    if (this.#run.template.sql === undefined) this.#steps.push({ sql, parameters })
    else this.#run.sets.push(parameters)
  }

  #endRun(): void {
    const run = this.#run
    this.#run = undefined
    if (run?.template.sql !== undefined && run.sets.length > 0) this.#steps.push(stepOf(run.template.sql, run.sets))
  }
}

/**
 * The steps of an INSERT of given rows, in their order: one for each run of rows that give the same columns as plain
 * values, and one for each row in which the database computes something.
 */
export const insertSteps = (state: InsertState, rows: ReadonlyArray<GivenRow>, context: InsertContext): InsertSteps => {
  const { table } = state
  const collector = new StepCollector(state, context)
  for (let i = 0; i < rows.length; i++) collector.add(effectiveValues(table, table.columns, rows[i]!, i), i)
  return collector.finish()
}
