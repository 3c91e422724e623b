import { integerType } from "../types/sql-type.ts"
import { Expression } from "./expression.ts"
import { bindsOf, type FunctionNode, nameShape, none, shapesOf, sourcesOf } from "./node.ts"
import { type Ordering, orderingNode } from "./ordering.ts"

/** The end of a frame: `"unbounded"`, `"current"` row, or so many rows before (negative) or after. */
export type FrameBound = "unbounded" | "current" | number

/** The rows around a row over which a window function runs. */
export interface WindowOptions {
  readonly partitionBy?: ReadonlyArray<Expression<unknown, string>> | undefined
  readonly orderBy?: ReadonlyArray<Ordering> | undefined
  readonly rows?: readonly [start: FrameBound, end: FrameBound] | undefined
  readonly range?: readonly [start: FrameBound, end: FrameBound] | undefined
}

const bound = (value: FrameBound, unbounded: "PRECEDING" | "FOLLOWING"): string => {
  if (value === "unbounded") return `UNBOUNDED ${unbounded}`
  if (value === "current" || value === 0) return "CURRENT ROW"
  return value < 0 ? `${Math.trunc(-value)} PRECEDING` : `${Math.trunc(value)} FOLLOWING`
}

const frameOf = (options: WindowOptions): string | undefined => {
  const frame = options.rows ?? options.range
  if (frame === undefined) return undefined
  return `${options.rows === undefined ? "RANGE" : "ROWS"} BETWEEN ${bound(frame[0], "PRECEDING")} AND ${bound(frame[1], "FOLLOWING")}`
}

/**
 * A function over the rows around each row: `over(rowNumber(), { partitionBy: [t.country], orderBy: [desc(t.size)] })`.
 *
 * @see SQLAlchemy `sqlalchemy.over`
 */
export const over = <A, T extends string>(operand: Expression<A, T>, options: WindowOptions = {}): Expression<A, T> => {
  const partitionBy = (options.partitionBy ?? []).map((expression) => expression.node)
  const orderBy = (options.orderBy ?? []).map(orderingNode)
  const frame = frameOf(options)
  const nodes = [operand.node, ...partitionBy, ...orderBy]
  return new Expression(
    {
      kind: "over",
      operand: operand.node,
      partitionBy,
      orderBy,
      frame,
      shape: `over(${operand.node.shape}|${shapesOf(partitionBy)}|${shapesOf(orderBy)}|${frame ?? ""})`,
      binds: bindsOf(nodes),
      sources: sourcesOf(nodes),
    },
    operand.type,
  )
}

const ranking = (name: string): Expression<number> => {
  const node: FunctionNode = {
    kind: "function",
    name,
    args: [],
    distinct: false,
    filter: undefined,
    shape: `${nameShape(name)}()`,
    binds: none,
    sources: none,
  }
  return new Expression(node, integerType)
}

/** The row's number in its window, from 1. Goes into {@link over}. */
export const rowNumber = (): Expression<number> => ranking("row_number")

/** The row's rank in its window: equals share one, and leave a gap after them. Goes into {@link over}. */
export const rank = (): Expression<number> => ranking("rank")

/** The row's rank in its window, without gaps. Goes into {@link over}. */
export const denseRank = (): Expression<number> => ranking("dense_rank")
