import type { CustomTypeDefinition } from "./custom-type.ts"

/** The JavaScript type of the values of a {@link SqlType} or of an expression; exists for the compiler only. */
export declare const valueType: unique symbol

/** The kinds of type that a dialect must know. */
export type SqlTypeKind =
  | "integer"
  | "smallint"
  | "bigint"
  | "real"
  | "doublePrecision"
  | "numeric"
  | "text"
  | "varchar"
  | "boolean"
  | "timestamp"
  | "date"
  | "time"
  | "json"
  | "blob"
  | "uuid"
  | "enum"
  | "custom"
  /** Nothing is known of the values: they pass unchanged. */
  | "unknown"

/** Arguments that tell two types of one kind apart. */
export interface SqlTypeArguments {
  /** `varchar`: most characters. */
  readonly length?: number | undefined
  /** `numeric`: digits in all. */
  readonly precision?: number | undefined
  /** `numeric`: digits after the point. */
  readonly scale?: number | undefined
  /** `numeric`: values may have more digits, because they are compared or calculated and not stored. */
  readonly loose?: boolean | undefined
  /** `integer`: a value that takes more than 32 bits. */
  readonly wide?: boolean | undefined
  /** `enum`: the values. */
  readonly values?: ReadonlyArray<string> | undefined
  /** `custom`: how the type is stored. */
  readonly custom?: CustomTypeDefinition<unknown> | undefined
}

let customTypes = 0

const shapeOf = (kind: SqlTypeKind, args: SqlTypeArguments): string => {
  if (kind === "varchar") return `varchar(${args.length ?? ""})`
  if (kind === "numeric") return `numeric(${args.precision ?? ""},${args.scale ?? ""}${args.loose ? "~" : ""})`
  if (kind === "enum") return `enum${JSON.stringify(args.values)}`
  if (kind === "custom") return `custom${++customTypes}`
  return args.wide === true ? `${kind}+` : kind
}

/**
 * A column's type, free of any dialect: what the values are in JavaScript. How they are stored is the dialect's.
 *
 * @see SQLAlchemy `sqlalchemy.types.TypeEngine`
 */
export class SqlType<out A> {
  declare readonly [valueType]: A
  readonly kind: SqlTypeKind
  readonly args: SqlTypeArguments
  /** Equal for types that compile, encode and decode alike. */
  readonly shape: string
  /** The shape of a value of the type. */
  readonly bindShape: string

  constructor(kind: SqlTypeKind, args: SqlTypeArguments = {}) {
    this.kind = kind
    this.args = args
    this.shape = shapeOf(kind, args)
    this.bindShape = `?${this.shape}`
  }
}

export const integerType: SqlType<number> = new SqlType("integer")
export const wideIntegerType: SqlType<number> = new SqlType("integer", { wide: true })
export const bigintType: SqlType<bigint> = new SqlType("bigint")
export const doubleType: SqlType<number> = new SqlType("doublePrecision")
export const textType: SqlType<string> = new SqlType("text")
export const booleanType: SqlType<boolean> = new SqlType("boolean")
export const timestampType: SqlType<Date> = new SqlType("timestamp")
export const blobType: SqlType<Uint8Array> = new SqlType("blob")
export const unknownType: SqlType<unknown> = new SqlType("unknown")

const looseTypes = new WeakMap<SqlType<unknown>, SqlType<unknown>>()

/** The type of values that are compared with a column: a decimal may have more digits than the column stores. */
export const comparisonType = (type: SqlType<unknown>): SqlType<unknown> => {
  if (type.kind !== "numeric" || type.args.loose === true) return type
  let loose = looseTypes.get(type)
  if (loose === undefined) {
    loose = new SqlType("numeric", { ...type.args, loose: true })
    looseTypes.set(type, loose)
  }
  return loose
}

/** The type of a decimal that the database has calculated. */
export const calculatedDecimal = (scale: number | undefined): SqlType<string> =>
  new SqlType("numeric", { precision: 15, scale, loose: true })
