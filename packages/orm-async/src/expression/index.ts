export { add, concat, div, mod, mul, type Numeric, sub } from "./arithmetic.ts"
export { type AnyColumn, Column } from "./column.ts"
export type { ClientValue, ColumnSpec, ReferenceOptions, ReferentialAction } from "./column-spec.ts"
export { Expression, Label } from "./expression.ts"
export { type ColumnsOf, FromClause } from "./from-clause.ts"
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
export {
  type AnySelectable,
  type ColumnsOfRow,
  type NameOfSelectable,
  type RowOfSelectable,
  type Selectable,
  type SelectableTarget,
  selectable,
} from "./selectable.ts"
export { sql } from "./sql-template.ts"
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
