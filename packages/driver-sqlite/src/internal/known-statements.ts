import { type CachedStatement, StatementCache } from "./statement-cache.ts"

/** A statement that the worker has under a number, as the loop knows it. */
export interface KnownStatement extends CachedStatement {
  /** The number; a statement that was dropped leaves it to the next. */
  number: number
  /** Undefined until the worker has said it, which it is asked only for SQL of the program's own. */
  isReadonly: boolean | undefined
  /** It is a query or a change of rows, as far as the worker was asked. */
  isPlain: boolean
  columns: ReadonlyArray<string>
  /** The worker's count of how often they have changed; 0 before they are known. */
  columnsVersion: number
}

/** Longer texts are sent as they are, each time: the other side does not keep them. */
const longestText = 1024 * 1024

/**
 * The loop's side of a connection's prepared statements: it gives them their numbers, so that both sides know the same
 * ones.
 */
export class KnownStatements {
  readonly #cache: StatementCache<KnownStatement>
  readonly #define: (number: number, sql: string) => void
  #lastNumber = 0

  /** @param define tells the worker what a number stands for from now on */
  constructor(size: number, define: (number: number, sql: string) => void) {
    this.#cache = new StatementCache(size)
    this.#define = define
  }

  /** Finds a statement that has a number. */
  find(sql: string): KnownStatement | undefined {
    return this.#cache.get(sql)
  }

  /** Finds a statement or gives it a number; undefined where it has to be sent as text. */
  get(sql: string): KnownStatement | undefined {
    return this.#cache.get(sql) ?? this.#add(sql)
  }

  /** Like `get`, of statements that must all keep their numbers until `unpin`. */
  pinAll(texts: ReadonlyArray<string>): ReadonlyArray<KnownStatement | undefined> {
    return texts.map((sql) => {
      const statement = this.get(sql)
      if (statement !== undefined) statement.pinned = true
      return statement
    })
  }

  unpin(statements: ReadonlyArray<KnownStatement | undefined>): void {
    for (const statement of statements) if (statement !== undefined) statement.pinned = false
  }

  /** Forgets the columns of all statements: news of them may have been lost, and has to be told again. */
  forgetColumns(): void {
    for (const statement of this.#cache.values()) statement.columnsVersion = 0
  }

  #add(sql: string): KnownStatement | undefined {
    if (sql.length > longestText) return undefined
    const statement: KnownStatement = {
      used: false,
      pinned: false,
      number: 0,
      isReadonly: undefined,
      isPlain: false,
      columns: [],
      columnsVersion: 0,
    }
    const dropped = this.#cache.add(sql, statement)
    if (dropped === "full") return undefined
    statement.number = dropped?.number ?? ++this.#lastNumber
    this.#define(statement.number, sql)
    return statement
  }
}
