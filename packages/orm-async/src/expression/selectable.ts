import type { valueType } from "../types/sql-type.ts"
import type { FromClause } from "./from-clause.ts"
import type { levelType, StatementLevel } from "./level.ts"

/** The key of the {@link Selectable} protocol. */
export const selectable: unique symbol = Symbol.for("@offloop/orm-async/selectable") as never

/** The names of the tables that a value comes from; exists for the compiler only. */
export declare const tablesType: unique symbol

/** The part of a {@link Selectable} that exists when the program runs. */
export interface SelectableTarget {
  /** The table, alias or subquery whose columns are selected. */
  readonly from: FromClause
  /** The class that rows become objects of: opaque to Core; undefined where they stay plain objects. */
  readonly entity: unknown
}

/** A {@link SelectableTarget} with the types that go with it. */
export interface TypedTarget<out Row, out Level extends StatementLevel, out Name extends string>
  extends SelectableTarget {
  readonly [valueType]?: Row
  readonly [levelType]?: Level
  readonly [tablesType]?: Name
}

/**
 * A source of rows, as `select`, `join` and `from` take it: tables, aliases, subqueries, CTEs, and entity classes of
 * the ORM.
 *
 * A **class** that has this symbol as a static property is a source too: its instances are the rows, so its `Row` may
 * be `unknown`.
 */
export interface Selectable<out Row, out Level extends StatementLevel = "core", out Name extends string = string> {
  readonly [selectable]: TypedTarget<Row, Level, Name>
}

/** Any source of rows. */
export type AnySelectable = Selectable<unknown, StatementLevel, string>

/** The row type of a source: what it says, or the instances of a class. */
export type RowOfSelectable<S extends AnySelectable> = S extends abstract new (
  ...args: never
) => infer Instance
  ? Instance
  : S extends Selectable<infer Row, StatementLevel, string>
    ? Row
    : never

/** The columns of a row that is an object with other members besides; exists for the compiler only. */
export declare const columnsType: unique symbol

/** The columns that a subquery has for its rows: an entity's methods and references are none. */
export type ColumnsOfRow<Row> = Row extends { readonly [columnsType]: infer Columns } ? Columns : Row

/** The name of a source, as its columns carry it. */
export type NameOfSelectable<S extends AnySelectable> = NonNullable<S[typeof selectable][typeof tablesType]>

/** The level of a source. */
export type LevelOfSelectable<S extends AnySelectable> = NonNullable<S[typeof selectable][typeof levelType]>
