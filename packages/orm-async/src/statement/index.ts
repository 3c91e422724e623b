export { Alias, alias } from "./alias.ts"
export { add, concat, div, mod, mul, type Numeric, sub } from "./arithmetic.ts"
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
export { Expression, Label } from "./expression.ts"
export { type FunctionNamespace, func, type SqlFunction } from "./func.ts"
export {
  type AggregateOptions,
  avg,
  coalesce,
  count,
  length,
  lower,
  max,
  min,
  now,
  sum,
  upper,
} from "./functions.ts"
export {
  type ConflictTarget,
  type DoNothingOptions,
  type DoUpdateOptions,
  Insert,
  type InsertValues,
  insert,
  type SetValues,
} from "./insert.ts"
export { type AffixOptions, contains, endsWith, ilike, type LikeOptions, like, startsWith } from "./matching.ts"
export {
  type AnyExpression,
  and,
  between,
  type Condition,
  eq,
  ge,
  gt,
  type InList,
  inArray,
  isNotNull,
  isNull,
  le,
  lt,
  ne,
  not,
  notIn,
  type Operand,
  type OrderedOperand,
  or,
} from "./operators.ts"
export { asc, desc, nullsFirst, nullsLast, type Ordering } from "./ordering.ts"
export { CompoundSelect, exists, Query, type RowCount } from "./query.ts"
export { type ForUpdateOptions, Select, select } from "./select.ts"
export type { NamedExpression, RowOfSelection, SelectedItem, SelectItem, Selection, SelectionOf } from "./selection.ts"
export { sql } from "./sql-template.ts"
export { Cte, type CteOptions, type RecursivePart, Subquery } from "./subquery.ts"
export { type ResultTypes, TextClause, textClause } from "./text-clause.ts"
export { Update, update } from "./update.ts"
export {
  type BindparamOptions,
  bindparam,
  caseWhen,
  cast,
  literal,
  type TypeOf,
  typeCoerce,
  type When,
} from "./values.ts"
export { denseRank, type FrameBound, over, rank, rowNumber, type WindowOptions } from "./window.ts"
