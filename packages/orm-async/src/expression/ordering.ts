import { Expression } from "./expression.ts"
import { type ExpressionNode, nameShape, none, type OrderNode } from "./node.ts"

const orderNode = (
  operand: ExpressionNode,
  direction: OrderNode["direction"],
  nulls: OrderNode["nulls"],
): Expression<unknown, string> =>
  new Expression({
    kind: "order",
    operand,
    direction,
    nulls,
    shape: `(order ${direction ?? ""} ${nulls ?? ""} ${operand.shape})`,
    binds: operand.binds,
    sources: operand.sources,
  })

/** An expression to order by, or the key of a result column. */
export type Ordering = Expression<unknown, string> | string

/** The node of an {@link Ordering}. */
export const orderingNode = (ordering: Ordering): ExpressionNode =>
  ordering instanceof Expression
    ? ordering.node
    : { kind: "name", name: ordering, shape: `name(${nameShape(ordering)})`, binds: none, sources: none }

const changed = (ordering: Ordering, change: Pick<OrderNode, "direction"> | Pick<OrderNode, "nulls">) => {
  const node = orderingNode(ordering)
  const base = node.kind === "order" ? node : { operand: node, direction: undefined, nulls: undefined }
  const { operand, direction, nulls } = { ...base, ...change }
  return orderNode(operand, direction, nulls)
}

/** Smallest first. */
export const asc = (ordering: Ordering): Expression<unknown, string> => changed(ordering, { direction: "ASC" })

/** Largest first. */
export const desc = (ordering: Ordering): Expression<unknown, string> => changed(ordering, { direction: "DESC" })

/** NULLs before values; without it the database decides: PostgreSQL has them last, SQLite first. */
export const nullsFirst = (ordering: Ordering): Expression<unknown, string> => changed(ordering, { nulls: "FIRST" })

/** NULLs after values. */
export const nullsLast = (ordering: Ordering): Expression<unknown, string> => changed(ordering, { nulls: "LAST" })
