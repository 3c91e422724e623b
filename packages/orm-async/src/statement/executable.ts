import type { levelType, StatementLevel } from "../expression/level.ts"

export type { levelType, StatementLevel } from "../expression/level.ts"

/** The row type of an {@link Executable}; exists for the compiler only. */
export declare const rowType: unique symbol

/**
 * A statement that can be compiled and run. Statements are immutable values: they hold no connection and may be
 * executed any number of times, at once and on several engines.
 *
 * `Row` is what each row of the result is; `never` where the statement returns no rows.
 *
 * @see SQLAlchemy `sqlalchemy.sql.expression.Executable`
 */
export interface Executable<out Row, out Level extends StatementLevel = "core"> {
  readonly [rowType]: Row
  readonly [levelType]: Level
  /** The kind of statement, by which the compiler chooses. */
  readonly statementKind: StatementKind
}

/** The kinds of statement that the compiler knows. */
export type StatementKind = "select" | "compound" | "insert" | "update" | "delete" | "text" | "ddl"

/** The row type of a statement. */
export type RowOfStatement<S extends Executable<unknown, StatementLevel>> = S[typeof rowType]
