import { ArgumentError } from "../errors/usage-errors.ts"
import type { AnyColumn } from "../expression/column.ts"
import type { ReferenceOptions } from "../expression/column-spec.ts"
import { conditionNode } from "../expression/condition.ts"
import type { Expression } from "../expression/expression.ts"
import type { ExpressionNode } from "../expression/node.ts"

/** A constraint or index as it is declared beside the columns of a table. */
export type TableConstraint =
  | { readonly kind: "primaryKey"; readonly name: string | undefined; readonly columns: ReadonlyArray<AnyColumn> }
  | { readonly kind: "unique"; readonly name: string | undefined; readonly columns: ReadonlyArray<AnyColumn> }
  | {
      readonly kind: "index"
      readonly name: string | undefined
      readonly parts: ReadonlyArray<Expression<unknown, string>>
      readonly unique: boolean
      readonly where: ExpressionNode | undefined
    }
  | { readonly kind: "check"; readonly name: string | undefined; readonly condition: ExpressionNode }
  | {
      readonly kind: "foreignKey"
      readonly columns: ReadonlyArray<AnyColumn>
      readonly target: () => ReadonlyArray<AnyColumn>
      readonly options: ReferenceOptions
    }

type NamedColumns =
  | readonly [AnyColumn, ...ReadonlyArray<AnyColumn>]
  | readonly [string, AnyColumn, ...ReadonlyArray<AnyColumn>]

const nameAndColumns = (
  what: string,
  args: ReadonlyArray<unknown>,
): readonly [string | undefined, ReadonlyArray<AnyColumn>] => {
  const name = typeof args[0] === "string" ? args[0] : undefined
  const columns = (name === undefined ? args : args.slice(1)) as ReadonlyArray<AnyColumn>
  if (columns.length === 0) throw new ArgumentError({ message: `${what}() needs at least one column` })
  return [name, columns]
}

/**
 * The primary key of a table, over any of its columns: `primaryKey(t.orderId, t.line)`. A name may come first.
 *
 * @see SQLAlchemy `sqlalchemy.schema.PrimaryKeyConstraint`
 */
export const primaryKey = (...args: NamedColumns): TableConstraint => {
  const [name, columns] = nameAndColumns("primaryKey", args)
  return { kind: "primaryKey", name, columns }
}

/**
 * A UNIQUE constraint: `unique(t.country, t.code)`. A name may come first.
 *
 * @see SQLAlchemy `sqlalchemy.schema.UniqueConstraint`
 */
export const unique = (...args: NamedColumns): TableConstraint => {
  const [name, columns] = nameAndColumns("unique", args)
  return { kind: "unique", name, columns }
}

/** Options of an {@link index}. */
export interface IndexOptions {
  readonly name?: string | undefined
  readonly unique?: boolean | undefined
  /** Only rows for which it holds are in the index. */
  readonly where?: Expression<boolean | null, string> | undefined
}

/**
 * An index over columns or expressions: `index([t.country, desc(t.population)])`.
 *
 * @see SQLAlchemy `sqlalchemy.schema.Index`
 */
export const index = (
  parts: Expression<unknown, string> | ReadonlyArray<Expression<unknown, string>>,
  options: IndexOptions = {},
): TableConstraint => {
  const list = Array.isArray(parts)
    ? (parts as ReadonlyArray<Expression<unknown, string>>)
    : [parts as Expression<unknown, string>]
  if (list.length === 0) throw new ArgumentError({ message: "index() needs at least one column" })
  return {
    kind: "index",
    name: options.name,
    parts: list,
    unique: options.unique ?? false,
    where: options.where === undefined ? undefined : conditionNode(options.where, "The option where of index()"),
  }
}

/**
 * A CHECK constraint: `check("positive_price", gt(t.price, 0))`. The name is part of the generated constraint name.
 *
 * @see SQLAlchemy `sqlalchemy.schema.CheckConstraint`
 */
export const check = (name: string, condition: Expression<boolean | null, string>): TableConstraint => ({
  kind: "check",
  name,
  condition: conditionNode(condition, "check()"),
})

/**
 * A foreign key over several columns: `foreignKey([t.country, t.region], () => [regions.c.country, regions.c.code])`.
 *
 * @see SQLAlchemy `sqlalchemy.schema.ForeignKeyConstraint`
 */
export const foreignKey = (
  columns: ReadonlyArray<AnyColumn>,
  target: () => ReadonlyArray<AnyColumn>,
  options: ReferenceOptions = {},
): TableConstraint => {
  if (columns.length === 0) throw new ArgumentError({ message: "foreignKey() needs at least one column" })
  return { kind: "foreignKey", columns, target, options }
}
