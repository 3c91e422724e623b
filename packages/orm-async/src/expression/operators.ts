import { shown } from "../errors/shown.ts"
import { ArgumentError } from "../errors/usage-errors.ts"
import { booleanType } from "../types/sql-type.ts"
import { addConditions, conditionNode } from "./condition.ts"
import { Expression } from "./expression.ts"
import { expandingNode, falseNode, namedNode, operandNode, trueNode } from "./literal.ts"
import {
  type BinaryNode,
  bindsOf,
  bindsOfBoth,
  type ExpressionNode,
  shapesOf,
  sourcesOf,
  sourcesOfBoth,
  type UnaryNode,
} from "./node.ts"
import { QueryExpression } from "./query-expression.ts"
import { ShapeTable } from "./shape-table.ts"
import { subqueryNode } from "./subquery-node.ts"

/** An expression over any tables. */
export type AnyExpression<A> = Expression<A, string>

/** A condition: SQL's third truth value, unknown, is `null`. */
export type Condition = Expression<boolean | null, string>

/** An operand that a value of type `A` can be compared with. */
export type Operand<A> = A | null | AnyExpression<A | null>

const shapesByOperator = new Map<string, ShapeTable>()

const binaryShapes = (operator: string): ShapeTable => {
  let shapes = shapesByOperator.get(operator)
  if (shapes === undefined) {
    shapes = new ShapeTable((left, right) => `(${operator} ${left} ${right})`)
    shapesByOperator.set(operator, shapes)
  }
  return shapes
}

export const binaryNode = (operator: string, left: ExpressionNode, right: ExpressionNode): BinaryNode => ({
  kind: "binary",
  operator,
  left,
  right,
  shape: binaryShapes(operator).of(left.shape, right.shape),
  binds: bindsOfBoth(left, right),
  sources: sourcesOfBoth(left, right),
})

const unaryNode = (operator: string, position: "prefix" | "postfix", operand: ExpressionNode): UnaryNode => ({
  kind: "unary",
  operator,
  position,
  operand,
  shape: `(${operator} ${operand.shape})`,
  binds: operand.binds,
  sources: operand.sources,
})

const compare = (operator: string, left: AnyExpression<unknown>, right: unknown): Expression<boolean | null> => {
  if (!(left instanceof Expression)) {
    const remedy =
      left === undefined ? "Check the name: the table may have no such column" : "Swap the sides, or use literal()"
    throw new ArgumentError({
      message: `The left side of ${operator} must be a column or another expression; got ${shown(left)}. ${remedy}`,
    })
  }
  if (right === undefined) {
    throw new ArgumentError({
      message: `The right side of ${operator} is undefined. Use null to compare with NULL, or leave the condition out`,
    })
  }
  return new Expression(binaryNode(operator, left.node, operandNode(right, left.type, left.node)), booleanType)
}

/**
 * `left = right`; `left IS NULL` where `right` is null.
 *
 * @see SQLAlchemy `ColumnOperators.__eq__`
 */
export const eq = <A>(left: AnyExpression<A>, right: Operand<NonNullable<NoInfer<A>>>): Expression<boolean | null> =>
  right === null ? isNull(left) : compare("=", left, right)

/**
 * `left <> right`; `left IS NOT NULL` where `right` is null.
 *
 * @see SQLAlchemy `ColumnOperators.__ne__`
 */
export const ne = <A>(left: AnyExpression<A>, right: Operand<NonNullable<NoInfer<A>>>): Expression<boolean | null> =>
  right === null ? isNotNull(left) : compare("<>", left, right)

/** An operand that a value of type `A` can be ordered against: NULL has no order. */
export type OrderedOperand<A> = A | AnyExpression<A | null>

/** `left < right`. */
export const lt = <A>(
  left: AnyExpression<A>,
  right: OrderedOperand<NonNullable<NoInfer<A>>>,
): Expression<boolean | null> => compare("<", left, right)

/** `left <= right`. */
export const le = <A>(
  left: AnyExpression<A>,
  right: OrderedOperand<NonNullable<NoInfer<A>>>,
): Expression<boolean | null> => compare("<=", left, right)

/** `left > right`. */
export const gt = <A>(
  left: AnyExpression<A>,
  right: OrderedOperand<NonNullable<NoInfer<A>>>,
): Expression<boolean | null> => compare(">", left, right)

/** `left >= right`. */
export const ge = <A>(
  left: AnyExpression<A>,
  right: OrderedOperand<NonNullable<NoInfer<A>>>,
): Expression<boolean | null> => compare(">=", left, right)

/** `operand IS NULL`. */
export const isNull = (operand: AnyExpression<unknown>): Expression<boolean> =>
  new Expression(unaryNode("IS NULL", "postfix", operand.node), booleanType)

/** `operand IS NOT NULL`. */
export const isNotNull = (operand: AnyExpression<unknown>): Expression<boolean> =>
  new Expression(unaryNode("IS NOT NULL", "postfix", operand.node), booleanType)

const logical = (operator: "AND" | "OR", operands: ReadonlyArray<Condition>): Expression<boolean | null> => {
  const nodes = addConditions([], operands, operator === "AND" ? "and()" : "or()")
  const [first] = nodes
  if (first === undefined) return new Expression(operator === "AND" ? trueNode : falseNode, booleanType)
  if (nodes.length === 1) return new Expression(first, booleanType)
  return new Expression(
    {
      kind: "logical",
      operator,
      operands: nodes,
      shape: `(${operator} ${shapesOf(nodes)})`,
      binds: bindsOf(nodes),
      sources: sourcesOf(nodes),
    },
    booleanType,
  )
}

/**
 * All of the conditions; true if there are none.
 *
 * @see SQLAlchemy `and_`
 */
export const and = (...conditions: ReadonlyArray<Condition>): Expression<boolean | null> => logical("AND", conditions)

/**
 * Any of the conditions; false if there are none.
 *
 * @see SQLAlchemy `or_`
 */
export const or = (...conditions: ReadonlyArray<Condition>): Expression<boolean | null> => logical("OR", conditions)

/**
 * `NOT condition`.
 *
 * @see SQLAlchemy `not_`
 */
export const not = (condition: Condition): Expression<boolean | null> =>
  new Expression(unaryNode("NOT", "prefix", conditionNode(condition, "not()")), booleanType)

/** A list for IN: plain values, a subquery of one column, or a `bindparam` whose value is a list. */
export type InList<A> = ReadonlyArray<A | AnyExpression<A | null>> | QueryExpression | AnyExpression<ReadonlyArray<A>>

/** A list that comes with the execution is expanding, whether `bindparam` said so or not. */
const listNode = (list: Expression<unknown, string>, left: AnyExpression<unknown>): ExpressionNode => {
  const node = operandNode(list, left.type, left.node)
  return node.kind === "bind" && node.name !== undefined && !node.expanding
    ? namedNode(node.name, node.type, { expanding: true, column: node.column })
    : node
}

const inNode = (negated: boolean, left: AnyExpression<unknown>, list: unknown): Expression<boolean | null> => {
  let right: ExpressionNode
  if (list instanceof QueryExpression) right = subqueryNode(list)
  else if (list instanceof Expression) right = listNode(list, left)
  else {
    const values = list as ReadonlyArray<unknown>
    if (values.length === 0) return new Expression(negated ? trueNode : falseNode, booleanType)
    const bad = values.findIndex((value) => value === null || value === undefined)
    if (bad >= 0) {
      throw new ArgumentError({
        message: `Value ${bad} of an IN list is ${values[bad]}, which equals nothing. Remove it, and add or(isNull(...)) to find NULL`,
      })
    }
    if (values.some((value) => value instanceof Expression)) {
      const nodes = values.map((value) => operandNode(value, left.type, left.node))
      right = {
        kind: "raw",
        texts: ["(", ...nodes.slice(1).map(() => ", "), ")"],
        parts: nodes,
        shape: `list(${shapesOf(nodes)})`,
        binds: bindsOf(nodes),
        sources: sourcesOf(nodes),
      }
    } else right = expandingNode(values, left.type, left.node)
  }
  return new Expression(
    {
      kind: "in",
      negated,
      left: left.node,
      list: right,
      shape: `(${negated ? "notin" : "in"} ${left.node.shape} ${right.shape})`,
      binds: bindsOfBoth(left.node, right),
      sources: sourcesOfBoth(left.node, right),
    },
    booleanType,
  )
}

/**
 * `left IN (…)`: one of some values, or one that a subquery gives. An empty list is false.
 *
 * @see SQLAlchemy `ColumnOperators.in_`
 */
export const inArray = <A>(left: AnyExpression<A>, list: InList<NonNullable<NoInfer<A>>>): Expression<boolean | null> =>
  inNode(false, left, list)

/**
 * `left NOT IN (…)`. An empty list is true. As in SQL, a NULL that a subquery gives makes the condition unknown.
 *
 * @see SQLAlchemy `ColumnOperators.not_in`
 */
export const notIn = <A>(left: AnyExpression<A>, list: InList<NonNullable<NoInfer<A>>>): Expression<boolean | null> =>
  inNode(true, left, list)

/** `operand BETWEEN low AND high`, both included. */
export const between = <A>(
  operand: AnyExpression<A>,
  low: OrderedOperand<NonNullable<NoInfer<A>>>,
  high: OrderedOperand<NonNullable<NoInfer<A>>>,
): Expression<boolean | null> => {
  const nodes = [
    operand.node,
    operandNode(low, operand.type, operand.node),
    operandNode(high, operand.type, operand.node),
  ] as const
  return new Expression(
    {
      kind: "between",
      negated: false,
      operand: nodes[0],
      low: nodes[1],
      high: nodes[2],
      shape: `(between ${shapesOf(nodes)})`,
      binds: bindsOf(nodes),
      sources: sourcesOf(nodes),
    },
    booleanType,
  )
}
