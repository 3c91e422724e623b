import { expected, kindOf, ValueProblem } from "./value-problem.ts"

/** Reads cells in any of the forms in which drivers give them. None of these sees NULL; each throws `ValueProblem`. */

const notExact = (value: number | bigint): never => {
  throw new ValueProblem(`${value} is beyond what a number holds exactly; declare the column as bigint()`)
}

export const decodeInteger = (cell: unknown): number => {
  if (typeof cell === "number") {
    if (Number.isSafeInteger(cell)) return cell
    return Number.isInteger(cell) ? notExact(cell) : expected("an integer", cell)
  }
  if (typeof cell === "bigint") {
    return cell >= Number.MIN_SAFE_INTEGER && cell <= Number.MAX_SAFE_INTEGER ? Number(cell) : notExact(cell)
  }
  if (typeof cell === "string" && /^-?\d+(\.0+)?$/.test(cell)) return decodeInteger(BigInt(cell.split(".")[0]!))
  return expected("an integer", cell)
}

export const decodeBigint = (cell: unknown): bigint => {
  if (typeof cell === "bigint") return cell
  if (typeof cell === "number") return BigInt(decodeInteger(cell))
  if (typeof cell === "string" && /^-?\d+(\.0+)?$/.test(cell)) return BigInt(cell.split(".")[0]!)
  return expected("an integer", cell)
}

export const decodeNumber = (cell: unknown): number => {
  if (typeof cell === "number") return cell
  if (typeof cell === "bigint") return decodeInteger(cell)
  const number = typeof cell === "string" && cell.trim() !== "" ? Number(cell) : Number.NaN
  if (Number.isNaN(number) && cell !== "NaN") return expected("a number", cell)
  return number
}

export const decodeBoolean = (cell: unknown): boolean => {
  if (typeof cell === "boolean") return cell
  if (cell === 0 || cell === 0n || cell === "f" || cell === "false") return false
  if (cell === 1 || cell === 1n || cell === "t" || cell === "true") return true
  throw new ValueProblem(`expected a boolean, got ${kindOf(cell)}`)
}

const timestampPattern = /^(\d{4,}-\d\d-\d\d)(?:[ T](\d\d:\d\d(?::\d\d)?)(?:[.,](\d+))?)?\s?(Z|[+-]\d\d(?::?\d\d)?)?$/

/** The number in decimal digits at a position; NaN where another character stands there. */
const digitsAt = (text: string, start: number, length: number): number => {
  let number = 0
  for (let i = start; i < start + length; i++) {
    const digit = text.charCodeAt(i) - 48
    if (!(digit >= 0 && digit <= 9)) return Number.NaN
    number = number * 10 + digit
  }
  return number
}

/**
 * Reads `2026-01-02 03:04:05.678` without a regular expression, as every timestamp is that SQLite got from here. Leaves
 * all other forms to the pattern, and days that not every month has.
 */
const plainTimestamp = (text: string): Date | undefined => {
  if (text.length !== 23 || text[4] !== "-" || text[7] !== "-" || text[10] !== " ") return undefined
  if (text[13] !== ":" || text[16] !== ":" || text[19] !== ".") return undefined
  const [year, month, day] = [digitsAt(text, 0, 4), digitsAt(text, 5, 2), digitsAt(text, 8, 2)]
  const [hour, minute, second] = [digitsAt(text, 11, 2), digitsAt(text, 14, 2), digitsAt(text, 17, 2)]
  if (!(year >= 100 && month >= 1 && month <= 12 && day >= 1 && day <= 28)) return undefined
  if (!(hour <= 23 && minute <= 59 && second <= 59)) return undefined
  const moment = Date.UTC(year, month - 1, day, hour, minute, second, digitsAt(text, 20, 3))
  return Number.isNaN(moment) ? undefined : new Date(moment)
}

/** A moment; without a zone it is in UTC. Digits beyond the millisecond, which a Date cannot hold, are cut. */
export const decodeTimestamp = (cell: unknown): Date => {
  if (typeof cell === "string") {
    const plain = plainTimestamp(cell)
    if (plain !== undefined) return plain
  }
  if (cell instanceof Date) return Number.isNaN(cell.getTime()) ? expected("a valid moment", cell) : cell
  if (typeof cell !== "string") return expected("a moment", cell)
  const match = timestampPattern.exec(cell)
  if (match !== null) {
    const [, day, time = "00:00:00", fraction = "", zone = "Z"] = match
    const seconds = time.length === 5 ? `${time}:00` : time
    const offset = zone.length === 3 ? `${zone}:00` : zone.length === 5 ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone
    const moment = new Date(`${day}T${seconds}.${fraction.slice(0, 3).padEnd(3, "0")}${offset}`)
    if (!Number.isNaN(moment.getTime())) return moment
  }
  throw new ValueProblem(`${JSON.stringify(cell)} is not a moment that a Date can hold`)
}

export const decodeDay = (cell: unknown): string => {
  if (cell instanceof Date) return decodeTimestamp(cell).toISOString().slice(0, 10)
  return typeof cell === "string" ? cell : expected("a day", cell)
}

export const decodeJson = (cell: unknown): unknown => {
  if (typeof cell !== "string") return cell
  try {
    return JSON.parse(cell)
  } catch (cause) {
    throw new ValueProblem("the stored text is not JSON", { cause })
  }
}

export const decodeBytes = (cell: unknown): Uint8Array => {
  if (cell instanceof Uint8Array) {
    return cell.constructor === Uint8Array ? cell : new Uint8Array(cell.buffer, cell.byteOffset, cell.byteLength)
  }
  if (cell instanceof ArrayBuffer) return new Uint8Array(cell)
  if (typeof cell === "string" && /^\\x([0-9a-f]{2})*$/i.test(cell)) {
    const bytes = new Uint8Array((cell.length - 2) / 2)
    for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(cell.slice(2 + i * 2, 4 + i * 2), 16)
    return bytes
  }
  return expected("bytes", cell)
}

/** Digits of a number without an exponent, so that `1e21` reads as a decimal. */
const plainDigits = (number: number): string => {
  const text = String(number)
  const match = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(text)
  if (match === null) return text
  const [, sign = "", first = "", rest = "", exponent = "0"] = match
  const shift = Number(exponent)
  const digits = first + rest
  if (shift < 0) return `${sign}0.${"0".repeat(-shift - 1)}${digits}`
  return `${sign}${digits.padEnd(shift + 1, "0")}`
}

export const decodeDecimal = (cell: unknown, scale: number | undefined): string => {
  if (typeof cell === "string") return cell
  if (typeof cell === "bigint") return scale ? `${cell}.${"0".repeat(scale)}` : String(cell)
  if (typeof cell !== "number" || !Number.isFinite(cell)) return expected("a decimal number", cell)
  return scale === undefined || Math.abs(cell) >= 1e21 ? plainDigits(cell) : cell.toFixed(scale)
}

/** Where nothing is known of the type: integers that fit become numbers, all else stays. */
export const decodeUnknown = (cell: unknown): unknown =>
  typeof cell === "bigint" && cell >= Number.MIN_SAFE_INTEGER && cell <= Number.MAX_SAFE_INTEGER ? Number(cell) : cell
