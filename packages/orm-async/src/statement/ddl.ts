import { sortTables } from "../schema/sort-tables.ts"
import type { AnyTable, Index } from "../schema/table.ts"
import type { Executable, levelType, rowType } from "./executable.ts"

/** The operation of a {@link Ddl} statement. */
export type DdlOperation =
  | {
      readonly kind: "createTable"
      readonly table: AnyTable
      readonly ifNotExists: boolean
    }
  | { readonly kind: "dropTable"; readonly table: AnyTable; readonly ifExists: boolean }
  | { readonly kind: "createIndex"; readonly index: Index; readonly ifNotExists: boolean }
  | { readonly kind: "dropIndex"; readonly index: Index; readonly ifExists: boolean }
  | { readonly kind: "createAll"; readonly tables: ReadonlyArray<AnyTable>; readonly ifNotExists: boolean }
  | { readonly kind: "dropAll"; readonly tables: ReadonlyArray<AnyTable>; readonly ifExists: boolean }

/**
 * A statement that makes or drops tables and indexes. Run it on a connection like any other; it compiles to several
 * SQL statements where it must.
 *
 * @see SQLAlchemy `sqlalchemy.schema.ExecutableDDLElement`
 */
export class Ddl implements Executable<never, "core"> {
  declare readonly [rowType]: never
  declare readonly [levelType]: "core"
  readonly statementKind = "ddl"
  readonly operation: DdlOperation

  constructor(operation: DdlOperation) {
    this.operation = operation
  }
}

/** Options of statements that create. */
export interface CreateOptions {
  /** Leaves alone what is there. */
  readonly ifNotExists?: boolean | undefined
}

/** Options of statements that drop. */
export interface DropOptions {
  /** Does nothing where there is nothing. */
  readonly ifExists?: boolean | undefined
}

/**
 * `CREATE TABLE` of one table, with its indexes. Tables that it refers to must be there.
 *
 * @see SQLAlchemy `sqlalchemy.schema.CreateTable`
 */
export const createTable = (table: AnyTable, options: CreateOptions = {}): Ddl =>
  new Ddl({ kind: "createTable", table, ifNotExists: options.ifNotExists ?? false })

/**
 * `DROP TABLE`.
 *
 * @see SQLAlchemy `sqlalchemy.schema.DropTable`
 */
export const dropTable = (table: AnyTable, options: DropOptions = {}): Ddl =>
  new Ddl({ kind: "dropTable", table, ifExists: options.ifExists ?? false })

/**
 * `CREATE INDEX` of one of a table's `indexes`.
 *
 * @see SQLAlchemy `sqlalchemy.schema.CreateIndex`
 */
export const createIndex = (index: Index, options: CreateOptions = {}): Ddl =>
  new Ddl({ kind: "createIndex", index, ifNotExists: options.ifNotExists ?? false })

/**
 * `DROP INDEX`.
 *
 * @see SQLAlchemy `sqlalchemy.schema.DropIndex`
 */
export const dropIndex = (index: Index, options: DropOptions = {}): Ddl =>
  new Ddl({ kind: "dropIndex", index, ifExists: options.ifExists ?? false })

/**
 * Makes tables and their indexes, each after those that it refers to. By default what is there is left alone.
 *
 * @example
 * ```ts
 * import { createAll, integer, table } from "@offloop/orm-async"
 *
 * const users = table("users", { id: integer().primaryKey() })
 * const posts = table("posts", { id: integer().primaryKey(), userId: integer().references(() => users.c.id) })
 * const ddl = createAll([posts, users])
 * // conn.execute(ddl)
 * ```
 * @see SQLAlchemy `MetaData.create_all`
 */
export const createAll = (tables: ReadonlyArray<AnyTable>, options: CreateOptions = {}): Ddl =>
  new Ddl({ kind: "createAll", tables: sortTables(tables), ifNotExists: options.ifNotExists ?? true })

/**
 * Drops tables, each before those that it refers to. By default those that are not there are passed over.
 *
 * @see SQLAlchemy `MetaData.drop_all`
 */
export const dropAll = (tables: ReadonlyArray<AnyTable>, options: DropOptions = {}): Ddl =>
  new Ddl({ kind: "dropAll", tables: sortTables(tables).reverse(), ifExists: options.ifExists ?? true })
