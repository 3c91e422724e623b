import { ArgumentError } from "../errors/usage-errors.ts"
import { type AnyColumn, Column } from "../expression/column.ts"
import { type ColumnsOf, FromClause } from "../expression/from-clause.ts"
import { type BindNode, nameShape } from "../expression/node.ts"
import type { StatementLevel } from "./executable.ts"
import type { Query } from "./query.ts"

type AnyQuery = Query<unknown, StatementLevel>

const columnsOf = (from: FromClause, query: AnyQuery): ReadonlyArray<AnyColumn> =>
  query.outputColumns().map(({ key, type }) => new Column(from, key, key, type, undefined))

const byKey = <Row, Name extends string>(columns: ReadonlyArray<AnyColumn>): ColumnsOf<Row, Name> =>
  Object.freeze(Object.fromEntries(columns.map((column) => [column.key, column]))) as unknown as ColumnsOf<Row, Name>

const requireName = (what: string, name: string): void => {
  if (name === "") throw new ArgumentError({ message: `A ${what} needs a name; got an empty string` })
}

/**
 * A query as a source of rows: `FROM (SELECT …) AS name`.
 *
 * @see SQLAlchemy `sqlalchemy.sql.expression.Subquery`
 */
export class Subquery<out Row = unknown, out Name extends string = string> extends FromClause<Row, Name> {
  readonly fromKind = "subquery"
  readonly query: AnyQuery
  readonly columns: ReadonlyArray<AnyColumn>
  readonly c: ColumnsOf<Row, Name>

  constructor(name: Name, query: AnyQuery) {
    requireName("subquery", name)
    super(name, `q${nameShape(name)}`)
    this.query = query
    this.columns = columnsOf(this, query)
    this.c = byKey(this.columns)
  }

  get shape(): string {
    return `sub(${this.columnPrefix},${this.query.shape})`
  }

  get binds(): ReadonlyArray<BindNode> {
    return this.query.binds
  }
}

/** Options of a CTE. */
export interface CteOptions {
  /** The CTE may refer to itself; see {@link Cte.unionAll}. */
  readonly recursive?: boolean | undefined
}

/** The part that a recursive CTE adds: a query, or a function that makes one over the CTE itself. */
export type RecursivePart<Row, Name extends string> =
  | Query<Row, StatementLevel>
  | ((self: Cte<Row, Name>) => Query<Row, StatementLevel>)

/**
 * A common table expression: `WITH name AS (SELECT …)`.
 *
 * @see SQLAlchemy `sqlalchemy.sql.expression.CTE`
 */
export class Cte<out Row = unknown, out Name extends string = string> extends FromClause<Row, Name> {
  readonly fromKind = "cte"
  readonly query: AnyQuery
  readonly recursive: boolean
  /** The CTE that this one completes: inside, the name means this one. */
  readonly restates: Cte | undefined
  readonly columns: ReadonlyArray<AnyColumn>
  readonly c: ColumnsOf<Row, Name>

  constructor(name: Name, query: AnyQuery, recursive: boolean, restates: Cte | undefined) {
    requireName("CTE", name)
    super(name, `w${nameShape(name)}`)
    this.query = query
    this.recursive = recursive
    this.restates = restates
    this.columns = columnsOf(this, query)
    this.c = byKey(this.columns)
  }

  /**
   * Adds rows that are made from the CTE's own rows, each once.
   *
   * @see SQLAlchemy `CTE.union`
   */
  union<R, N extends string>(this: Cte<R, N>, other: RecursivePart<R, N>): Cte<R, N> {
    return new Cte(this.name, this.query.union(typeof other === "function" ? other(this) : other), this.recursive, this)
  }

  /**
   * Adds rows that are made from the CTE's own rows.
   *
   * @example
   * ```ts
   * import { eq, integer, select, table } from "@offloop/orm-async"
   *
   * const parts = table("parts", { id: integer().primaryKey(), parentId: integer().nullable() })
   * const tree = select(parts)
   *   .where(eq(parts.c.id, 1))
   *   .cte("tree", { recursive: true })
   *   .unionAll((tree) => select(parts).join(tree, eq(parts.c.parentId, tree.c.id)))
   * select(tree)
   * ```
   * @see SQLAlchemy `CTE.union_all`
   */
  unionAll<R, N extends string>(this: Cte<R, N>, other: RecursivePart<R, N>): Cte<R, N> {
    return new Cte(
      this.name,
      this.query.unionAll(typeof other === "function" ? other(this) : other),
      this.recursive,
      this,
    )
  }

  get shape(): string {
    return `cte(${this.columnPrefix},${this.recursive},${this.query.shape})`
  }

  get binds(): ReadonlyArray<BindNode> {
    return this.query.binds
  }
}
