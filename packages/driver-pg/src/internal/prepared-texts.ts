const repeatable = /^\s*(?:select|insert|update|delete|merge|with|values|table)\b/i
const changesSchema = /^(?:CREATE|ALTER|DROP|DISCARD|SET|RESET)\b/

/**
 * Decides which statements are kept prepared on the server.
 *
 * postgres.js never gives a prepared statement up, so a program that builds ever new SQL would fill the server's memory.
 * Only so many are prepared; what comes later is parsed each time. When this connection has changed the schema, or where
 * names are looked up, all are prepared anew: within a transaction the server would refuse them.
 */
export class PreparedTexts {
  readonly #limit: number
  readonly #known = new Set<string>()
  #schemaChanged = false
  #suffix = ""

  constructor(limit: number) {
    this.#limit = limit
  }

  /** The text under which a statement is prepared; undefined if it is not to be. */
  textOf(sql: string): string | undefined {
    if (this.#limit === 0 || !repeatable.test(sql)) return undefined
    if (this.#schemaChanged && this.#known.size > 0) {
      // postgres.js goes by the text; another space makes it another statement.
      this.#suffix += " "
      this.#known.clear()
    }
    this.#schemaChanged = false
    if (!this.#known.has(sql)) {
      if (this.#known.size >= this.#limit) return undefined
      this.#known.add(sql)
    }
    return sql + this.#suffix
  }

  /** A statement succeeded; `command` is what the server called it. */
  ran(command: string): void {
    if (changesSchema.test(command)) this.#schemaChanged = true
  }
}
