import { shown } from "../errors/shown.ts"
import { ArgumentError } from "../errors/usage-errors.ts"
import { Expression } from "./expression.ts"
import type { ExpressionNode } from "./node.ts"

const notCondition = (value: unknown, method: string): ArgumentError => {
  const remedy =
    typeof value === "boolean"
      ? "JavaScript has compared the operands themselves; write eq(a, b) instead of a === b, and and(a, b) instead of a && b"
      : value === undefined
        ? "leave it out where there is none"
        : "make one with eq(), gt(), and(), exists(), sql`…` and the like"
  return new ArgumentError({ message: `${method} takes a condition; got ${shown(value)}: ${remedy}` })
}

/**
 * The node of a condition.
 *
 * @param method names the caller in the error: `"where()"`
 * @throws {ArgumentError} if it is not an expression, such as the boolean that `a === b` is
 */
export const conditionNode = (condition: unknown, method: string): ExpressionNode => {
  if (condition instanceof Expression) return condition.node
  throw notCondition(condition, method)
}

/** The nodes of conditions, after those that are there already. */
export const addConditions = (
  nodes: ReadonlyArray<ExpressionNode>,
  conditions: ReadonlyArray<unknown>,
  method: string,
): ReadonlyArray<ExpressionNode> => {
  const all = [...nodes]
  for (const condition of conditions) all.push(conditionNode(condition, method))
  return all
}
