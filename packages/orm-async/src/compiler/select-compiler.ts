import type { Dialect } from "../dialect/dialect.ts"
import type { FromClause } from "../expression/from-clause.ts"
import type { ExpressionNode } from "../expression/node.ts"
import type { QueryExpression } from "../expression/query-expression.ts"
import type { StatementLevel } from "../statement/executable.ts"
import { CompoundSelect, type Query, type QueryRange } from "../statement/query.ts"
import { Select } from "../statement/select.ts"
import type { Selection } from "../statement/selection.ts"
import { qualifier, writeConnected, writeExpression, writeList, writeOrdered } from "./expression-compiler.ts"
import { allSources, writeFrom } from "./from-compiler.ts"
import type { Prepared } from "./prepared.ts"
import type { Scope } from "./scope.ts"
import { selectionReader } from "./selection-reader.ts"
import { StatementWriter } from "./statement-writer.ts"
import { Template } from "./template.ts"

const labelsOf = (selection: Selection): ReadonlySet<string> =>
  new Set(selection.items.flatMap((item) => (item.kind === "expression" ? [item.key] : [])))

/** Writes the select list. Column names are the keys, so that subqueries and ORDER BY find them. */
export const writeSelection = (writer: StatementWriter, selection: Selection, scope: Scope): void => {
  const quote = writer.dialect.quoteIdentifier
  let comma = ""
  for (const item of selection.items) {
    if (item.kind === "expression") {
      writer.write(comma)
      const node = item.node.kind === "label" ? item.node.operand : item.node
      writeExpression(writer, node, scope)
      const named = node.kind === "column" && node.column.name === item.key
      if (!named) writer.write(` AS ${quote(item.key)}`)
      comma = ", "
      continue
    }
    for (const column of item.from.columns) {
      writer.write(comma)
      writeExpression(writer, column.node, scope)
      if (selection.form === "source" && column.name !== column.key) writer.write(` AS ${quote(column.key)}`)
      comma = ", "
    }
  }
}

const writeRange = (writer: StatementWriter, range: QueryRange, scope: Scope): void => {
  if (range.orderBy.length > 0) {
    writer.write(" ORDER BY ")
    range.orderBy.forEach((node, i) => {
      if (i > 0) writer.write(", ")
      writeOrdered(writer, node, scope)
    })
  }
  const { limit, offset } = range
  if (limit === undefined && offset === undefined) return
  const parts = [limit, offset].flatMap((node) =>
    node === undefined ? [] : [writer.capture(() => writeExpression(writer, node, scope))],
  )
  writer.arrange(parts, (first, second) =>
    limit === undefined
      ? writer.dialect.limit(undefined, first)
      : writer.dialect.limit(first, offset === undefined ? undefined : second),
  )
}

/** Sources that an outer join may leave without a row. */
const outerSources = (query: QueryExpression): ReadonlySet<FromClause> => {
  if (query instanceof CompoundSelect) return new Set([...outerSources(query.left), ...outerSources(query.right)])
  if (!(query instanceof Select)) return new Set()
  return new Set(query.state.joins.filter((join) => join.outer).map((join) => join.target))
}

/** Prepares a query. */
export const prepareQuery = (query: Query<unknown, StatementLevel>, dialect: Dialect): Prepared => {
  const { shape, binds } = query
  const compile = (): Template => {
    const writer = new StatementWriter(dialect, binds, writeQuery)
    const reader = selectionReader(dialect, query.selection, outerSources(query))
    writer.statement(() => writeQuery(writer, query, []))
    return new Template(writer, query instanceof Select && query.state.forUpdate !== undefined, reader)
  }
  return { shape, binds, compile }
}

/** Writes a clause of conditions that all must hold; nothing where there are none. */
export const writeConditions = (
  writer: StatementWriter,
  keyword: "WHERE" | "HAVING",
  conditions: ReadonlyArray<ExpressionNode>,
  scope: Scope,
): void => {
  if (conditions.length === 0) return
  writer.write(` ${keyword} `)
  writeConnected(writer, "AND", conditions, scope)
}

/** The position of a name in the select list, from 1; 0 if it is not there. */
const positionOf = ({ items }: Selection, name: string): number => {
  let position = 0
  for (const item of items) {
    position += item.kind === "expression" ? 1 : item.from.columns.length
    if (item.kind === "expression" && item.key === name) return position
  }
  return 0
}

/**
 * GROUP BY takes a label with values in it by its position, because the database would see two different expressions. Not by
 * its name, which may be a column's as well.
 */
const groupingNode = (node: ExpressionNode, selection: Selection): ExpressionNode => {
  const position = node.kind === "label" && node.binds.length > 0 ? positionOf(selection, node.name) : 0
  return position === 0
    ? node
    : { kind: "raw", texts: [String(position)], parts: [], shape: "", binds: [], sources: [] }
}

const writeSelect = (
  writer: StatementWriter,
  query: Select<unknown, string, StatementLevel>,
  enclosing: ReadonlyArray<FromClause>,
): void => {
  const { state } = query
  const scope: Scope = {
    enclosing: [...enclosing, ...allSources(state, enclosing)],
    columns: "qualified",
    labels: labelsOf(state.selection),
  }
  writer.write("SELECT ")
  if (state.distinct === true) writer.write("DISTINCT ")
  else if (state.distinct !== false) {
    const { distinct } = state
    const on = writer.capture(() => writeList(writer, distinct, scope))
    writer.arrange([on], (mark) => `${writer.dialect.distinctOn(mark!)} `)
  }
  writeSelection(writer, state.selection, scope)
  writeFrom(writer, state, enclosing, scope)
  writeConditions(writer, "WHERE", state.where, scope)
  if (state.groupBy.length > 0) {
    writer.write(" GROUP BY ")
    writeList(
      writer,
      state.groupBy.map((node) => groupingNode(node, state.selection)),
      scope,
    )
  }
  writeConditions(writer, "HAVING", state.having, scope)
  writeRange(writer, state.range, scope)
  if (state.forUpdate !== undefined) {
    const of = state.forUpdate.of.map((source) => qualifier(writer, source))
    writer.write(writer.dialect.forUpdate({ ...state.forUpdate, of }))
  }
}

const isPlain = (query: QueryExpression): boolean =>
  query instanceof Select &&
  query.state.forUpdate === undefined &&
  query.range.orderBy.length === 0 &&
  query.range.limit === undefined &&
  query.range.offset === undefined

const writeCompoundOperand = (
  writer: StatementWriter,
  query: QueryExpression,
  enclosing: ReadonlyArray<FromClause>,
): void => {
  if (isPlain(query)) {
    writeQuery(writer, query, enclosing)
    return
  }
  const inner = writer.capture(() => writeQuery(writer, query, enclosing))
  writer.arrange([inner], (mark) => writer.dialect.groupedQuery(mark!))
}

const writeCompound = (
  writer: StatementWriter,
  query: CompoundSelect<unknown, StatementLevel>,
  enclosing: ReadonlyArray<FromClause>,
): void => {
  writeCompoundOperand(writer, query.left, enclosing)
  writer.write(` ${query.operator} `)
  writeCompoundOperand(writer, query.right, enclosing)
  writeRange(writer, query.range, { enclosing, columns: "output", labels: labelsOf(query.selection) })
}

/** Writes a SELECT or a UNION of several. */
export const writeQuery = (
  writer: StatementWriter,
  query: QueryExpression,
  enclosing: ReadonlyArray<FromClause>,
): void => {
  if (query instanceof CompoundSelect) writeCompound(writer, query, enclosing)
  else if (query instanceof Select) writeSelect(writer, query, enclosing)
  else throw new TypeError("a query is neither a SELECT nor a compound of several")
}
