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
} from "./check-value.ts"
import { customCodec } from "./custom-codec.ts"
import {
  decodeBigint,
  decodeBoolean,
  decodeBytes,
  decodeDay,
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

/** PostgreSQL stores no NUL in text. */
const encodeText = (value: unknown): string => {
  const text = checkText(value)
  if (text.includes("\0")) throw new ValueProblem("PostgreSQL cannot store the character U+0000 in text")
  return text
}

const encodeTimestamp = (value: unknown): string => checkDate(value).toISOString()

const encodeAny = encodeUnknown(encodeTimestamp, checkBoolean)

const encodeJson = (value: unknown): string => {
  const text = checkJson(value)
  if (text.includes("\\u0000")) throw new ValueProblem("PostgreSQL cannot store the character U+0000 in JSONB")
  return text
}

const numericType = ({ args }: SqlType<unknown>): DialectType =>
  plain(
    args.precision === undefined || args.loose === true ? "NUMERIC" : `NUMERIC(${args.precision}, ${args.scale})`,
    (value) => decimalText(checkDecimalFits(value, args), args.scale),
    (cell) => decodeDecimal(cell, args.scale),
    "string",
  )

/**
 * PostgreSQL's form of a type. Cells may come in the driver's own JavaScript type or as text, but JSON always comes
 * as text: a driver that parses it would leave the JSON string `"1"` and the number `1` undistinguished.
 */
export const postgresqlType = (type: SqlType<unknown>): DialectType => {
  switch (type.kind) {
    case "integer":
      return plain(type.args.wide === true ? "BIGINT" : "INTEGER", checkInteger(type.args), decodeInteger, "integer")
    case "smallint":
      return plain("SMALLINT", checkSmallint, decodeInteger, "integer")
    case "bigint":
      return { ...plain("BIGINT", checkBigint, decodeBigint), bigints: true }
    case "real":
      return plain("REAL", checkNumber, decodeNumber, "number")
    case "doublePrecision":
      return plain("DOUBLE PRECISION", checkNumber, decodeNumber, "number")
    case "numeric":
      return numericType(type)
    case "text":
      return plain("TEXT", encodeText)
    case "varchar":
      return plain(type.args.length === undefined ? "VARCHAR" : `VARCHAR(${type.args.length})`, encodeText)
    case "boolean":
      return plain("BOOLEAN", checkBoolean, decodeBoolean)
    case "timestamp":
      return plain("TIMESTAMP WITH TIME ZONE", encodeTimestamp, decodeTimestamp)
    case "date":
      return plain("DATE", checkDay, decodeDay, "string")
    case "time":
      return plain("TIME", checkTime)
    case "json":
      return { ...plain("JSONB", encodeJson, decodeJson), bindAs: (placeholder) => `${placeholder}::text::jsonb` }
    case "blob":
      return plain("BYTEA", checkBytes, decodeBytes)
    case "uuid":
      return plain("UUID", checkUuid)
    case "enum":
      return plain("TEXT", (value) => checkEnum(type.args.values ?? [], value))
    case "custom":
      if (type.args.custom === undefined) throw new TypeError("a custom type without its definition")
      return { ...plain("", (value) => value), ...customCodec(type.args.custom, "postgresql", encodeAny) }
    case "unknown":
      return plain("", encodeAny, decodeUnknown)
  }
}
