import { ArgumentError } from "../errors/usage-errors.ts"
import type { AnyColumn } from "../expression/column.ts"
import type { ReferenceOptions } from "../expression/column-spec.ts"
import { conditionNode } from "../expression/condition.ts"
import type { Expression } from "../expression/expression.ts"
import type { ExpressionNode } from "../expression/node.ts"

/** The keys of a constraint's columns; exists for the compiler only. */
export declare const constraintKeys: unique symbol

/** A primary key as it is declared beside the columns of a table. */
export interface PrimaryKeyConstraint<out Key extends string = string> {
  readonly kind: "primaryKey"
  readonly name: string | undefined
  readonly columns: ReadonlyArray<AnyColumn>
  readonly [constraintKeys]?: Key
}

/** The keys of the primary key's columns that a constraint names. */
export type KeysOfConstraint<C> = C extends PrimaryKeyConstraint<infer Key> ? Key : never

/** A constraint or index as it is declared beside the columns of a table. */
export type TableConstraint =
  | PrimaryKeyConstraint
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

/** A constraint of one kind. */
export type ConstraintOf<Kind extends TableConstraint["kind"]> = Extract<TableConstraint, { readonly kind: Kind }>

type Columns = readonly [AnyColumn, ...ReadonlyArray<AnyColumn>]
type NamedColumns = Columns | readonly [string, ...Columns]

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
export function primaryKey<const C extends Columns>(...columns: C): PrimaryKeyConstraint<C[number]["key"]>
export function primaryKey<const C extends Columns>(name: string, ...columns: C): PrimaryKeyConstraint<C[number]["key"]>
export function primaryKey(...args: ReadonlyArray<unknown>): PrimaryKeyConstraint {
  const [name, columns] = nameAndColumns("primaryKey", args)
  return { kind: "primaryKey", name, columns }
}

/**
 * A UNIQUE constraint: `unique(t.country, t.code)`. A name may come first.
 *
 * @see SQLAlchemy `sqlalchemy.schema.UniqueConstraint`
 */
export const unique = (...args: NamedColumns): ConstraintOf<"unique"> => {
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
): ConstraintOf<"index"> => {
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
export const check = (name: string, condition: Expression<boolean | null, string>): ConstraintOf<"check"> => ({
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
): ConstraintOf<"foreignKey"> => {
  if (columns.length === 0) throw new ArgumentError({ message: "foreignKey() needs at least one column" })
  return { kind: "foreignKey", columns, target, options }
}
