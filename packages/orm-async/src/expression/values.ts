import { type SqlType, unknownType, type valueType } from "../types/sql-type.ts"
import { conditionNode } from "./condition.ts"
import { Expression } from "./expression.ts"
import { literalNode, namedNode } from "./literal.ts"
import { bindsOf, type ExpressionNode, shapesOf, sourcesOf } from "./node.ts"
import type { AnyExpression, Condition } from "./operators.ts"

/** A type, stated as a column would be declared: `integer()`, `json<Tags>()`. */
export interface TypeOf<out A> {
  readonly [valueType]: A
  readonly spec: { readonly type: SqlType<unknown> }
}

/**
 * A plain value as an expression; it becomes a parameter. The type follows from the value or is stated.
 *
 * @see SQLAlchemy `sqlalchemy.literal`
 */
export const literal = <A>(value: A, type?: TypeOf<A>): Expression<A> => {
  const stated = type?.spec.type
  const node = stated === undefined ? literalNode(value) : literalNode(value, stated)
  return new Expression(node, node.kind === "bind" ? node.type : (stated ?? unknownType))
}

/** Options of {@link bindparam}. */
export interface BindparamOptions<A> {
  /** The value's type; that of the expression that it is compared with if absent. */
  readonly type?: TypeOf<A> | undefined
  /** The value is a list, for IN. */
  readonly expanding?: boolean | undefined
}

/**
 * A value that comes with the execution, by its name.
 *
 * @example
 * ```ts
 * import { bindparam, eq, integer, select, table } from "@offloop/orm-async"
 *
 * const users = table("users", { id: integer().primaryKey() })
 * const byId = select(users).where(eq(users.c.id, bindparam("id", { type: integer() })))
 * // conn.execute(byId, { id: 7 })
 * ```
 * @see SQLAlchemy `sqlalchemy.bindparam`
 */
export const bindparam = <A = unknown>(name: string, options: BindparamOptions<A> = {}): Expression<A> => {
  const type: SqlType<unknown> = options.type?.spec.type ?? unknownType
  return new Expression(namedNode(name, type, { expanding: options.expanding ?? false }), type)
}

/**
 * `CAST(operand AS type)`: converted by the database.
 *
 * @see SQLAlchemy `sqlalchemy.cast`
 */
export const cast = <A, B, T extends string>(
  operand: Expression<B, T>,
  type: TypeOf<A>,
): Expression<A | Extract<B, null>, T> =>
  new Expression(
    {
      kind: "cast",
      operand: operand.node,
      type: type.spec.type,
      shape: `cast(${operand.node.shape} as ${type.spec.type.shape})`,
      binds: operand.node.binds,
      sources: operand.node.sources,
    },
    type.spec.type,
  )

/**
 * The same SQL, read and compared as another type.
 *
 * @see SQLAlchemy `sqlalchemy.type_coerce`
 */
export const typeCoerce = <A, B, T extends string>(
  operand: Expression<B, T>,
  type: TypeOf<A>,
): Expression<A | Extract<B, null>, T> => new Expression(operand.node, type.spec.type)

/** A condition and the value that it leads to. */
export type When<A> = readonly [condition: Condition, value: A | AnyExpression<A>]

const valueNode = (value: unknown, type: SqlType<unknown> | undefined): ExpressionNode => {
  if (value instanceof Expression) return value.node
  return type === undefined ? literalNode(value) : literalNode(value, type)
}

/**
 * `CASE WHEN … THEN … ELSE … END`: the value of the first condition that holds, else `otherwise`, which is NULL if
 * absent.
 *
 * @see SQLAlchemy `sqlalchemy.case`
 */
export function caseWhen<A>(
  whens: readonly [When<A>, ...ReadonlyArray<When<A>>],
  otherwise: NoInfer<A> | AnyExpression<NoInfer<A>>,
): Expression<A>
export function caseWhen<A>(whens: readonly [When<A>, ...ReadonlyArray<When<A>>]): Expression<A | null>
export function caseWhen(whens: ReadonlyArray<When<unknown>>, otherwise?: unknown): Expression<unknown> {
  const typed = [...whens.map(([, value]) => value), otherwise].find((value) => value instanceof Expression)
  const type = typed?.type.kind === "unknown" ? undefined : typed?.type
  const pairs = whens.map(
    ([condition, value]) => [conditionNode(condition, "caseWhen()"), valueNode(value, type)] as const,
  )
  const last = otherwise === undefined ? undefined : valueNode(otherwise, type)
  const nodes = last === undefined ? pairs.flat() : [...pairs.flat(), last]
  const first = pairs[0]?.[1]
  const resultType = type ?? (first?.kind === "bind" ? first.type : unknownType)
  return new Expression(
    {
      kind: "case",
      whens: pairs,
      otherwise: last,
      shape: `case${last === undefined ? "" : "+"}(${shapesOf(nodes)})`,
      binds: bindsOf(nodes),
      sources: sourcesOf(nodes),
    },
    resultType,
  )
}
