import type { Dialect } from "../dialect/dialect.ts"
import { shown } from "../errors/shown.ts"
import { StatementError } from "../errors/statement-error.ts"
import { ArgumentError } from "../errors/usage-errors.ts"
import type { AnyColumn } from "../expression/column.ts"
import { Compilable } from "../expression/compilable.ts"
import { Expression } from "../expression/expression.ts"
import { assignedNode, bindNode } from "../expression/literal.ts"
import type { AnyTable } from "../schema/table.ts"
import type { GivenRow, Insert } from "../statement/insert.ts"
import { unknownColumn } from "../statement/unknown-column.ts"
import type { CompiledStep } from "./compiled.ts"
import { prepareInsertRow } from "./dml-compiler.ts"
import { lookUp, type PreparedTemplate } from "./prepared.ts"
import type { StatementCache } from "./statement-cache.ts"
import { type BoundSql, type ExecuteParameters, slotValue, type Template } from "./template.ts"

type AnyInsert = Insert<unknown, string, unknown>

/** The parts of the compilation that the rows of an INSERT need. */
export interface InsertContext {
  readonly dialect: Dialect
  readonly cache: StatementCache | undefined
  /** Values of the execution that are no rows: for ON CONFLICT and RETURNING. */
  readonly parameters: ExecuteParameters | undefined
  /** Binds a statement's own values, and those of the execution. */
  readonly bind: (prepared: PreparedTemplate) => CompiledStep
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
    // A column may be named like a member of every object.
    let value = Object.hasOwn(row, column.key) ? row[column.key] : undefined
    if (value !== undefined) given++
    else {
      value = defaultOf(column)
      if (value === undefined && isRequired(table, column)) {
        // A misspelt key is the likely reason.
        requireKnown(table, row, index)
        throw missing(table, column, index)
      }
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

/** The template of rows that give the same columns, all as plain values: kept on the statement. */
class RowTemplate {
  /** Positions of the columns that the rows give. */
  readonly present: ReadonlyArray<number>
  /** Its values are one for each column, and those that every row shares: of ON CONFLICT and RETURNING. */
  readonly prepared: PreparedTemplate

  constructor(present: ReadonlyArray<number>, prepared: PreparedTemplate) {
    this.present = present
    this.prepared = prepared
  }

  fits(values: ReadonlyArray<unknown>): boolean {
    const { present } = this
    let next = 0
    for (let i = 0; i < values.length; i++) {
      const expected = present[next] === i
      if (expected !== (values[i] !== undefined)) return false
      if (expected) next++
    }
    return true
  }
}

/** Consecutive rows of one template. */
interface Run {
  readonly row: RowTemplate
  readonly sets: Array<ReadonlyArray<unknown>>
}

const positionsOf = (values: ReadonlyArray<unknown>): ReadonlyArray<number> =>
  values.flatMap((value, i) => (value === undefined ? [] : [i]))

const rowTemplate = (
  statement: AnyInsert,
  values: ReadonlyArray<unknown>,
  { dialect, cache }: InsertContext,
): RowTemplate => {
  const kept = Compilable.compilationOf(statement)
  if (cache !== undefined && kept instanceof RowTemplate && kept.fits(values) && kept.prepared.isIn(cache, dialect)) {
    return kept
  }
  const { state } = statement
  const present = positionsOf(values)
  const columns = present.map((i) => state.table.columns[i]!)
  const places = columns.map((column) => bindNode(null, column.type, column.node))
  const row = new RowTemplate(present, lookUp(prepareInsertRow(state, columns, places, dialect), dialect, cache))
  if (cache !== undefined) Compilable.keepCompilation(statement, row)
  return row
}

/** A row's parameters: its own values come first among the statement's, in the order of the columns. */
const bindRow = (
  { present, prepared: { template, binds } }: RowTemplate,
  values: ReadonlyArray<unknown>,
  index: number,
  parameters: ExecuteParameters | undefined,
): BoundSql =>
  template.bindWith(
    (slot) => (slot.index < present.length ? values[present[slot.index]!] : slotValue(slot, binds, parameters)),
    index,
  )

const stepOf = (sql: string, sets: ReadonlyArray<ReadonlyArray<unknown>>): CompiledStep =>
  sets.length === 1 ? { sql, parameters: sets[0]! } : { sql, parameterSets: sets }

/** Collects steps while rows come. */
class StepCollector {
  readonly #statement: AnyInsert
  readonly #context: InsertContext
  readonly #steps: Array<CompiledStep> = []
  #run: Run | undefined
  #template: Template | undefined

  constructor(statement: AnyInsert, context: InsertContext) {
    this.#statement = statement
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
        message: `insert(${this.#statement.state.table.fullName}) has no rows; test for an empty list first`,
      })
    }
    return { steps: [first, ...others], template: this.#template }
  }

  #addComputed(values: ReadonlyArray<unknown>): void {
    this.#endRun()
    const { state } = this.#statement
    const { table } = state
    const present = positionsOf(values)
    const columns = present.map((i) => table.columns[i]!)
    const nodes = present.map((i) => assignedNode(values[i], table.columns[i]!.type, table.columns[i]!.node))
    const { dialect, cache, bind } = this.#context
    const prepared = lookUp(prepareInsertRow(state, columns, nodes, dialect), dialect, cache)
    this.#template = prepared.template
    this.#steps.push(bind(prepared))
  }

  #addPlain(values: ReadonlyArray<unknown>, index: number): void {
    if (this.#run === undefined || !this.#run.row.fits(values)) {
      this.#endRun()
      this.#run = { row: rowTemplate(this.#statement, values, this.#context), sets: [] }
      this.#template = this.#run.row.prepared.template
    }
    const { row, sets } = this.#run
    const { sql, parameters } = bindRow(row, values, index, this.#context.parameters)
    if (row.prepared.template.sql === undefined) this.#steps.push({ sql, parameters })
    else sets.push(parameters)
  }

  #endRun(): void {
    const run = this.#run
    this.#run = undefined
    const sql = run?.row.prepared.template.sql
    if (run !== undefined && sql !== undefined && run.sets.length > 0) this.#steps.push(stepOf(sql, run.sets))
  }
}

/**
 * The steps of an INSERT of given rows, in their order: one for each run of rows that give the same columns as plain
 * values, and one for each row in which the database computes something.
 */
export const insertSteps = (
  statement: AnyInsert,
  rows: ReadonlyArray<GivenRow>,
  context: InsertContext,
): InsertSteps => {
  const { table } = statement.state
  const collector = new StepCollector(statement, context)
  for (let i = 0; i < rows.length; i++) collector.add(effectiveValues(table, table.columns, rows[i]!, i), i)
  return collector.finish()
}
