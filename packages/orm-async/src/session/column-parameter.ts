import { Expression } from "../expression/expression.ts"
import { namedNode } from "../expression/literal.ts"
import type { AnyTable } from "../schema/index.ts"
import type { NamedExpression } from "../statement/selection.ts"
import { comparisonType } from "../types/sql-type.ts"

/** The name of the parameter that carries a column's new value. */
export const valueParameter = (key: string): string => `value_${key}`

/** The name of the parameter that carries a key's stored value. */
export const keyParameter = (key: string): string => `key_${key}`

/** A table's column by its key. */
export const columnOf = (table: AnyTable, key: string): NamedExpression =>
  (table.c as unknown as Readonly<Record<string, NamedExpression>>)[key] as NamedExpression

/** A parameter that a column is set to: its value must fit the column. */
export const valueFor = (table: AnyTable, key: string, name: string): Expression<never> => {
  const { type } = columnOf(table, key)
  return new Expression(namedNode(name, type, { column: `${table.name}.${key}` }), type)
}

/** A parameter that a column is compared with. */
export const parameterFor = (table: AnyTable, key: string, name: string): Expression<never> => {
  const type = comparisonType(columnOf(table, key).type)
  return new Expression(namedNode(name, type, { column: `${table.name}.${key}` }), type)
}
