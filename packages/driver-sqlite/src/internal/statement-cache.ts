import type { NativeDatabase } from "./better-sqlite3.ts"
import { PreparedStatement } from "./prepared-statement.ts"

/** The prepared statements of one connection; the least recently used one goes first. */
export class StatementCache {
  readonly #database: NativeDatabase
  readonly #size: number
  readonly #statements = new Map<string, PreparedStatement>()

  constructor(database: NativeDatabase, size: number) {
    this.#database = database
    this.#size = size
  }

  get(sql: string): PreparedStatement {
    const known = this.#statements.get(sql)
    if (known !== undefined) {
      this.#statements.delete(sql)
      this.#statements.set(sql, known)
      return known
    }
    const statement = new PreparedStatement(this.#database.prepare(sql), sql)
    if (this.#size === 0) return statement
    if (this.#statements.size >= this.#size) {
      const oldest = this.#statements.keys().next()
      if (oldest.done !== true) this.#statements.delete(oldest.value)
    }
    this.#statements.set(sql, statement)
    return statement
  }
}
