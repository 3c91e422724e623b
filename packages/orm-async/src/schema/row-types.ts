import type { AnyTable, optionalKeys, Table } from "./table.ts"

/** The row type of a table: `RowOf<typeof users>`. */
export type RowOf<T extends AnyTable> = T extends Table<infer Row, string, string> ? Row : never

/** Required keys as they are, optional keys optional. */
export type InsertRow<Row, Optional extends string> = {
  [K in Exclude<keyof Row, Optional>]: Row[K]
} & { [K in keyof Row & Optional]?: Row[K] | undefined }

/** The values of an INSERT into a table: optional where the column is nullable, has a default or counts up by itself. */
export type InsertOf<T extends AnyTable> = InsertRow<RowOf<T>, T[typeof optionalKeys]>

/** The values of an UPDATE of a table. */
export type UpdateOf<T extends AnyTable> = { [K in keyof RowOf<T>]?: RowOf<T>[K] | undefined }
