import { nearest } from "../errors/nearest.ts"
import { StatementError } from "../errors/statement-error.ts"
import { Compilable } from "../expression/compilable.ts"
import type { ColumnBuilder } from "../schema/column-builder.ts"
import type { SqlType, valueType } from "../types/sql-type.ts"
import type { Executable, levelType, rowType } from "./executable.ts"

const place = /:([A-Za-z_][A-Za-z0-9_]*)/g

/** Types of result columns by name. */
export type ResultTypes = Readonly<Record<string, ColumnBuilder<unknown, boolean, boolean, boolean>>>

/**
 * A statement in SQL of your own, with values for its `:name` places.
 *
 * @see SQLAlchemy `sqlalchemy.sql.expression.TextClause`
 */
export class TextClause<Row> extends Compilable implements Executable<Row, "core"> {
  declare readonly [rowType]: Row
  declare readonly [levelType]: "core"
  readonly statementKind = "text"
  readonly sql: string
  readonly parameters: Readonly<Record<string, unknown>>
  /** Types of result columns by name; others come as the driver gives them. */
  readonly types: ReadonlyMap<string, SqlType<unknown>> | undefined

  constructor(
    sql: string,
    parameters: Readonly<Record<string, unknown>>,
    types: ReadonlyMap<string, SqlType<unknown>> | undefined,
  ) {
    super()
    this.sql = sql
    this.parameters = parameters
    this.types = types
  }

  /** Gives values for `:name` places; values given with the execution go before these. */
  bindparams(parameters: Readonly<Record<string, unknown>>): TextClause<Row> {
    const merged = { ...this.parameters, ...parameters }
    const names = Object.keys(parameters)
    if (names.length === 0) return this
    // Some of these may stand in quotes or comments, which differ between databases: the compiler looks closer.
    const known = new Set(Array.from(this.sql.matchAll(place), ([, name]) => name as string))
    for (const name of names) {
      if (known.has(name)) continue
      const meant = nearest(name, [...known])
      const hint = meant === undefined ? "" : `; did you mean ":${meant}"?`
      throw new StatementError({ message: `The SQL text has no parameter ":${name}"${hint}` })
    }
    return new TextClause(this.sql, merged, this.types)
  }

  /**
   * States the types of result columns, by their names in the result.
   *
   * @see SQLAlchemy `TextClause.columns`
   */
  columns<T extends ResultTypes>(types: T): TextClause<{ [K in keyof T]: T[K][typeof valueType] }> {
    const map = new Map(Object.entries(types).map(([key, builder]) => [key, builder.spec.type]))
    return new TextClause(this.sql, this.parameters, map)
  }
}

/**
 * A statement in SQL of your own. `:name` is a place for a value, unless it stands in a string or comment; `::` is a
 * cast, and `\:` a plain colon.
 *
 * @example
 * ```ts
 * import { integer, text, textClause } from "@offloop/orm-async"
 *
 * textClause("SELECT id, name FROM users WHERE id > :id", { id: 7 }).columns({ id: integer(), name: text() })
 * ```
 * @see SQLAlchemy `sqlalchemy.text`
 */
export const textClause = <Row = Readonly<Record<string, unknown>>>(
  sql: string,
  parameters: Readonly<Record<string, unknown>> = {},
): TextClause<Row> => new TextClause<Row>(sql, {}, undefined).bindparams(parameters)
