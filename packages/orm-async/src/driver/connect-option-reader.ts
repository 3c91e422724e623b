import { nearest } from "../errors/nearest.ts"

const shown = (value: unknown): string => (typeof value === "string" ? `"${value}"` : String(value))

const truths = new Map<unknown, boolean>([
  ...[true, 1, "1", "true", "on", "yes"].map((word) => [word, true] as const),
  ...[false, 0, "0", "false", "off", "no"].map((word) => [word, false] as const),
])

/**
 * Reads the options that a URL's query and `connectArgs` give a driver. Values come as text from a URL and as they are
 * from a program; an option that is left out has its fallback. Does no I/O.
 *
 * Each method throws a `RangeError` when the value is none of those that it takes, with a message that names the database,
 * the option, the value and what the option takes.
 *
 * @example
 * ```ts
 * import { ConnectOptionReader } from "@offloop/orm-async/driver"
 *
 * const options = new ConnectOptionReader("SQLite", { readonly: "1" }, ["readonly", "busy_timeout"])
 * options.boolean("readonly", false) // true
 * options.integer("busy_timeout", 0, 60_000, 5_000) // 5000
 * ```
 */
export class ConnectOptionReader {
  readonly #database: string
  readonly #options: Readonly<Record<string, unknown>>

  /**
   * @param database the database's name in messages
   * @param options what was given
   * @param known every name that may be given
   * @throws {RangeError} if an option is not known, or is given more than once
   */
  constructor(database: string, options: Readonly<Record<string, unknown>>, known: ReadonlyArray<string>) {
    this.#database = database
    this.#options = options
    for (const [name, value] of Object.entries(options)) {
      if (!known.includes(name)) {
        const meant = nearest(name, known)
        const hint = meant === undefined ? "" : `did you mean ${meant}? `
        throw new RangeError(
          `${database} has no option ${name}; ${hint}${hint === "" ? "the" : "The"} known ones are ${[...known].sort().join(", ")}`,
        )
      }
      if (Array.isArray(value)) {
        throw new RangeError(`${database} option ${name} is given more than once; give it once`)
      }
    }
  }

  /** Tells whether the option is given. */
  has(name: string): boolean {
    return Object.hasOwn(this.#options, name) && this.#options[name] !== undefined
  }

  /** One of some words, as they are written. */
  oneOf<Word extends string, Fallback>(name: string, words: ReadonlyArray<Word>, fallback: Fallback): Word | Fallback {
    if (!this.has(name)) return fallback
    const value = this.#options[name]
    const word = words.find((candidate) => candidate === value)
    return word ?? this.#refuse(name, value, words.join(", "))
  }

  /** True or false, also as 1 and 0, on and off, yes and no. */
  boolean(name: string, fallback: boolean): boolean {
    if (!this.has(name)) return fallback
    const value = this.#options[name]
    const truth = truths.get(typeof value === "string" ? value.toLowerCase() : value)
    return truth ?? this.#refuse(name, value, "true or false (also 1 and 0, on and off)")
  }

  /** A whole number within limits, both included. */
  integer(name: string, lowest: number, highest: number, fallback: number): number {
    if (!this.has(name)) return fallback
    const value = this.#options[name]
    const number = typeof value === "string" && /^-?\d+$/.test(value) ? Number(value) : value
    return typeof number === "number" && Number.isInteger(number) && number >= lowest && number <= highest
      ? number
      : this.#refuse(name, value, `a whole number from ${lowest} to ${highest}`)
  }

  /** Text without NUL characters. */
  text<Fallback>(name: string, fallback: Fallback): string | Fallback {
    if (!this.has(name)) return fallback
    const value = this.#options[name]
    return typeof value === "string" && !value.includes("\0")
      ? value
      : this.#refuse(name, value, "text without NUL characters")
  }

  /** Text without NUL characters, or a number or boolean, which is written as text. */
  setting<Fallback>(name: string, fallback: Fallback): string | Fallback {
    if (!this.has(name)) return fallback
    const value = this.#options[name]
    if (typeof value === "number" || typeof value === "boolean") return String(value)
    return typeof value === "string" && !value.includes("\0")
      ? value
      : this.#refuse(name, value, "text without NUL characters, a number or a boolean")
  }

  #refuse(name: string, value: unknown, takes: string): never {
    throw new RangeError(`${this.#database} option ${name} is ${shown(value)}; it takes ${takes}`)
  }
}
