import type { SqlType } from "../types/sql-type.ts"
import { doubleType, textType } from "../types/sql-type.ts"
import { Expression } from "./expression.ts"
import { literalNode, operandNode } from "./literal.ts"
import type { ExpressionNode } from "./node.ts"
import { type AnyExpression, binaryNode } from "./operators.ts"

/** Values to calculate with: numbers, 64-bit integers, and decimals, which are strings. */
export type Numeric = number | bigint | string

const integers = new Set<string>(["integer", "smallint"])

/** A fraction beside an integer column states its type, or PostgreSQL would read it as an integer. */
const operand = (value: unknown, { type, node }: AnyExpression<unknown>): ExpressionNode =>
  typeof value === "number" && !Number.isInteger(value) && integers.has(type.kind)
    ? literalNode(value, doubleType)
    : operandNode(value, type, node)

const resultType = (left: AnyExpression<unknown>, right: unknown): SqlType<unknown> => {
  const other = right instanceof Expression ? right.type : undefined
  if (integers.has(left.type.kind)) {
    if (typeof right === "number" && !Number.isInteger(right)) return doubleType
    if (other !== undefined && other.kind !== "unknown" && !integers.has(other.kind)) return other
  }
  return left.type
}

const calculate = <A, T extends string, B, U extends string>(
  operator: string,
  left: Expression<A, T>,
  right: B | Expression<B, U>,
): Expression<A | Extract<B, null>, T | U> =>
  new Expression(binaryNode(operator, left.node, operand(right, left)), resultType(left, right))

/** `left + right`. */
export const add = <
  A extends Numeric | null,
  T extends string,
  B extends NonNullable<A> | null,
  U extends string = never,
>(
  left: Expression<A, T>,
  right: B | Expression<B, U>,
): Expression<A | Extract<B, null>, T | U> => calculate("+", left, right)

/** `left - right`. */
export const sub = <
  A extends Numeric | null,
  T extends string,
  B extends NonNullable<A> | null,
  U extends string = never,
>(
  left: Expression<A, T>,
  right: B | Expression<B, U>,
): Expression<A | Extract<B, null>, T | U> => calculate("-", left, right)

/** `left * right`. */
export const mul = <
  A extends Numeric | null,
  T extends string,
  B extends NonNullable<A> | null,
  U extends string = never,
>(
  left: Expression<A, T>,
  right: B | Expression<B, U>,
): Expression<A | Extract<B, null>, T | U> => calculate("*", left, right)

/** `left / right`. Integers divide without a rest, as in SQL; cast one to get a fraction. */
export const div = <
  A extends Numeric | null,
  T extends string,
  B extends NonNullable<A> | null,
  U extends string = never,
>(
  left: Expression<A, T>,
  right: B | Expression<B, U>,
): Expression<A | Extract<B, null>, T | U> => calculate("/", left, right)

/** `left % right`: the rest of a division. */
export const mod = <
  A extends Numeric | null,
  T extends string,
  B extends NonNullable<A> | null,
  U extends string = never,
>(
  left: Expression<A, T>,
  right: B | Expression<B, U>,
): Expression<A | Extract<B, null>, T | U> => calculate("%", left, right)

/** `left || right`: one text after the other. */
export const concat = <A extends string | null, T extends string, B extends string | null, U extends string = never>(
  left: Expression<A, T>,
  right: B | Expression<B, U>,
): Expression<string | Extract<A, null> | Extract<B, null>, T | U> =>
  new Expression(
    binaryNode("||", left.node, right instanceof Expression ? right.node : literalNode(right, textType)),
    textType,
  )
