import type { AnyColumn, Column } from "./column.ts"
import { type BindNode, type NodeBase, none } from "./node.ts"
import { type SelectableTarget, selectable, type TypedTarget } from "./selectable.ts"

/** The columns of a source, by their keys. */
export type ColumnsOf<Row, Name extends string> = {
  readonly [K in keyof Row & string]-?: Column<Row[K], K, Name>
}

/** The kinds of source that the compiler knows. */
export type FromKind = "table" | "alias" | "subquery" | "cte"

/**
 * A source of rows, as it stands after FROM: a table, an alias, a subquery, a CTE.
 *
 * @see SQLAlchemy `sqlalchemy.sql.expression.FromClause`
 */
export abstract class FromClause<out Row = unknown, out Name extends string = string> {
  declare readonly [selectable]: TypedTarget<Row, "core", Name>
  abstract readonly fromKind: FromKind
  readonly name: Name
  /** Starts the shape of its columns. */
  readonly columnPrefix: string
  /** Itself as a part of a statement: without values, and its own source. */
  readonly asNode: NodeBase

  constructor(name: Name, columnPrefix: string) {
    this.name = name
    this.columnPrefix = columnPrefix
    this.asNode = { shape: columnPrefix, binds: none, sources: [this] }
  }

  /** The columns by their keys: `users.c.email`. */
  abstract readonly c: ColumnsOf<Row, Name>
  /** The columns in order. */
  abstract readonly columns: ReadonlyArray<AnyColumn>
  /** Equal for sources with equal SQL. */
  abstract readonly shape: string
  /** The values inside it. */
  abstract readonly binds: ReadonlyArray<BindNode>
}

Object.defineProperty(FromClause.prototype, selectable, {
  get(this: FromClause): SelectableTarget {
    return { from: this, entity: undefined }
  },
})
