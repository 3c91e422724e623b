/** A unit of time in a {@link DurationInput}. */
export type DurationUnit =
  | "nano"
  | "nanos"
  | "micro"
  | "micros"
  | "milli"
  | "millis"
  | "second"
  | "seconds"
  | "minute"
  | "minutes"
  | "hour"
  | "hours"
  | "day"
  | "days"
  | "week"
  | "weeks"

/**
 * A duration: a number of milliseconds, a text such as `"5 seconds"`, a number of nanoseconds as a `bigint`, seconds and
 * nanoseconds as a pair, or a `Duration` of Effect.
 */
export type DurationInput =
  | number
  | bigint
  | readonly [seconds: number, nanos: number]
  | `${number} ${DurationUnit}`
  | DurationValue

/** A `Duration` of Effect, as far as it is read here. */
export interface DurationValue {
  readonly value:
    | { readonly _tag: "Millis"; readonly millis: number }
    | { readonly _tag: "Nanos"; readonly nanos: bigint }
    | { readonly _tag: "Infinity" }
}

const millisecondsOf: Readonly<Record<string, number>> = {
  nano: 1e-6,
  micro: 1e-3,
  milli: 1,
  second: 1_000,
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
  week: 604_800_000,
}

const fromText = (text: string): number | undefined => {
  const [, amount, unit = ""] = /^(\d+(?:\.\d+)?) ([a-z]+?)s?$/.exec(text.trim()) ?? []
  const factor = Object.hasOwn(millisecondsOf, unit) ? millisecondsOf[unit] : undefined
  return amount === undefined || factor === undefined ? undefined : Number(amount) * factor
}

const fromObject = (value: object): number | undefined => {
  if (Array.isArray(value)) {
    const [seconds, nanos] = value as ReadonlyArray<unknown>
    const both = value.length === 2 && typeof seconds === "number" && typeof nanos === "number"
    return both ? seconds * 1_000 + nanos / 1e6 : undefined
  }
  const inner: unknown = "value" in value ? value.value : undefined
  if (typeof inner !== "object" || inner === null || !("_tag" in inner)) return undefined
  if (inner._tag === "Infinity") return Number.POSITIVE_INFINITY
  if ("millis" in inner && typeof inner.millis === "number") return inner.millis
  return "nanos" in inner && typeof inner.nanos === "bigint" ? Number(inner.nanos) / 1e6 : undefined
}

/** A duration in milliseconds, of 0 or more; undefined where the value is none. */
export const toMilliseconds = (value: unknown): number | undefined => {
  let milliseconds: number | undefined
  if (typeof value === "number") milliseconds = value
  else if (typeof value === "bigint") milliseconds = Number(value) / 1e6
  else if (typeof value === "string") milliseconds = fromText(value)
  else if (typeof value === "object" && value !== null) milliseconds = fromObject(value)
  return milliseconds !== undefined && milliseconds >= 0 ? milliseconds : undefined
}
