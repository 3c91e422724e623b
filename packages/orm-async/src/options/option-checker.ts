import { ArgumentError } from "../errors/usage-errors.ts"
import { isCount, shown } from "./check-options.ts"
import { type DurationInput, toMilliseconds } from "./duration.ts"

/** Checks the options of one function. Each method throws `ArgumentError` with the option's name where its value is wrong. */
export class OptionChecker {
  /** The function's name, for messages. */
  readonly place: string

  constructor(place: string) {
    this.place = place
  }

  error(text: string): ArgumentError {
    return new ArgumentError({ message: `${this.place}: ${text}` })
  }

  wrong(name: string, wanted: string, value: unknown): ArgumentError {
    return this.error(`${name} must be ${wanted}; got ${shown(value)}`)
  }

  oneOf<A extends string>(name: string, value: unknown, all: ReadonlyArray<A>): A | undefined {
    if (value === undefined || all.includes(value as A)) return value as A | undefined
    throw this.wrong(name, all.map((one) => `"${one}"`).join(" or "), value)
  }

  flag(name: string, value: unknown): boolean {
    if (value !== undefined && typeof value !== "boolean") throw this.wrong(name, "a boolean", value)
    return value ?? false
  }

  text(name: string, value: unknown): string | undefined {
    if (value === undefined || typeof value === "string") return value
    throw this.wrong(name, "a string", value)
  }

  count(name: string, value: unknown, byDefault: number): number {
    if (value === undefined) return byDefault
    if (!isCount(value)) throw this.wrong(name, "an integer of 0 or more", value)
    return value
  }

  milliseconds(name: string, value: DurationInput | undefined, byDefault: number): number {
    if (value === undefined) return byDefault
    const decoded = toMilliseconds(value)
    if (decoded !== undefined) return decoded
    throw this.wrong(name, 'a duration, such as "30 seconds" or a number of milliseconds of 0 or more', value)
  }
}
