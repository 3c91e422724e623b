import { ArgumentError } from "../errors/usage-errors.ts"
import { sortTables } from "./sort-tables.ts"
import type { AnyTable } from "./table.ts"

/**
 * Some tables that belong together.
 *
 * @see SQLAlchemy `sqlalchemy.schema.MetaData`
 */
export interface MetaData {
  /** Each table after those that it refers to. */
  readonly sortedTables: ReadonlyArray<AnyTable>
}

/**
 * Collects tables, with a check that no two have one name.
 *
 * @see SQLAlchemy `sqlalchemy.schema.MetaData`
 */
export const metadata = (...tables: ReadonlyArray<AnyTable>): MetaData => {
  const names = new Set<string>()
  for (const { fullName } of tables) {
    if (names.has(fullName)) throw new ArgumentError({ message: `Two tables are named ${fullName}` })
    names.add(fullName)
  }
  return { sortedTables: sortTables(tables) }
}
