import { shown } from "../errors/shown.ts"
import { ArgumentError, InvalidRequestError } from "../errors/usage-errors.ts"
import { Expression } from "../expression/expression.ts"
import type { FromClause } from "../expression/from-clause.ts"
import { type ExpressionNode, nameShape } from "../expression/node.ts"
import {
  type AnySelectable,
  type LevelOfSelectable,
  type NameOfSelectable,
  type RowOfSelectable,
  selectable,
} from "../expression/selectable.ts"
import type { SqlType, valueType } from "../types/sql-type.ts"
import type { StatementLevel } from "./executable.ts"

/** A selected expression, or all columns of a selected source. */
export type SelectedItem =
  | {
      readonly kind: "expression"
      readonly key: string
      readonly node: ExpressionNode
      readonly type: SqlType<unknown>
    }
  | { readonly kind: "source"; readonly key: string; readonly from: FromClause; readonly entity: unknown }

/**
 * The selected items, for code that makes something else than plain rows of them.
 *
 * - `source`: one source; rows are its rows
 * - `columns`: expressions; rows are flat objects
 * - `object`: expressions and sources by key; a source becomes a nested object
 */
export interface Selection {
  readonly form: "source" | "columns" | "object"
  readonly items: ReadonlyArray<SelectedItem>
  /** Equal for selections with equal SQL and rows. */
  readonly shape: string
}

/** An expression that knows its key in row objects: a column or a label. */
export type NamedExpression = Expression<unknown, string> & { readonly key: string }

/** A value of `select({ … })`. */
export type SelectItem = Expression<unknown, string> | AnySelectable

/** The object form of some named expressions. */
export type SelectionOf<C extends ReadonlyArray<NamedExpression>> = { [E in C[number] as E["key"]]: E }

type TablesOf<I> = I extends AnySelectable ? NameOfSelectable<I> : I extends Expression<unknown, infer T> ? T : never

type ItemValue<I> = I extends AnySelectable
  ? RowOfSelectable<I>
  : I extends { readonly [valueType]: infer A }
    ? A
    : never

type OrNull<I, Outer extends string> = [Extract<TablesOf<I>, Outer>] extends [never] ? never : null

/** The row type of a selection in which the tables `Outer` may be missing. */
export type RowOfSelection<S, Outer extends string> = S extends AnySelectable
  ? RowOfSelectable<S> | OrNull<S, Outer>
  : { [K in keyof S]: ItemValue<S[K]> | OrNull<S[K], Outer> }

/** The level of a selection: `core` where it has no entity. */
export type LevelOfSelection<S> = S extends AnySelectable
  ? LevelOfSelectable<S>
  : { [K in keyof S]: S[K] extends AnySelectable ? LevelOfSelectable<S[K]> : "core" }[keyof S] & StatementLevel

/** Tells if a value is a source of rows. */
export const isSelectable = (value: unknown): value is AnySelectable =>
  value !== null && (typeof value === "object" || typeof value === "function") && selectable in value

const keyOf = (expression: Expression<unknown, string>, position: number): string => {
  const key = (expression as { readonly key?: unknown }).key
  if (typeof key === "string") return key
  throw new ArgumentError({
    message: `Selected expression ${position + 1} has no name. Name it with .as("name"), or use select({ name: expression })`,
  })
}

const describe = (value: unknown): string =>
  value === null ? "null" : Array.isArray(value) ? "an array" : typeof value

const itemOf = (key: string, value: unknown): SelectedItem => {
  if (value instanceof Expression) return { kind: "expression", key, node: value.node, type: value.type }
  if (isSelectable(value)) return { kind: "source", key, ...value[selectable] }
  throw new ArgumentError({
    message: `"${key}" of a selection is ${describe(value)}; it must be a column, an expression, a table or an entity class`,
  })
}

/** Reads the arguments of `select` or `returning`. */
export const selectionOf = (args: ReadonlyArray<unknown>): Selection => {
  const [first] = args
  if (args.length === 0)
    throw new ArgumentError({ message: "Nothing is selected: name a table, columns, or an object of them" })
  if (args.length === 1 && isSelectable(first)) return sourceSelection(first)
  if (first instanceof Expression) return columnsSelection(args)
  if (args.length > 1) {
    throw new ArgumentError({
      message:
        "Several tables, or tables and columns, are selected by the object form: select({ user: users, post: posts })",
    })
  }
  if (typeof first !== "object" || first === null) {
    throw new ArgumentError({
      message: `select() takes a table, an entity class, columns, or an object of them; got ${shown(first)}. Name a column as users.c.name, and write SQL text with textClause()`,
    })
  }
  const items = Object.entries(first).map(([key, value]) => itemOf(key, value))
  if (items.length === 0) throw new ArgumentError({ message: "Nothing is selected: the object has no keys" })
  return { form: "object", items, shape: shapeOf("object", items) }
}

/** Selections of whole sources, which most statements share. */
const sourceSelections = new WeakMap<AnySelectable, Selection>()

const sourceSelection = (source: AnySelectable): Selection => {
  let selection = sourceSelections.get(source)
  if (selection === undefined) {
    const items = [itemOf("", source)]
    selection = { form: "source", items, shape: shapeOf("source", items) }
    sourceSelections.set(source, selection)
  }
  return selection
}

const columnsSelection = (args: ReadonlyArray<unknown>): Selection => {
  const seen = new Set<string>()
  const items = args.map((value, position) => {
    if (!(value instanceof Expression)) {
      throw new ArgumentError({
        message: `Selected item ${position + 1} is ${describe(value)}. Tables beside columns are selected by the object form: select({ user: users, n: count() })`,
      })
    }
    const key = keyOf(value, position)
    if (seen.has(key)) {
      throw new InvalidRequestError({
        message: `Two selected columns are named "${key}". Rename one with .as("other"), or use select({ a: …, b: … })`,
      })
    }
    seen.add(key)
    return itemOf(key, value)
  })
  return { form: "columns", items, shape: shapeOf("columns", items) }
}

const shapeOf = (form: Selection["form"], items: ReadonlyArray<SelectedItem>): string => {
  let shape: string = form
  for (const item of items) {
    const key = nameShape(item.key)
    shape +=
      item.kind === "source" ? `;${key}:*${item.from.columnPrefix}` : `;${key}:${item.type.shape}:${item.node.shape}`
  }
  return shape
}
