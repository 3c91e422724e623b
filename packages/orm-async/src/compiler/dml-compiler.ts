import type { Dialect } from "../dialect/dialect.ts"
import { CompileError, InvalidRequestError } from "../errors/usage-errors.ts"
import type { AnyColumn } from "../expression/column.ts"
import type { FromClause } from "../expression/from-clause.ts"
import { assignedNode } from "../expression/literal.ts"
import {
  type BindNode,
  bindsOf,
  type ExpressionNode,
  type NodeBase,
  nameShape,
  shapesOf,
  sourcesOf,
} from "../expression/node.ts"
import type { AnyTable } from "../schema/table.ts"
import type { Delete } from "../statement/delete-from.ts"
import type { Assignment, Conflict, Insert, InsertState } from "../statement/insert.ts"
import type { Selection } from "../statement/selection.ts"
import type { Update } from "../statement/update.ts"
import { qualifier, writeExpression } from "./expression-compiler.ts"
import { writeSource } from "./from-compiler.ts"
import type { Prepared } from "./prepared.ts"
import type { RowReader } from "./row-reader.ts"
import { rootScope, type Scope } from "./scope.ts"
import { writeConditions, writeQuery, writeSelection } from "./select-compiler.ts"
import { selectionReader } from "./selection-reader.ts"
import { StatementWriter } from "./statement-writer.ts"
import { Template } from "./template.ts"

const selectionNodes = (selection: Selection | undefined): ReadonlyArray<NodeBase> =>
  selection === undefined ? [] : selection.items.flatMap((item) => (item.kind === "expression" ? [item.node] : []))

const returningShape = (selection: Selection | undefined): string =>
  selection === undefined ? "" : `|returning ${selection.shape}`

const returningReader = (dialect: Dialect, returning: Selection | undefined): RowReader | undefined => {
  if (returning === undefined) return undefined
  if (!dialect.supportsReturning) {
    throw new CompileError({ message: `${dialect.name} has no RETURNING; select the rows after the change` })
  }
  return selectionReader(dialect, returning, new Set())
}

const writeReturning = (writer: StatementWriter, returning: Selection | undefined, scope: Scope): void => {
  if (returning === undefined) return
  writer.write(" RETURNING ")
  writeSelection(writer, returning, writer.dialect.qualifiesReturning ? scope : { ...scope, columns: "bare" })
}

const writeAssignments = (writer: StatementWriter, set: ReadonlyArray<Assignment>, scope: Scope): void => {
  set.forEach(({ column, value }, i) => {
    writer.write(`${i === 0 ? "" : ", "}${writer.dialect.quoteIdentifier(column.name)} = `)
    writeExpression(writer, value, scope)
  })
}

const assignmentsShape = (set: ReadonlyArray<Assignment>): string =>
  set.map(({ column, value }) => `${nameShape(column.key)}=${value.shape}`).join()

const scopeOver = (sources: ReadonlyArray<FromClause>): Scope => ({ ...rootScope, enclosing: sources })

/** Composite sources have SQL and values of their own. */
const compositeShape = (sources: ReadonlyArray<FromClause>): string =>
  sources
    .map(
      (source) =>
        `|${source.fromKind === "subquery" || source.fromKind === "cte" ? source.shape : source.columnPrefix}`,
    )
    .join("")

const compositeBinds = (sources: ReadonlyArray<FromClause>): ReadonlyArray<BindNode> =>
  sources.flatMap((source) => source.binds)

/** Columns that set themselves in every UPDATE. */
const withOnUpdate = (table: AnyTable, set: ReadonlyArray<Assignment>): ReadonlyArray<Assignment> => {
  const added: Array<Assignment> = []
  for (const column of table.columns) {
    const onUpdate = column.spec?.onUpdate
    if (onUpdate === undefined || set.some((assignment) => assignment.column === column)) continue
    const value: ExpressionNode =
      onUpdate.kind === "expression"
        ? onUpdate.node
        : assignedNode(onUpdate.kind === "call" ? onUpdate.call() : onUpdate.value, column.type, column.node)
    added.push({ column, value })
  }
  return added.length === 0 ? set : [...set, ...added]
}

/** Prepares an UPDATE. */
export const prepareUpdate = ({ state }: Update<unknown, unknown>, dialect: Dialect): Prepared => {
  const { table, where, returning } = state
  if (state.set.length === 0) {
    throw new InvalidRequestError({ message: `update(${table.name}) sets nothing; give values with set({ … })` })
  }
  const set = withOnUpdate(table, state.set)
  const nodes = [...set.map(({ value }) => value), ...where]
  const others = sourcesOf(nodes).filter((source) => source !== table)
  const binds = bindsOf([...nodes, ...selectionNodes(returning)]).concat(compositeBinds(others))
  const shape = `update ${table.shape}|${assignmentsShape(set)}|${shapesOf(where)}${compositeShape(others)}${returningShape(returning)}`
  const compile = (): Template => {
    const writer = new StatementWriter(dialect, binds, writeQuery)
    const scope = scopeOver([table, ...others])
    const reader = returningReader(dialect, returning)
    writer.statement(() => {
      writer.write(`UPDATE ${qualifier(writer, table)} SET `)
      writeAssignments(writer, set, scope)
      others.forEach((source, i) => {
        writer.write(i === 0 ? " FROM " : ", ")
        writeSource(writer, source, [])
      })
      writeConditions(writer, "WHERE", where, scope)
      writeReturning(writer, returning, scope)
    })
    return new Template(writer, true, reader)
  }
  const varies = set.some(({ column }, i) => i >= state.set.length && column.spec?.onUpdate?.kind === "call")
  return { shape, binds, compile, varies }
}

/** Prepares a DELETE. */
export const prepareDelete = ({ state }: Delete<unknown, unknown>, dialect: Dialect): Prepared => {
  const { table, where, returning } = state
  const others = sourcesOf(where).filter((source) => source !== table)
  const binds = bindsOf([...where, ...selectionNodes(returning)]).concat(compositeBinds(others))
  const shape = `delete ${table.shape}|${shapesOf(where)}${compositeShape(others)}${returningShape(returning)}`
  const compile = (): Template => {
    const writer = new StatementWriter(dialect, binds, writeQuery)
    const scope = scopeOver([table, ...others])
    const reader = returningReader(dialect, returning)
    writer.statement(() => {
      writer.write(`DELETE FROM ${qualifier(writer, table)}`)
      if (others.length > 0) {
        const tables = writer.capture(() => {
          others.forEach((source, i) => {
            if (i > 0) writer.write(", ")
            writeSource(writer, source, [])
          })
        })
        writer.arrange([tables], (mark) => dialect.deleteUsing(mark!))
      }
      writeConditions(writer, "WHERE", where, scope)
      writeReturning(writer, returning, scope)
    })
    return new Template(writer, true, reader)
  }
  return { shape, binds, compile }
}

const conflictNodes = (conflict: Conflict | undefined): ReadonlyArray<NodeBase> => {
  if (conflict === undefined) return []
  const { targetWhere, set = [], where } = conflict
  return [targetWhere, ...set.map(({ value }) => value), where].filter((node) => node !== undefined)
}

const conflictShape = (conflict: Conflict | undefined): string => {
  if (conflict === undefined) return ""
  const { target, targetWhere, set, where } = conflict
  const on =
    target === undefined
      ? ""
      : "constraint" in target
        ? nameShape(target.constraint)
        : shapesOf(target.columns.map((column) => column.node))
  return `|conflict ${on}|${targetWhere?.shape ?? ""}|${set === undefined ? "nothing" : assignmentsShape(set)}|${where?.shape ?? ""}`
}

const writeConflict = (writer: StatementWriter, conflict: Conflict | undefined, scope: Scope): void => {
  if (conflict === undefined) return
  writer.write(" ON CONFLICT")
  const { target, targetWhere, set, where } = conflict
  if (target !== undefined && "constraint" in target) writer.write(writer.dialect.conflictConstraint(target.constraint))
  else if (target !== undefined) {
    writer.write(` (${target.columns.map((column) => writer.dialect.quoteIdentifier(column.name)).join(", ")})`)
    if (targetWhere !== undefined) {
      writer.write(" WHERE ")
      writeExpression(writer, targetWhere, { ...scope, columns: "bare" })
    }
  }
  if (set === undefined) {
    writer.write(" DO NOTHING")
    return
  }
  writer.write(" DO UPDATE SET ")
  writeAssignments(writer, set, scope)
  if (where === undefined) return
  writer.write(" WHERE ")
  writeExpression(writer, where, scope)
}

/** Prepares an INSERT of one row, given as one node for each column. */
export const prepareInsertRow = (
  state: InsertState,
  columns: ReadonlyArray<AnyColumn>,
  values: ReadonlyArray<ExpressionNode>,
  dialect: Dialect,
): Prepared => {
  const { table, conflict, returning } = state
  const binds = bindsOf([...values, ...conflictNodes(conflict), ...selectionNodes(returning)])
  const names = columns.map((column) => nameShape(column.key)).join()
  const shape = `insert ${table.shape}|${names}|${shapesOf(values)}${conflictShape(conflict)}${returningShape(returning)}`
  const compile = (): Template => {
    const writer = new StatementWriter(dialect, binds, writeQuery)
    const scope = scopeOver([table])
    const reader = returningReader(dialect, returning)
    writer.statement(() => {
      writer.write(`INSERT INTO ${qualifier(writer, table)} `)
      if (columns.length === 0) writer.write("DEFAULT VALUES")
      else {
        writer.write(`(${columns.map((column) => dialect.quoteIdentifier(column.name)).join(", ")}) VALUES (`)
        values.forEach((value, i) => {
          if (i > 0) writer.write(", ")
          writeExpression(writer, value, rootScope)
        })
        writer.write(")")
      }
      writeConflict(writer, conflict, scope)
      writeReturning(writer, returning, scope)
    })
    return new Template(writer, true, reader)
  }
  return { shape, binds, compile }
}

/** Prepares an INSERT of the rows of a query. */
export const prepareInsertFromSelect = ({ state }: Insert<unknown, string, unknown>, dialect: Dialect): Prepared => {
  const { table, conflict, returning, select } = state
  if (select === undefined) throw new TypeError("an INSERT of rows is prepared row by row")
  const { columns, query } = select
  const inside: NodeBase = { shape: query.shape, binds: query.binds, sources: [] }
  const binds = bindsOf([inside, ...conflictNodes(conflict), ...selectionNodes(returning)])
  const names = columns.map((column) => nameShape(column.key)).join()
  const shape = `insert ${table.shape}|${names}|${query.shape}${conflictShape(conflict)}${returningShape(returning)}`
  const compile = (): Template => {
    const writer = new StatementWriter(dialect, binds, writeQuery)
    const scope = scopeOver([table])
    const reader = returningReader(dialect, returning)
    writer.statement(() => {
      writer.write(
        `INSERT INTO ${qualifier(writer, table)} (${columns.map((column) => dialect.quoteIdentifier(column.name)).join(", ")}) `,
      )
      const { queryBeforeConflict } = dialect
      if (conflict === undefined || queryBeforeConflict === undefined) writer.query(query, [])
      else {
        const inner = writer.capture(() => writer.query(query, []))
        writer.arrange([inner], (mark) => queryBeforeConflict(mark!))
      }
      writeConflict(writer, conflict, scope)
      writeReturning(writer, returning, scope)
    })
    return new Template(writer, true, reader)
  }
  return { shape, binds, compile }
}
