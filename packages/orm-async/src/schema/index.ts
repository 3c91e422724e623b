export { ColumnBuilder } from "./column-builder.ts"
export {
  bigint,
  blob,
  boolean,
  customType,
  date,
  doublePrecision,
  enumOf,
  integer,
  json,
  numeric,
  real,
  smallint,
  text,
  time,
  timestamp,
  uuid,
  varchar,
} from "./columns.ts"
export {
  type ConstraintOf,
  check,
  foreignKey,
  type IndexOptions,
  index,
  type PrimaryKeyConstraint,
  primaryKey,
  type TableConstraint,
  unique,
} from "./constraint.ts"
export { type MetaData, metadata } from "./metadata.ts"
export { defaultNamingConvention, type NamingConvention } from "./naming-convention.ts"
export type { InsertOf, InsertRow, RowOf, UpdateOf } from "./row-types.ts"
export { sortTables } from "./sort-tables.ts"
export {
  type AnyTable,
  type CheckConstraint,
  type ColumnBuilders,
  type ForeignKey,
  type Index,
  type KeyConstraint,
  type KeysOfBuilders,
  type OptionalOfBuilders,
  type RowOfBuilders,
  Table,
  type TableOptions,
  table,
} from "./table.ts"
