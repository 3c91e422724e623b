import { nearest } from "../errors/nearest.ts"
import { StatementError } from "../errors/statement-error.ts"
import type { AnyTable } from "../schema/table.ts"

/** Makes the error for a key that no column has; it names the column that was probably meant. */
export const unknownColumn = (table: AnyTable, key: string, what: string, row?: number): StatementError => {
  const keys = table.columns.map((column) => column.key)
  const byName = table.columns.find((column) => column.name === key)
  const meant = byName?.key ?? nearest(key, keys)
  const hint = meant === undefined ? `Its columns are ${keys.join(", ")}` : `Did you mean "${meant}"?`
  const where = row === undefined ? "" : ` (row ${row})`
  return new StatementError({
    message: `${what}${where}: table ${table.fullName} has no column "${key}". ${hint}`,
    column: `${table.fullName}.${key}`,
    row,
  })
}
