import { ArgumentError } from "../errors/usage-errors.ts"
import { Expression } from "./expression.ts"
import { FromClause } from "./from-clause.ts"
import { bindNode, nullNode, typeOfValue } from "./literal.ts"
import { bindsOf, type ExpressionNode, type FromNode, none, shapesOf, sourcesOf } from "./node.ts"
import { QueryExpression } from "./query-expression.ts"
import { subqueryNode } from "./subquery-node.ts"

const partNode = (part: unknown): ExpressionNode | FromNode => {
  if (part instanceof Expression) return part.node
  if (part instanceof QueryExpression) return subqueryNode(part)
  if (part instanceof FromClause) {
    if (part.fromKind === "table" || part.fromKind === "alias") {
      return { kind: "from", from: part, shape: part.columnPrefix, binds: none, sources: none }
    }
    throw new ArgumentError({
      message: `sql\`\` takes a table or alias by name, not the ${part.fromKind} ${part.name}`,
    })
  }
  if (part === null) return nullNode
  return bindNode(part, typeOfValue(part))
}

/**
 * An expression in SQL of your own. What stands in `${…}` is never pasted in: expressions and tables become SQL, all
 * other values parameters.
 *
 * @example
 * ```ts
 * import { integer, select, sql, table } from "@offloop/orm-async"
 *
 * const boxes = table("boxes", { width: integer(), height: integer() })
 * select(sql<number>`${boxes.c.width} * ${boxes.c.height} + ${10}`.as("area"))
 * ```
 * @see SQLAlchemy `sqlalchemy.text`, `sqlalchemy.literal_column`
 */
export const sql = <A = unknown>(texts: TemplateStringsArray, ...parts: ReadonlyArray<unknown>): Expression<A> => {
  const nodes = parts.map(partNode)
  return new Expression({
    kind: "raw",
    texts,
    parts: nodes,
    shape: `sql(${JSON.stringify(texts)},${shapesOf(nodes)})`,
    binds: bindsOf(nodes),
    sources: sourcesOf(nodes),
  })
}
