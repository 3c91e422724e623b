import type { Dialect } from "../dialect/dialect.ts"
import type { FromClause } from "../expression/from-clause.ts"
import type { BindNode } from "../expression/node.ts"
import type { QueryExpression } from "../expression/query-expression.ts"
import type { Cte } from "../statement/subquery.ts"
import { CteRegistry } from "./scope.ts"
import { type Captured, SqlWriter } from "./sql-writer.ts"

/** Compiles a query; given from outside, so that expressions and queries can contain each other. */
export type WriteQuery = (writer: StatementWriter, query: QueryExpression, enclosing: ReadonlyArray<FromClause>) => void

/** An {@link SqlWriter} that knows the statement around: its CTEs and how to write a nested query. */
export class StatementWriter extends SqlWriter {
  readonly #ctes = new CteRegistry<Captured>()
  readonly #writeQuery: WriteQuery

  constructor(dialect: Dialect, binds: ReadonlyArray<BindNode> | "literal", writeQuery: WriteQuery) {
    super(dialect, binds)
    this.#writeQuery = writeQuery
  }

  query(query: QueryExpression, enclosing: ReadonlyArray<FromClause>): void {
    this.#writeQuery(this, query, enclosing)
  }

  /** The statement draws from a CTE: it is written in the WITH clause. */
  needCte(cte: Cte): void {
    this.#ctes.need(cte, () => this.capture(() => this.query(cte.query, [])))
  }

  /** Writes a whole statement, and the WITH clause of the CTEs that it needs before it. */
  statement(write: () => void): void {
    const body = this.capture(write)
    const entries = this.#ctes.entries
    if (entries.length > 0) {
      this.write(entries.some(({ cte }) => cte.recursive) ? "WITH RECURSIVE " : "WITH ")
      entries.forEach(({ cte, body }, i) => {
        const columns = cte.columns.map((column) => this.dialect.quoteIdentifier(column.key)).join(", ")
        this.write(`${i === 0 ? "" : ", "}${this.dialect.quoteIdentifier(cte.name)} (${columns}) AS (`)
        this.append(body)
        this.write(")")
      })
      this.write(" ")
    }
    this.append(body)
  }
}
