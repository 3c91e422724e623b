import { calculatedDecimal, doubleType, integerType, type SqlType, textType, timestampType } from "../types/sql-type.ts"
import { conditionNode } from "./condition.ts"
import { Expression } from "./expression.ts"
import { operandNode } from "./literal.ts"
import { bindsOf, type ExpressionNode, type FunctionNode, nameShape, none, shapesOf, sourcesOf } from "./node.ts"
import type { AnyExpression, Condition } from "./operators.ts"

/** Options of aggregate functions. */
export interface AggregateOptions {
  /** Equal values count once. */
  readonly distinct?: boolean | undefined
  /** Only rows for which it holds: `FILTER (WHERE …)`. */
  readonly filter?: Condition | undefined
}

/** A call of a database function. */
export const functionNode = (
  name: string,
  args: ReadonlyArray<ExpressionNode>,
  options: AggregateOptions = {},
): FunctionNode => {
  const distinct = options.distinct ?? false
  const filter = options.filter === undefined ? undefined : conditionNode(options.filter, "The option filter")
  const nodes = filter === undefined ? args : [...args, filter]
  return {
    kind: "function",
    name,
    args,
    distinct,
    filter,
    shape: `${nameShape(name)}(${distinct ? "distinct " : ""}${shapesOf(args)}${filter === undefined ? "" : ` filter ${filter.shape}`})`,
    binds: bindsOf(nodes),
    sources: sourcesOf(nodes),
  }
}

const star: ExpressionNode = { kind: "star", shape: "*", binds: none, sources: none }

/**
 * The number of rows, or of rows in which the expression is not NULL.
 *
 * @see SQLAlchemy `func.count`
 */
export const count = (expression?: AnyExpression<unknown>, options?: AggregateOptions): Expression<number> =>
  new Expression(functionNode("count", [expression?.node ?? star], options), integerType)

/** The sum; NULL where there is no value. */
export const sum = <A extends number | bigint | string | null>(
  expression: AnyExpression<A>,
  options?: AggregateOptions,
): Expression<A | null> => new Expression(functionNode("sum", [expression.node], options), widened(expression.type))

const widened = (type: SqlType<unknown>): SqlType<unknown> => {
  if (type.kind === "smallint") return integerType
  if (type.kind === "numeric") return calculatedDecimal(type.args.scale)
  return type.kind === "real" ? doubleType : type
}

/** The average; NULL where there is no value. Of decimals it is a decimal, of all else a number. */
export function avg(
  expression: AnyExpression<number | bigint | null>,
  options?: AggregateOptions,
): Expression<number | null>
export function avg(expression: AnyExpression<string | null>, options?: AggregateOptions): Expression<string | null>
export function avg(
  expression: AnyExpression<unknown>,
  options?: AggregateOptions,
): Expression<number | string | null> {
  const type = expression.type.kind === "numeric" ? calculatedDecimal(undefined) : doubleType
  return new Expression(functionNode("avg", [expression.node], options), type)
}

/** The least value; NULL where there is no value. */
export const min = <A>(expression: AnyExpression<A>, options?: AggregateOptions): Expression<A | null> =>
  new Expression(functionNode("min", [expression.node], options), expression.type)

/** The greatest value; NULL where there is no value. */
export const max = <A>(expression: AnyExpression<A>, options?: AggregateOptions): Expression<A | null> =>
  new Expression(functionNode("max", [expression.node], options), expression.type)

/** In lower case. SQLite changes ASCII letters only. */
export const lower = <A extends string | null, T extends string>(
  expression: Expression<A, T>,
): Expression<string | Extract<A, null>, T> => new Expression(functionNode("lower", [expression.node]), textType)

/** In upper case. SQLite changes ASCII letters only. */
export const upper = <A extends string | null, T extends string>(
  expression: Expression<A, T>,
): Expression<string | Extract<A, null>, T> => new Expression(functionNode("upper", [expression.node]), textType)

/** The number of characters. */
export const length = <A extends string | null, T extends string>(
  expression: Expression<A, T>,
): Expression<number | Extract<A, null>, T> => new Expression(functionNode("length", [expression.node]), integerType)

/** The database's moment: of the transaction's start on PostgreSQL, of the statement on SQLite. */
export const now = (): Expression<Date> =>
  new Expression({ kind: "now", shape: "now", binds: none, sources: none }, timestampType)

type NullIn<B> = B extends Expression<infer A, string> ? Extract<A, null> : never

type TablesIn<B> = B extends Expression<unknown, infer T> ? T : never

/** The first of some values that is not NULL. */
export const coalesce = <A, const B extends NonNullable<A> | AnyExpression<NonNullable<A> | null>>(
  first: AnyExpression<A>,
  ...others: ReadonlyArray<B>
): Expression<NonNullable<A> | NullIn<B>, TablesIn<B>> =>
  new Expression(
    functionNode("coalesce", [first.node, ...others.map((other) => operandNode(other, first.type, first.node))]),
    first.type,
  )
