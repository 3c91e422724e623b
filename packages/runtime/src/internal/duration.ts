/** Reads the durations that Effect takes, without Effect. */
import type { Duration } from "effect/Duration"

const second = 1000
const millisOf: Readonly<Record<string, number>> = {
  nano: 1e-6,
  micro: 1e-3,
  milli: 1,
  second,
  minute: 60 * second,
  hour: 3600 * second,
  day: 24 * 3600 * second,
  week: 7 * 24 * 3600 * second,
}
const text = /^(-?\d+(?:\.\d+)?)\s+(nano|micro|milli|second|minute|hour|day|week)s?$/

/**
 * The milliseconds of a duration: a number of milliseconds, a bigint of nanoseconds, `[seconds, nanoseconds]`, text such as
 * `"30 seconds"`, or a `Duration` of Effect. What is below 0 is 0, as in Effect. `undefined` for anything else, NaN included.
 */
export const toMillis = (input: unknown): number | undefined => {
  const millis = signedMillis(input)
  return millis === undefined || Number.isNaN(millis) ? undefined : Math.max(0, millis)
}

const signedMillis = (input: unknown): number | undefined => {
  switch (typeof input) {
    case "number":
      return input
    case "bigint":
      return Number(input) / 1e6
    case "string": {
      const [, amount, unit = ""] = text.exec(input) ?? []
      return amount === undefined ? undefined : Number(amount) * (millisOf[unit] as number)
    }
    case "object":
      if (Array.isArray(input)) return ofPair(input)
      return input === null ? undefined : ofDuration(input as Partial<Duration>)
    default:
      return undefined
  }
}

const ofPair = (pair: ReadonlyArray<unknown>): number | undefined => {
  const [seconds, nanos] = pair
  if (pair.length !== 2 || typeof seconds !== "number" || typeof nanos !== "number") return undefined
  return seconds * 1e3 + nanos / 1e6
}

const ofDuration = ({ value }: Partial<Duration>): number | undefined => {
  switch (value?._tag) {
    case "Millis":
      return value.millis
    case "Nanos":
      return Number(value.nanos) / 1e6
    case "Infinity":
      return Number.POSITIVE_INFINITY
    default:
      return undefined
  }
}
