import { ArgumentError } from "../errors/usage-errors.ts"
import { type SqlType, unknownType, type valueType } from "../types/sql-type.ts"
import { type ExpressionNode, type LabelNode, nameShape } from "./node.ts"
import type { tablesType } from "./selectable.ts"

/**
 * An SQL expression whose values are `A` in JavaScript. Immutable; made by columns, operators and functions.
 *
 * `Tables` names the tables whose row decides the value, so that selecting it after an outer join is typed nullable.
 *
 * @see SQLAlchemy `sqlalchemy.sql.expression.ColumnElement`
 */
export class Expression<out A, out Tables extends string = never> {
  declare readonly [valueType]: A
  declare readonly [tablesType]: Tables
  readonly node: ExpressionNode
  /** Encodes values that are compared with it and decodes results. */
  readonly type: SqlType<unknown>

  constructor(node: ExpressionNode, type: SqlType<unknown> = unknownType) {
    this.node = node
    this.type = type
  }

  /**
   * Names the expression: the name is the key of the result's rows.
   *
   * @example
   * ```ts
   * import { count, select, table, text } from "@offloop/orm-async"
   *
   * const users = table("users", { name: text() })
   * select(users.c.name, count().as("n")).groupBy(users.c.name)
   * ```
   * @see SQLAlchemy `ColumnElement.label`
   */
  as<const K extends string>(name: K): Label<A, K, Tables> {
    if (name === "") throw new ArgumentError({ message: "A label needs a name; got an empty string" })
    return new Label(name, this)
  }
}

/** An expression under a name. */
export const labelNode = (name: string, operand: ExpressionNode): LabelNode => ({
  kind: "label",
  name,
  operand,
  shape: `as(${nameShape(name)},${operand.shape})`,
  binds: operand.binds,
  sources: operand.sources,
})

/**
 * A named expression.
 *
 * @see SQLAlchemy `sqlalchemy.sql.expression.Label`
 */
export class Label<out A, out K extends string, out Tables extends string = never> extends Expression<A, Tables> {
  readonly key: K

  constructor(key: K, of: Expression<A, Tables>) {
    super(labelNode(key, of.node), of.type)
    this.key = key
  }
}
