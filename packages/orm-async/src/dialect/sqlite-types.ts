import type { SqlType } from "../types/sql-type.ts"
import {
  checkBigint,
  checkBoolean,
  checkBytes,
  checkDate,
  checkDay,
  checkDecimalFits,
  checkEnum,
  checkInteger,
  checkJson,
  checkNumber,
  checkSmallint,
  checkText,
  checkTime,
  checkUuid,
  decimalText,
  trimmed,
} from "./check-value.ts"
import { customCodec } from "./custom-codec.ts"
import {
  decodeBigint,
  decodeBoolean,
  decodeBytes,
  decodeDecimal,
  decodeInteger,
  decodeJson,
  decodeNumber,
  decodeTimestamp,
  decodeUnknown,
} from "./decode-value.ts"
import type { DialectType } from "./dialect.ts"
import { encodeUnknown } from "./encode-unknown.ts"
import { ValueProblem } from "./value-problem.ts"

type Encode = DialectType["encode"]
type Decode = DialectType["decode"]

const plain = (
  ddl: string,
  encode: Encode,
  decode: Decode = undefined,
  unchanged: DialectType["unchanged"] = undefined,
): DialectType => ({
  ddl,
  castAs: undefined,
  encode,
  decode,
  unchanged,
  bindAs: undefined,
  bigints: false,
})

/** SQLite would store NaN as NULL. */
const encodeNumber = (value: unknown): number => {
  const number = checkNumber(value)
  if (Number.isNaN(number)) throw new ValueProblem("SQLite cannot store NaN")
  return number
}

const encodeBoolean = (value: unknown): number => (checkBoolean(value) ? 1 : 0)

/** `2026-01-02 03:04:05.678`, which sorts by time and compares with what SQLite's own date functions give. */
const encodeTimestamp = (value: unknown): string => {
  const iso = checkDate(value).toISOString()
  return `${iso.slice(0, 10)} ${iso.slice(11, 23)}`
}

const encodeAny = encodeUnknown(encodeTimestamp, encodeBoolean)

/** A double holds 15 decimal digits exactly; decimals of more digits are kept as text. */
const exactDigits = 15

/** Tells if SQLite stores this decimal type as a number, so that it compares and sorts by value. */
const isStoredAsNumber = (type: SqlType<unknown>): boolean =>
  type.args.precision !== undefined && type.args.precision <= exactDigits

const numericType = (type: SqlType<unknown>): DialectType => {
  const { precision, scale } = type.args
  const decode = (cell: unknown) => decodeDecimal(cell, scale)
  if (isStoredAsNumber(type)) {
    return plain(
      `NUMERIC(${precision}, ${scale ?? 0})`,
      (value) => Number(decimalText(checkDecimalFits(value, type.args))),
      decode,
    )
  }
  return plain("TEXT", (value) => decimalText(trimmed(checkDecimalFits(value, type.args)), scale), decode, "string")
}

/**
 * SQLite's form of a type. Integers are read as `bigint` where a column of the result needs it, so that every integer
 * type narrows.
 */
export const sqliteType = (type: SqlType<unknown>): DialectType => {
  switch (type.kind) {
    case "integer":
      return plain("INTEGER", checkInteger(type.args), decodeInteger, "integer")
    case "smallint":
      return plain("SMALLINT", checkSmallint, decodeInteger, "integer")
    case "bigint":
      return { ...plain("BIGINT", checkBigint, decodeBigint), bigints: true }
    case "real":
      return plain("REAL", encodeNumber, decodeNumber, "number")
    case "doublePrecision":
      return plain("DOUBLE PRECISION", encodeNumber, decodeNumber, "number")
    case "numeric":
      return numericType(type)
    case "text":
      return plain("TEXT", checkText)
    case "varchar":
      return plain(type.args.length === undefined ? "VARCHAR" : `VARCHAR(${type.args.length})`, checkText)
    case "boolean":
      return plain("BOOLEAN", encodeBoolean, decodeBoolean)
    case "timestamp":
      return { ...plain("TIMESTAMP", encodeTimestamp, decodeTimestamp), castAs: "TEXT" }
    case "date":
      return { ...plain("DATE", checkDay), castAs: "TEXT" }
    case "time":
      return { ...plain("TIME", checkTime), castAs: "TEXT" }
    case "json":
      return plain("TEXT", checkJson, decodeJson)
    case "blob":
      return plain("BLOB", checkBytes, decodeBytes)
    case "uuid":
      return plain("CHAR(36)", checkUuid)
    case "enum":
      return plain("TEXT", (value) => checkEnum(type.args.values ?? [], value))
    case "custom":
      if (type.args.custom === undefined) throw new TypeError("a custom type without its definition")
      return { ...plain("", (value) => value), ...customCodec(type.args.custom, "sqlite", encodeAny) }
    case "unknown":
      return plain("", encodeAny, decodeUnknown)
  }
}
