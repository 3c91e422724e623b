/** An entry of a {@link StatementCache}. */
export interface CachedStatement {
  /** It was asked for since the cache last looked for something to drop. */
  used: boolean
  /** It must not be dropped now. */
  pinned: boolean
}

/**
 * A bounded map of what is known of statements, by their SQL text. It drops what was not used for the longest time,
 * roughly: a text that is asked for is marked, which costs nothing, and one that is marked gets a second chance.
 */
export class StatementCache<V extends CachedStatement> {
  readonly #size: number
  readonly #statements = new Map<string, V>()

  constructor(size: number) {
    this.#size = size
  }

  get(sql: string): V | undefined {
    const known = this.#statements.get(sql)
    if (known !== undefined) known.used = true
    return known
  }

  /** Takes a statement in, and tells which one was dropped for it. Says `"full"` where it cannot be taken in. */
  add(sql: string, statement: V): V | "full" | undefined {
    if (this.#size === 0) return "full"
    const dropped = this.#statements.size < this.#size ? undefined : this.#drop()
    if (dropped !== "full") this.#statements.set(sql, statement)
    return dropped
  }

  /** All that it holds. */
  values(): Iterable<V> {
    return this.#statements.values()
  }

  #drop(): V | "full" {
    // Twice around: the first time may only take the marks away.
    let chances = 2 * this.#statements.size
    for (const [sql, statement] of this.#statements) {
      if (chances-- === 0) break
      this.#statements.delete(sql)
      if (!statement.used && !statement.pinned) return statement
      statement.used = false
      this.#statements.set(sql, statement)
    }
    return "full"
  }
}
