import type { AnyTable } from "./table.ts"

/**
 * Tables in the order in which they can be made: each after those of the list that it refers to, and otherwise as
 * given. Where tables refer to each other in a circle, the circle is entered at the first of them.
 *
 * @see SQLAlchemy `sqlalchemy.schema.sort_tables`
 */
export const sortTables = (tables: ReadonlyArray<AnyTable>): Array<AnyTable> => {
  const given = new Set(tables)
  const visited = new Set<AnyTable>()
  const sorted: Array<AnyTable> = []
  const visit = (table: AnyTable): void => {
    if (visited.has(table)) return
    visited.add(table)
    for (const { target } of table.foreignKeys) if (given.has(target)) visit(target)
    sorted.push(table)
  }
  for (const table of tables) visit(table)
  return sorted
}
