export { Alias, alias } from "./alias.ts"
export {
  type CreateOptions,
  createAll,
  createIndex,
  createTable,
  Ddl,
  type DdlOperation,
  type DropOptions,
  dropAll,
  dropIndex,
  dropTable,
} from "./ddl.ts"
export { Delete, deleteFrom } from "./delete-from.ts"
export type { Executable, RowOfStatement, StatementKind, StatementLevel } from "./executable.ts"
export {
  type ConflictTarget,
  type DoNothingOptions,
  type DoUpdateOptions,
  Insert,
  type InsertValues,
  insert,
  type SetValues,
} from "./insert.ts"
export { CompoundSelect, exists, Query, type RowCount } from "./query.ts"
export { type ForUpdateOptions, Select, select } from "./select.ts"
export type { NamedExpression, RowOfSelection, SelectedItem, SelectItem, Selection, SelectionOf } from "./selection.ts"
export { Cte, type CteOptions, type RecursivePart, Subquery } from "./subquery.ts"
export { type ResultTypes, TextClause, textClause } from "./text-clause.ts"
export { Update, update } from "./update.ts"
