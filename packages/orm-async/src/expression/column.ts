import type { SqlType } from "../types/sql-type.ts"
import type { ColumnSpec } from "./column-spec.ts"
import { Expression } from "./expression.ts"
import type { FromClause } from "./from-clause.ts"
import type { ColumnNode } from "./node.ts"
import { nameShape, none } from "./node.ts"

/**
 * A column of a table, alias, subquery or CTE: `users.c.email`. It is an expression, and its `key` is its name in
 * row objects.
 *
 * @see SQLAlchemy `sqlalchemy.schema.Column`
 */
export class Column<out A, out K extends string, out Tables extends string> extends Expression<A, Tables> {
  /** The property's name in JavaScript. */
  readonly key: K
  /** The column's name in the database. */
  readonly name: string
  readonly from: FromClause
  /** `table.column`, for messages. */
  readonly title: string
  /** The column's declaration; undefined where a subquery or CTE computes it. */
  readonly spec: ColumnSpec | undefined

  constructor(from: FromClause, key: K, name: string, type: SqlType<unknown>, spec: ColumnSpec | undefined) {
    const node: Omit<ColumnNode, "column"> & { column: Column<unknown, string, string> | undefined } = {
      kind: "column",
      column: undefined,
      shape: `${from.columnPrefix}.${nameShape(key)}`,
      binds: none,
      sources: from.asNode.sources,
    }
    super(node as ColumnNode, type)
    node.column = this
    this.key = key
    this.name = name
    this.from = from
    this.title = `${from.name}.${key}`
    this.spec = spec
  }
}

/** Any column; the return type to annotate where two tables refer to each other. */
export type AnyColumn = Column<unknown, string, string>
