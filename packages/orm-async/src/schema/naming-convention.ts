/** Names constraints and indexes that are declared without one. Arguments are names in the database. */
export interface NamingConvention {
  readonly primaryKey: (table: string) => string
  readonly unique: (table: string, columns: ReadonlyArray<string>) => string
  readonly index: (table: string, columns: ReadonlyArray<string>) => string
  readonly check: (table: string, name: string) => string
  readonly foreignKey: (table: string, columns: ReadonlyArray<string>, target: string) => string
}

/**
 * Names by which the same schema has the same constraint names on every database, so that a migration can find them.
 *
 * @see SQLAlchemy "Configuring Constraint Naming Conventions"
 */
export const defaultNamingConvention: NamingConvention = {
  primaryKey: (table) => `pk_${table}`,
  unique: (table, columns) => `uq_${table}_${columns.join("_")}`,
  index: (table, columns) => `ix_${table}_${columns.join("_")}`,
  check: (table, name) => `ck_${table}_${name}`,
  foreignKey: (table, columns, target) => `fk_${table}_${columns.join("_")}_${target}`,
}
