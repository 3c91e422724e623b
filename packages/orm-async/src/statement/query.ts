import { shown } from "../errors/shown.ts"
import { ArgumentError, InvalidRequestError } from "../errors/usage-errors.ts"
import { Expression } from "../expression/expression.ts"
import { bindNode } from "../expression/literal.ts"
import { type BindNode, bindsOf, type ExpressionNode, shapesOf } from "../expression/node.ts"
import { type Ordering, orderingNode } from "../expression/ordering.ts"
import { QueryExpression } from "../expression/query-expression.ts"
import type { ColumnsOfRow } from "../expression/selectable.ts"
import { existsNode, subqueryNode } from "../expression/subquery-node.ts"
import { integerType, type SqlType } from "../types/sql-type.ts"
import type { Executable, levelType, rowType, StatementLevel } from "./executable.ts"
import type { Selection } from "./selection.ts"
import { Cte, type CteOptions, Subquery } from "./subquery.ts"

/** The order and range of a query. */
export interface QueryRange {
  readonly orderBy: ReadonlyArray<ExpressionNode>
  readonly limit: ExpressionNode | undefined
  readonly offset: ExpressionNode | undefined
}

export const noRange: QueryRange = { orderBy: [], limit: undefined, offset: undefined }

/** One output column of a query. */
export interface OutputColumn {
  readonly key: string
  readonly type: SqlType<unknown>
}

/** A row count for LIMIT and OFFSET. */
export type RowCount = number | Expression<number | null, string>

const rowCountNode = (what: string, rows: RowCount): ExpressionNode => {
  if (rows instanceof Expression) return rows.node
  if (Number.isSafeInteger(rows) && rows >= 0) return bindNode(rows, integerType)
  throw new ArgumentError({ message: `${what} takes a number of rows, an integer of at least 0; got ${shown(rows)}` })
}

/** A SELECT or a UNION of several: what can be a subquery. */
export abstract class Query<out Row, out Level extends StatementLevel>
  extends QueryExpression
  implements Executable<Row, Level>
{
  declare readonly [rowType]: Row
  declare readonly [levelType]: Level
  abstract override readonly statementKind: "select" | "compound"
  /** The selected items: for code that makes something else than plain rows of them. */
  abstract readonly selection: Selection
  abstract readonly range: QueryRange
  #shape: string | undefined
  #binds: ReadonlyArray<BindNode> | undefined

  protected abstract makeShape(): string
  protected abstract makeBinds(): ReadonlyArray<BindNode>
  protected abstract withRange(range: QueryRange): this

  /** The query without its values; equal shapes have equal SQL. */
  override get shape(): string {
    this.#shape ??= this.makeShape()
    return this.#shape
  }

  /** The values, in the order of the shape. */
  override get binds(): ReadonlyArray<BindNode> {
    this.#binds ??= this.makeBinds()
    return this.#binds
  }

  /**
   * Orders the rows; calls add up. A string is the key of a result column.
   *
   * @see SQLAlchemy `GenerativeSelect.order_by`
   */
  orderBy(...orderings: ReadonlyArray<Ordering>): this {
    return this.withRange({ ...this.range, orderBy: [...this.range.orderBy, ...orderings.map(orderingNode)] })
  }

  /**
   * At most so many rows.
   *
   * @see SQLAlchemy `GenerativeSelect.limit`
   */
  limit(rows: RowCount): this {
    return this.withRange({ ...this.range, limit: rowCountNode("limit()", rows) })
  }

  /**
   * Leaves out the first rows.
   *
   * @see SQLAlchemy `GenerativeSelect.offset`
   */
  offset(rows: RowCount): this {
    return this.withRange({ ...this.range, offset: rowCountNode("offset()", rows) })
  }

  /** Rows of either query, each once. Both need the same columns. */
  union(other: Query<Row, StatementLevel>): CompoundSelect<Row, Level> {
    return new CompoundSelect("UNION", this, other)
  }

  /** Rows of both queries. */
  unionAll(other: Query<Row, StatementLevel>): CompoundSelect<Row, Level> {
    return new CompoundSelect("UNION ALL", this, other)
  }

  /** Rows that the other query does not have. */
  except(other: Query<Row, StatementLevel>): CompoundSelect<Row, Level> {
    return new CompoundSelect("EXCEPT", this, other)
  }

  /** Rows that both queries have. */
  intersect(other: Query<Row, StatementLevel>): CompoundSelect<Row, Level> {
    return new CompoundSelect("INTERSECT", this, other)
  }

  /**
   * The query as a source of rows for another: `FROM (SELECT …) AS name`.
   *
   * @see SQLAlchemy `SelectBase.subquery`
   */
  subquery<const Name extends string>(name: Name): Subquery<ColumnsOfRow<Row>, Name> {
    return new Subquery(name, this)
  }

  /**
   * The query as a common table expression: `WITH name AS (SELECT …)`. A recursive one goes on with
   * {@link Cte.union} or {@link Cte.unionAll}.
   *
   * @see SQLAlchemy `HasCTE.cte`
   */
  cte<const Name extends string>(name: Name, options: CteOptions = {}): Cte<ColumnsOfRow<Row>, Name> {
    return new Cte(name, this, options.recursive ?? false, undefined)
  }

  /**
   * The query as a value: its only column of its only row, NULL if it has no row.
   *
   * @see SQLAlchemy `SelectBase.scalar_subquery`
   */
  scalarSubquery<R>(this: Query<R, StatementLevel>): Expression<ColumnsOfRow<R>[keyof ColumnsOfRow<R>] | null> {
    const [column, ...others] = this.outputColumns()
    if (column === undefined || others.length > 0) {
      throw new ArgumentError({ message: `A scalar subquery selects one column; this one has ${others.length + 1}` })
    }
    return new Expression(subqueryNode(this), column.type)
  }

  /** The columns of the result, in order. Nested objects have none of their own: those are no rows of a table. */
  outputColumns(): ReadonlyArray<OutputColumn> {
    const columns: Array<OutputColumn> = []
    for (const item of this.selection.items) {
      if (item.kind === "expression") columns.push({ key: item.key, type: item.type })
      else if (this.selection.form === "source") {
        for (const column of item.from.columns) columns.push({ key: column.key, type: column.type })
      } else {
        throw new InvalidRequestError({
          message: `"${item.key}" is a nested row, which a subquery cannot have. Select its columns instead`,
        })
      }
    }
    return columns
  }
}

/**
 * True where a query has any row: `EXISTS (…)`.
 *
 * @see SQLAlchemy `sqlalchemy.exists`
 */
export const exists = (query: Query<unknown, StatementLevel>): Expression<boolean> => new Expression(existsNode(query))

export type SetOperator = "UNION" | "UNION ALL" | "EXCEPT" | "INTERSECT"

/**
 * Two queries as one: `a UNION b`.
 *
 * @see SQLAlchemy `sqlalchemy.sql.expression.CompoundSelect`
 */
export class CompoundSelect<out Row, out Level extends StatementLevel> extends Query<Row, Level> {
  readonly statementKind = "compound"
  readonly operator: SetOperator
  readonly left: Query<Row, Level>
  readonly right: Query<unknown, StatementLevel>
  readonly range: QueryRange

  constructor(operator: SetOperator, left: Query<Row, Level>, right: Query<unknown, StatementLevel>, range = noRange) {
    super()
    const columns = left.outputColumns().length
    const others = right.outputColumns().length
    if (columns !== others) {
      throw new ArgumentError({
        message: `${operator} needs equal columns; the first query has ${columns}, the second ${others}`,
      })
    }
    this.operator = operator
    this.left = left
    this.right = right
    this.range = range
  }

  get selection(): Selection {
    return this.left.selection
  }

  protected override withRange(range: QueryRange): this {
    return new CompoundSelect(this.operator, this.left, this.right, range) as this
  }

  protected override makeShape(): string {
    return `(${this.operator} ${this.left.shape} ${this.right.shape})${rangeShape(this.range)}`
  }

  protected override makeBinds(): ReadonlyArray<BindNode> {
    return bindsOf([this.left, this.right, ...rangeNodes(this.range)])
  }
}

/** The nodes of a range, in order. */
export const rangeNodes = (range: QueryRange): ReadonlyArray<ExpressionNode> => {
  if (range.limit === undefined && range.offset === undefined) return range.orderBy
  const nodes = [...range.orderBy]
  if (range.limit !== undefined) nodes.push(range.limit)
  if (range.offset !== undefined) nodes.push(range.offset)
  return nodes
}

/** The shape of a range. */
export const rangeShape = (range: QueryRange): string => {
  let shape = range.orderBy.length === 0 ? "" : `|order ${shapesOf(range.orderBy)}`
  if (range.limit !== undefined) shape += `|limit ${range.limit.shape}`
  if (range.offset !== undefined) shape += `|offset ${range.offset.shape}`
  return shape
}
