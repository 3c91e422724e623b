import type { SqlTypeArguments } from "../types/sql-type.ts"
import { expected, ValueProblem } from "./value-problem.ts"

/** Checks that values are what their column's type says, before any dialect encodes them. Each throws `ValueProblem`. */

const checkSafeInteger = (value: unknown): number =>
  Number.isSafeInteger(value) ? (value as number) : expected("an integer of type number", value)

const integerOf =
  (bits: 16 | 32, larger: string) =>
  (value: unknown): number => {
    const checked = checkSafeInteger(value)
    const limit = 2 ** (bits - 1)
    if (checked >= -limit && checked < limit) return checked
    throw new ValueProblem(`the integer ${checked} does not fit in ${bits} bits; ${larger} takes larger ones`)
  }

const checkInt32 = integerOf(32, "bigint()")

/** The same on all databases, also where one could store more. */
export const checkInteger = ({ wide }: SqlTypeArguments): ((value: unknown) => number) =>
  wide === true ? checkSafeInteger : checkInt32

export const checkSmallint = integerOf(16, "integer()")

const least = -(2n ** 63n)
const most = 2n ** 63n - 1n

export const checkBigint = (value: unknown): bigint => {
  if (typeof value !== "bigint") return expected("a bigint", value)
  if (value < least || value > most) throw new ValueProblem(`the bigint ${value}n does not fit in 64 bits`)
  return value
}

export const checkNumber = (value: unknown): number => (typeof value === "number" ? value : expected("a number", value))

/** Half of a surrogate pair has no UTF-8 form: databases would store another character in its place. */
export const checkText = (value: unknown): string => {
  if (typeof value !== "string") return expected("a string", value)
  if (!value.isWellFormed())
    throw new ValueProblem("the string has half of a surrogate pair, which no database can store")
  return value
}

export const checkBoolean = (value: unknown): boolean =>
  typeof value === "boolean" ? value : expected("a boolean", value)

export const checkDate = (value: unknown): Date => {
  if (!(value instanceof Date)) return expected("a Date", value)
  const year = value.getUTCFullYear()
  if (Number.isNaN(year)) return expected("a valid Date", value)
  if (year < 1 || year > 9999) throw new ValueProblem(`the year ${year} is not between 1 and 9999`)
  return value
}

const dayPattern = /^(\d{4})-(\d{2})-(\d{2})$/

export const checkDay = (value: unknown): string => {
  if (typeof value !== "string") return expected('a day as a string, "YYYY-MM-DD"', value)
  const match = dayPattern.exec(value)
  const day = match === null ? undefined : new Date(`${value}T00:00:00Z`)
  if (day === undefined || Number.isNaN(day.getTime()) || day.toISOString().slice(0, 10) !== value || value < "0001") {
    throw new ValueProblem(`${JSON.stringify(value)} is not a day of the form "YYYY-MM-DD"`)
  }
  return value
}

const timePattern = /^([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,6})?$/

/** A time of day without zeros at the end of its fraction, so that equal times are equal texts. */
export const checkTime = (value: unknown): string => {
  if (typeof value !== "string") return expected('a time as a string, "HH:MM:SS"', value)
  if (!timePattern.test(value)) throw new ValueProblem(`${JSON.stringify(value)} is not a time of the form "HH:MM:SS"`)
  return value.includes(".") ? value.replace(/\.?0+$/, "") : value
}

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

export const checkUuid = (value: unknown): string => {
  if (typeof value !== "string") return expected("a UUID as a string", value)
  const lower = value.toLowerCase()
  if (!uuidPattern.test(lower)) throw new ValueProblem(`${JSON.stringify(value)} is not a UUID`)
  return lower
}

export const checkBytes = (value: unknown): Uint8Array =>
  value instanceof Uint8Array ? value : expected("a Uint8Array", value)

export const checkEnum = (values: ReadonlyArray<string>, value: unknown): string => {
  if (typeof value === "string" && values.includes(value)) return value
  const given = typeof value === "string" ? JSON.stringify(value) : undefined
  if (given === undefined) return expected(`one of ${values.join(", ")}`, value)
  throw new ValueProblem(`${given} is not one of ${values.join(", ")}`)
}

export const checkJson = (value: unknown): string => {
  let text: string | undefined
  try {
    text = JSON.stringify(value)
  } catch (cause) {
    throw new ValueProblem(`the value has no JSON form: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    })
  }
  return text ?? expected("a value with a JSON form", value)
}

const decimalPattern = /^([+-]?)0*(\d*)(?:\.(\d*))?$/

/** A decimal number's sign, digits before the point (none for zero) and after it. */
export interface Decimal {
  readonly negative: boolean
  readonly whole: string
  readonly fraction: string
}

const checkDecimal = (value: unknown): Decimal => {
  if (typeof value !== "string") return expected('a decimal number as a string, such as "12.50"', value)
  const match = decimalPattern.exec(value)
  const digits = value.replaceAll(/\D/g, "")
  if (match === null || digits === "")
    throw new ValueProblem(`${JSON.stringify(value)} is not a decimal number such as "12.50"`)
  const [, sign = "", whole = "", fraction = ""] = match
  return { negative: sign === "-" && /[1-9]/.test(digits), whole, fraction }
}

/** A decimal in its plain form, with at least so many digits after the point. */
export const decimalText = ({ negative, whole, fraction }: Decimal, scale = 0): string => {
  const digits = fraction.padEnd(scale, "0")
  return `${negative ? "-" : ""}${whole === "" ? "0" : whole}${digits === "" ? "" : `.${digits}`}`
}

/** A decimal without zeros at its end, in which equal decimals are equal texts. */
export const trimmed = (decimal: Decimal): Decimal => ({ ...decimal, fraction: decimal.fraction.replace(/0+$/, "") })

/** A decimal that a column of these digits holds exactly; a digit too many is refused, not rounded away. */
export const checkDecimalFits = (value: unknown, { precision, scale, loose }: SqlTypeArguments): Decimal => {
  const decimal = checkDecimal(value)
  if (loose === true || precision === undefined || scale === undefined) return decimal
  const { whole, fraction } = trimmed(decimal)
  if (fraction.length > scale || whole.length > precision - scale) {
    throw new ValueProblem(`${decimalText(decimal)} does not fit in numeric(${precision}, ${scale})`)
  }
  return { ...decimal, fraction }
}
