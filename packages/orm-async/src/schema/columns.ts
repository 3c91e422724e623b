import { ArgumentError } from "../errors/usage-errors.ts"
import type { CustomTypeDefinition } from "../types/custom-type.ts"
import {
  bigintType,
  blobType,
  booleanType,
  doubleType,
  integerType,
  SqlType,
  textType,
  timestampType,
} from "../types/sql-type.ts"
import { ColumnBuilder, specOf } from "./column-builder.ts"

const smallintType: SqlType<number> = new SqlType("smallint")
const realType: SqlType<number> = new SqlType("real")
const dateType: SqlType<string> = new SqlType("date")
const timeType: SqlType<string> = new SqlType("time")
const jsonType: SqlType<unknown> = new SqlType("json")
const uuidType: SqlType<string> = new SqlType("uuid")

const positive = (what: string, value: number, least: number): void => {
  if (!Number.isInteger(value) || value < least) {
    throw new ArgumentError({ message: `${what} must be an integer of at least ${least}; got ${value}` })
  }
}

/**
 * A `number` without a fraction. PostgreSQL INTEGER (32 bits), SQLite INTEGER. A stored value beyond what a JavaScript
 * number holds exactly gives a `StatementError`; use {@link bigint} for those.
 *
 * @see SQLAlchemy `sqlalchemy.types.Integer`
 */
export const integer = (name?: string): ColumnBuilder<number, false, true> =>
  new ColumnBuilder(specOf(name, integerType))

/**
 * A `number` without a fraction, of 16 bits where the database has them.
 *
 * @see SQLAlchemy `sqlalchemy.types.SmallInteger`
 */
export const smallint = (name?: string): ColumnBuilder<number, false, true> =>
  new ColumnBuilder(specOf(name, smallintType))

/**
 * A `bigint` of 64 bits. A result with such a column reads all of its integers as `bigint` from the driver; those of
 * the other columns are made numbers again.
 *
 * @see SQLAlchemy `sqlalchemy.types.BigInteger`
 */
export const bigint = (name?: string): ColumnBuilder<bigint, false, true> => new ColumnBuilder(specOf(name, bigintType))

/**
 * A `number` of single precision on PostgreSQL, of double precision on SQLite.
 *
 * @see SQLAlchemy `sqlalchemy.types.REAL`
 */
export const real = (name?: string): ColumnBuilder<number> => new ColumnBuilder(specOf(name, realType))

/**
 * A `number` of double precision.
 *
 * @see SQLAlchemy `sqlalchemy.types.Double`
 */
export const doublePrecision = (name?: string): ColumnBuilder<number> => new ColumnBuilder(specOf(name, doubleType))

/**
 * A decimal number, exact, as a `string`: `"12.50"`. A value with more digits than the column has is refused instead of
 * rounded.
 *
 * SQLite has no decimals. Up to 15 digits in all are exact in its numbers, which compare, sort and add by value. With
 * more digits, or without a precision, the column is kept as text: exact still, but compared and sorted as text.
 *
 * @see SQLAlchemy `sqlalchemy.types.Numeric`
 */
export function numeric(precision?: number, scale?: number): ColumnBuilder<string>
export function numeric(name: string, precision?: number, scale?: number): ColumnBuilder<string>
export function numeric(first?: string | number, second?: number, third?: number): ColumnBuilder<string> {
  const [name, precision, scale] = typeof first === "string" ? [first, second, third] : [undefined, first, second]
  if (precision !== undefined) positive("The precision of numeric()", precision, 1)
  if (scale !== undefined) positive("The scale of numeric()", scale, 0)
  if (precision !== undefined && scale !== undefined && scale > precision) {
    throw new ArgumentError({ message: `numeric(${precision}, ${scale}) has more digits after the point than in all` })
  }
  return new ColumnBuilder(
    specOf(name, new SqlType("numeric", { precision, scale: precision === undefined ? undefined : (scale ?? 0) })),
  )
}

/**
 * A `string` of any length.
 *
 * @see SQLAlchemy `sqlalchemy.types.Text`
 */
export const text = (name?: string): ColumnBuilder<string> => new ColumnBuilder(specOf(name, textType))

/**
 * A `string` of at most `length` characters. PostgreSQL checks the length, SQLite does not.
 *
 * @see SQLAlchemy `sqlalchemy.types.String`
 */
export function varchar(length?: number): ColumnBuilder<string>
export function varchar(name: string, length?: number): ColumnBuilder<string>
export function varchar(first?: string | number, second?: number): ColumnBuilder<string> {
  const [name, length] = typeof first === "string" ? [first, second] : [undefined, first]
  if (length !== undefined) positive("The length of varchar()", length, 1)
  return new ColumnBuilder(specOf(name, new SqlType("varchar", { length })))
}

/**
 * A `boolean`. SQLite stores 0 and 1.
 *
 * @see SQLAlchemy `sqlalchemy.types.Boolean`
 */
export const boolean = (name?: string): ColumnBuilder<boolean> => new ColumnBuilder(specOf(name, booleanType))

/**
 * A moment as a `Date`, to the millisecond. PostgreSQL stores TIMESTAMP WITH TIME ZONE; SQLite stores the UTC text
 * `YYYY-MM-DD HH:MM:SS.sss`, which sorts by time and which its own date functions understand.
 *
 * @see SQLAlchemy `sqlalchemy.types.DateTime`
 */
export const timestamp = (name?: string): ColumnBuilder<Date> => new ColumnBuilder(specOf(name, timestampType))

/**
 * A day without time or zone, as the `string` `YYYY-MM-DD`: a `Date` is a moment, and is another day elsewhere.
 *
 * @see SQLAlchemy `sqlalchemy.types.Date`
 */
export const date = (name?: string): ColumnBuilder<string> => new ColumnBuilder(specOf(name, dateType))

/**
 * A time of day without zone, as the `string` `HH:MM:SS` with up to six digits of a fraction.
 *
 * @see SQLAlchemy `sqlalchemy.types.Time`
 */
export const time = (name?: string): ColumnBuilder<string> => new ColumnBuilder(specOf(name, timeType))

/**
 * Any JSON value: `json<{ tags: string[] }>()`. JSONB on PostgreSQL, text on SQLite. `null` is SQL's NULL; the JSON
 * value `null` exists inside of objects and arrays only.
 *
 * @see SQLAlchemy `sqlalchemy.types.JSON`
 */
export const json = <A = unknown>(name?: string): ColumnBuilder<A> => new ColumnBuilder(specOf(name, jsonType))

/**
 * Bytes, as `Uint8Array`. BYTEA on PostgreSQL, BLOB on SQLite.
 *
 * @see SQLAlchemy `sqlalchemy.types.LargeBinary`
 */
export const blob = (name?: string): ColumnBuilder<Uint8Array> => new ColumnBuilder(specOf(name, blobType))

/**
 * A UUID as a `string` in lower case with hyphens. UUID on PostgreSQL, text on SQLite.
 *
 * @see SQLAlchemy `sqlalchemy.types.Uuid`
 */
export const uuid = (name?: string): ColumnBuilder<string> => new ColumnBuilder(specOf(name, uuidType))

/**
 * One of some strings, stored as text with a CHECK constraint: `enumOf(["open", "done"])`.
 *
 * @see SQLAlchemy `sqlalchemy.types.Enum` with `native_enum=False`
 */
export function enumOf<const V extends string>(values: readonly [V, ...ReadonlyArray<V>]): ColumnBuilder<V>
export function enumOf<const V extends string>(
  name: string,
  values: readonly [V, ...ReadonlyArray<V>],
): ColumnBuilder<V>
export function enumOf(first: string | ReadonlyArray<string>, second?: ReadonlyArray<string>): ColumnBuilder<string> {
  const [name, values] = typeof first === "string" ? [first, second ?? []] : [undefined, first]
  if (values.length === 0) throw new ArgumentError({ message: "enumOf() needs at least one value" })
  if (new Set(values).size !== values.length) {
    throw new ArgumentError({ message: `enumOf() has a value twice: ${values.join(", ")}` })
  }
  return new ColumnBuilder(specOf(name, new SqlType("enum", { values })))
}

/**
 * A type of your own, stored as one that the database has.
 *
 * @example
 * ```ts
 * import { customType, integer, table } from "@offloop/orm-async"
 *
 * const duration = customType<{ readonly seconds: number }>({
 *   sqlType: { default: "INTEGER" },
 *   encode: (value) => value.seconds,
 *   decode: (stored) => ({ seconds: Number(stored) }),
 * })
 * const runs = table("runs", { id: integer().primaryKey(), took: duration() })
 * ```
 * @see SQLAlchemy `sqlalchemy.types.TypeDecorator`
 */
export const customType = <A>(definition: CustomTypeDefinition<A>): ((name?: string) => ColumnBuilder<A>) => {
  const type: SqlType<A> = new SqlType("custom", { custom: definition as CustomTypeDefinition<unknown> })
  return (name) => new ColumnBuilder(specOf(name, type))
}
