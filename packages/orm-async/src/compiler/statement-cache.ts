import { ArgumentError } from "../errors/usage-errors.ts"
import type { Template } from "./template.ts"

/** A cache's size and counters. */
export interface CacheStatistics {
  readonly size: number
  readonly capacity: number
  readonly hits: number
  readonly misses: number
}

/**
 * Compiled statements by shape, those used last kept. An engine owns one; statements of equal shape share an entry
 * whatever their values.
 *
 * @see SQLAlchemy "SQL Compilation Caching"
 */
export class StatementCache {
  readonly #entries = new Map<string, Template>()
  readonly #capacity: number
  #newest: string | undefined
  #hits = 0
  #misses = 0

  /** @param capacity most statements kept; 0 keeps none */
  constructor(capacity = 500) {
    if (!Number.isInteger(capacity) || capacity < 0) {
      throw new ArgumentError({ message: `queryCacheSize must be an integer of at least 0; got ${capacity}` })
    }
    this.#capacity = capacity
  }

  /** The entry of a key, compiled if it is not there. */
  get(key: string, compile: () => Template): Template {
    const known = this.#entries.get(key)
    if (known !== undefined) {
      this.#hits++
      if (this.#newest !== key) this.#touch(key, known)
      return known
    }
    this.#misses++
    const template = compile()
    if (this.#capacity > 0) {
      this.#entries.set(key, template)
      this.#newest = key
      if (this.#entries.size > this.#capacity) this.#dropOldest()
    }
    return template
  }

  /** Forgets every statement; the counters go on. */
  clear(): void {
    this.#entries.clear()
    this.#newest = undefined
  }

  get statistics(): CacheStatistics {
    return { size: this.#entries.size, capacity: this.#capacity, hits: this.#hits, misses: this.#misses }
  }

  #touch(key: string, template: Template): void {
    this.#entries.delete(key)
    this.#entries.set(key, template)
    this.#newest = key
  }

  #dropOldest(): void {
    for (const oldest of this.#entries.keys()) {
      this.#entries.delete(oldest)
      return
    }
  }
}
