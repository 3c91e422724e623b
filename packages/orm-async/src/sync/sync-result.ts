import type { PlainStyle } from "../result/plain-style.ts"
import type {
  Fetch as StyledFetch,
  Result as StyledResult,
  RowResult as StyledRowResult,
  ScalarResult as StyledScalarResult,
} from "../result/result.ts"

/** A result in the sync style: `one` and its like throw where the wrong number of rows was found. */
export type Result<Row, Value = Row[keyof Row]> = StyledResult<Row, PlainStyle, Value>

/** Single values in the sync style. */
export type ScalarResult<Value> = StyledScalarResult<Value, PlainStyle>

/** Rows in the sync style. */
export type RowResult<Row> = StyledRowResult<Row, PlainStyle>

/** Rows or values in the sync style. */
export type Fetch<Item> = StyledFetch<Item, PlainStyle>
