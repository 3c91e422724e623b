export { type AnyColumn, Column } from "./column.ts"
export { ColumnBuilder } from "./column-builder.ts"
export type { ClientValue, ColumnSpec, ReferenceOptions, ReferentialAction } from "./column-spec.ts"
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
export { check, foreignKey, type IndexOptions, index, primaryKey, type TableConstraint, unique } from "./constraint.ts"
export type { CustomTypeDefinition } from "./custom-type.ts"
export { type ColumnsOf, FromClause } from "./from-clause.ts"
export { type MetaData, metadata } from "./metadata.ts"
export { defaultNamingConvention, type NamingConvention } from "./naming-convention.ts"
export type { InsertOf, InsertRow, RowOf, UpdateOf } from "./row-types.ts"
export {
  type AnySelectable,
  type NameOfSelectable,
  type RowOfSelectable,
  type Selectable,
  type SelectableTarget,
  selectable,
} from "./selectable.ts"
export { sortTables } from "./sort-tables.ts"
export { SqlType, type SqlTypeArguments, type SqlTypeKind } from "./sql-type.ts"
export {
  type AnyTable,
  type CheckConstraint,
  type ColumnBuilders,
  type ForeignKey,
  type Index,
  type KeyConstraint,
  type OptionalOfBuilders,
  type RowOfBuilders,
  Table,
  type TableOptions,
  table,
} from "./table.ts"
