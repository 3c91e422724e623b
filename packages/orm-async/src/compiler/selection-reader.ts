import type { Dialect } from "../dialect/dialect.ts"
import type { AnyColumn } from "../expression/column.ts"
import type { FromClause } from "../expression/from-clause.ts"
import type { SelectedItem, Selection } from "../statement/selection.ts"
import type { SqlType } from "../types/sql-type.ts"
import type { CellPlan, RowPart, RowPlan } from "./row-factory.ts"
import { PlannedReader, type RowReader } from "./row-reader.ts"

const cellOf = (dialect: Dialect, key: string, type: SqlType<unknown>, column: AnyColumn | undefined): CellPlan => {
  const { decode, unchanged } = dialect.type(type)
  return { key, decode, unchanged, column: column?.title }
}

const columnCell = (dialect: Dialect, column: AnyColumn): CellPlan => cellOf(dialect, column.key, column.type, column)

/** Columns that are NULL only where the row is missing: the primary key, else any NOT NULL column, else all. */
const presenceOf = (from: FromClause): ReadonlyArray<number> => {
  const { columns } = from
  const positions = columns.map((_, i) => i)
  const keys = positions.filter((i) => columns[i]!.spec?.primaryKey === true)
  if (keys.length > 0) return keys.slice(0, 1)
  const required = positions.filter((i) => columns[i]!.spec?.nullable === false)
  return required.length > 0 ? required.slice(0, 1) : positions
}

const objectPart = (
  dialect: Dialect,
  item: Extract<SelectedItem, { kind: "source" }>,
  outer: ReadonlySet<FromClause>,
): Extract<RowPart, { kind: "object" }> => ({
  kind: "object",
  key: item.key,
  cells: item.from.columns.map((column) => columnCell(dialect, column)),
  presence: outer.has(item.from) ? presenceOf(item.from) : undefined,
})

const expressionCell = (dialect: Dialect, item: Extract<SelectedItem, { kind: "expression" }>): CellPlan =>
  cellOf(dialect, item.key, item.type, item.node.kind === "column" ? item.node.column : undefined)

const rowPlan = (dialect: Dialect, selection: Selection, outer: ReadonlySet<FromClause>): RowPlan => {
  const [first] = selection.items
  if (selection.form === "source" && first?.kind === "source") {
    const part = objectPart(dialect, first, outer)
    return part.presence === undefined ? { form: "flat", cells: part.cells } : { form: "whole", part }
  }
  if (selection.items.every((item) => item.kind === "expression")) {
    return { form: "flat", cells: selection.items.map((item) => expressionCell(dialect, item)) }
  }
  return {
    form: "parts",
    parts: selection.items.map((item) =>
      item.kind === "source" ? objectPart(dialect, item, outer) : { kind: "cell", cell: expressionCell(dialect, item) },
    ),
  }
}

const keysOf = (selection: Selection): ReadonlyArray<string> => {
  const [first] = selection.items
  if (selection.form === "source" && first?.kind === "source") return first.from.columns.map((column) => column.key)
  return selection.items.map((item) => item.key)
}

const needsBigints = (dialect: Dialect, selection: Selection): boolean =>
  selection.items.some((item) =>
    item.kind === "expression"
      ? dialect.type(item.type).bigints
      : item.from.columns.some((column) => dialect.type(column.type).bigints),
  )

/** Reads the rows of a selection; `outer` are the sources that an outer join may leave without a row. */
export const selectionReader = (dialect: Dialect, selection: Selection, outer: ReadonlySet<FromClause>): RowReader =>
  new PlannedReader(rowPlan(dialect, selection, outer), keysOf(selection), needsBigints(dialect, selection))
