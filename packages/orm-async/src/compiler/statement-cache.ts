import type { Dialect } from "../dialect/dialect.ts"
import { ArgumentError } from "../errors/usage-errors.ts"
import type { Template } from "./template.ts"

/** A cache's size and counters. */
export interface CacheStatistics {
  readonly size: number
  readonly capacity: number
  readonly hits: number
  readonly misses: number
}

/** A compiled statement of a {@link StatementCache}. */
export class CacheEntry {
  readonly template: Template
  readonly dialect: Dialect
  /** The cache's generation that the entry is in; undefined once it was dropped. */
  generation: object | undefined
  /** It was found since the cache looked last for something to drop. */
  used = false

  constructor(template: Template, dialect: Dialect, generation: object | undefined) {
    this.template = template
    this.dialect = dialect
    this.generation = generation
  }
}

/**
 * Compiled statements by shape, those used lately kept. An engine owns one; statements of equal shape share an entry
 * whatever their values. A statement that is compiled again brings its entry with it, so that its shape is not needed.
 *
 * @see SQLAlchemy "SQL Compilation Caching"
 */
export class StatementCache {
  readonly #entries = new Map<string, CacheEntry>()
  readonly #capacity: number
  /** Dialects in the order in which they came; an engine has one, whose keys need no prefix. */
  readonly #dialects: Array<Dialect> = []
  #generation = {}
  #hits = 0
  #misses = 0

  /** @param capacity most statements kept; 0 keeps none */
  constructor(capacity = 500) {
    if (!Number.isInteger(capacity) || capacity < 0) {
      throw new ArgumentError({ message: `queryCacheSize must be an integer of at least 0; got ${capacity}` })
    }
    this.#capacity = capacity
  }

  /** Tells if an entry is in this cache, for the dialect, and counts a hit if so. */
  holds(entry: CacheEntry, dialect: Dialect): boolean {
    if (entry.generation !== this.#generation || entry.dialect !== dialect) return false
    this.#hits++
    entry.used = true
    return true
  }

  /** The entry of a shape, compiled if it is not there. */
  get(dialect: Dialect, shape: string, compile: () => Template): CacheEntry {
    const key = this.#keyOf(dialect, shape)
    const known = this.#entries.get(key)
    if (known !== undefined) {
      this.#hits++
      known.used = true
      return known
    }
    this.#misses++
    const template = compile()
    if (this.#capacity === 0) return new CacheEntry(template, dialect, undefined)
    if (this.#entries.size === this.#capacity) this.#dropOne()
    const entry = new CacheEntry(template, dialect, this.#generation)
    this.#entries.set(key, entry)
    return entry
  }

  /** Forgets every statement; the counters go on. */
  clear(): void {
    this.#entries.clear()
    this.#generation = {}
  }

  get statistics(): CacheStatistics {
    return { size: this.#entries.size, capacity: this.#capacity, hits: this.#hits, misses: this.#misses }
  }

  #keyOf(dialect: Dialect, shape: string): string {
    if (dialect === this.#dialects[0]) return shape
    let index = this.#dialects.indexOf(dialect)
    if (index < 0) index = this.#dialects.push(dialect) - 1
    return index === 0 ? shape : `${index} ${shape}`
  }

  /** Drops the oldest entry that was not used since this came by last: those that were get a second chance. */
  #dropOne(): void {
    for (const [key, entry] of this.#entries) {
      this.#entries.delete(key)
      if (!entry.used) {
        entry.generation = undefined
        return
      }
      entry.used = false
      this.#entries.set(key, entry)
    }
  }
}
