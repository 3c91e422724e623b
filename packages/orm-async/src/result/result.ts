import type { MultipleResultsFound, NoResultFound } from "../errors/index.ts"
import type { Checked, ResultStyle } from "../style.ts"

/** A result of any shape: rows, single values or tuples, all in memory; no method does I/O. */
export interface Fetch<out Item, S extends ResultStyle> extends Iterable<Item> {
  /**
   * All rows that are left. The result is exhausted then: fetching again gives nothing.
   *
   * @throws {ResourceClosedError} if the result is closed, or its statement returns no rows
   */
  all(): Array<Item>
  /** The next rows, at most `size` of them (default: all that are left); none when the result is exhausted. */
  fetchMany(size?: number): Array<Item>
  /** The rows that are left in groups of `size`, the last of which may be smaller. */
  partitions(size: number): Iterable<Array<Item>>
  /** The first row, or null if there is none; closes the result. */
  first(): Item | null
  /** The only row. Closes the result. Gives `NoResultFound` or `MultipleResultsFound` if there is not exactly one. */
  one(): Checked<S, Item, NoResultFound | MultipleResultsFound>
  /** The only row, or null if there is none. Closes the result. Gives `MultipleResultsFound` if there are several. */
  oneOrNone(): Checked<S, Item | null, MultipleResultsFound>
  /** True once the result was closed, by {@link close} or by a method that says that it closes. */
  readonly closed: boolean
  /** Frees the rows. Fetching afterwards throws `ResourceClosedError`. Closing twice is harmless. */
  close(): void
}

/** Single values: one column of a result. */
export interface ScalarResult<out Value, S extends ResultStyle> extends Fetch<Value, S> {
  /** Leaves out values seen before; sameness is that of {@link Result.unique}. */
  unique(by?: (value: Value) => unknown): ScalarResult<Value, S>
  /** The same as {@link all}. */
  fetchAll(): Array<Value>
}

/** Rows as plain objects without the class of an entity, or as arrays of values in the order of the keys. */
export interface RowResult<out Row, S extends ResultStyle> extends Fetch<Row, S> {
  /** Names of the columns in order. */
  readonly keys: ReadonlyArray<string>
  /** Leaves out rows seen before; sameness is that of {@link Result.unique}. */
  unique(by?: (row: Row) => unknown): RowResult<Row, S>
  /** The same as {@link all}. */
  fetchAll(): Array<Row>
  /** The next row, or null when the result is exhausted. */
  fetchOne(): Row | null
}

/**
 * The rows that a statement returned. Everything is in memory when you hold one: no method does I/O, all are synchronous, and
 * rows are consumed as they are fetched.
 *
 * `one`, `oneOrNone` and `scalarOne` may find the wrong number of rows. In the Effect style they give an `Either`, which
 * `yield*` and `Effect.flatMap` take; in the Promise style they throw.
 *
 * `Value` is what the first column holds. Where it is not told apart, it is any of the row's columns' types.
 *
 * @see SQLAlchemy `sqlalchemy.engine.Result`
 * @example
 * ```ts
 * import { type AsyncConnection, eq, integer, select, table, text } from "@offloop/orm-async"
 * import { Effect } from "effect"
 *
 * const users = table("users", { id: integer().primaryKey(), name: text() })
 * const nameOf = (conn: AsyncConnection, id: number) =>
 *   Effect.gen(function* () {
 *     const result = yield* conn.execute(select(users).where(eq(users.c.id, id)))
 *     return (yield* result.one()).name
 *   })
 * ```
 */
export interface Result<Row, S extends ResultStyle, out Value = Row[keyof Row]> extends RowResult<Row, S> {
  /** True where the statement returns rows, be it none; fetching throws `ResourceClosedError` where it does not. */
  readonly returnsRows: boolean
  /** Rows changed by INSERT, UPDATE or DELETE, rows returned by a query; -1 where the database does not say. */
  readonly rowCount: number
  /** The first column of the first row, or null if there is no row; closes the result. */
  scalar(): Value | null
  /** The first column of the only row. Closes the result. */
  scalarOne(): Checked<S, Value, NoResultFound | MultipleResultsFound>
  /** The first column of the only row, or null if there is none. Closes the result. */
  scalarOneOrNone(): Checked<S, Value | null, MultipleResultsFound>
  /** The rows that are left as the values of one column, by default the first. */
  scalars(): ScalarResult<Value, S>
  /** @throws {ArgumentError} if there is no column of that name */
  scalars<Key extends keyof Row & string>(key: Key): ScalarResult<Row[Key], S>
  /** The rows that are left as plain objects by column name. */
  mappings(): RowResult<Readonly<Record<keyof Row & string, Row[keyof Row]>>, S>
  /** The rows that are left as arrays of values in the order of {@link keys}. */
  tuples(): RowResult<ReadonlyArray<Row[keyof Row]>, S>
  /**
   * Leaves out rows seen before.
   *
   * @param by what makes rows the same (default: the values of all columns; bytes, dates and nested objects count by
   *   what they hold, entities by identity)
   */
  unique(by?: (row: Row) => unknown): Result<Row, S, Value>
  /** Takes the rows that are left into a function that gives a fresh result of them whenever it is called. */
  freeze(): () => Result<Row, S, Value>
}
