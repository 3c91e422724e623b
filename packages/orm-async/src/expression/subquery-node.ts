import type { ExistsNode, SubqueryNode } from "./node.ts"
import { none } from "./node.ts"
import type { QueryExpression } from "./query-expression.ts"

/** A query in parentheses. Its tables stay its own: they do not join those of the query around it. */
export const subqueryNode = (query: QueryExpression): SubqueryNode => ({
  kind: "subquery",
  query,
  shape: `(${query.shape})`,
  binds: query.binds,
  sources: none,
})

export const existsNode = (query: QueryExpression): ExistsNode => ({
  kind: "exists",
  query,
  shape: `exists(${query.shape})`,
  binds: query.binds,
  sources: none,
})
