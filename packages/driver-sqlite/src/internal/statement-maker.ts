import type { NativeDatabase, NativeStatement } from "./better-sqlite3.ts"

/** How many statements are prepared before the thread's event loop has to turn. */
const perTurn = 32

/** The library's part of a statement takes about this many bytes, and as many more for each character of SQL. */
const bytesOfStatement = 2048
const bytesOfCharacter = 100

/** A statement of the library, and memory that stands for what the garbage collector cannot see of it. */
export interface MadeStatement {
  readonly native: NativeStatement
  readonly weight: ArrayBuffer
}

/**
 * Prepares the statements of a connection, and sees to it that those which are dropped are freed.
 *
 * The library frees a statement when it is collected. To the collector it weighs nothing, so it would not come for it: each
 * is given a weight. What is collected is freed in a turn of the thread's event loop, which a worker that blocks does not
 * take by itself: it is told when.
 */
export class StatementMaker {
  readonly #database: NativeDatabase
  #sinceTurn = 0

  constructor(database: NativeDatabase) {
    this.#database = database
  }

  /** The event loop has to turn. */
  get needsTurn(): boolean {
    return this.#sinceTurn >= perTurn
  }

  /** Prepares a statement. */
  make(sql: string): MadeStatement {
    this.#sinceTurn++
    const native = this.#database.prepare(sql)
    return { native, weight: new ArrayBuffer(bytesOfStatement + sql.length * bytesOfCharacter) }
  }

  /** The event loop has turned. */
  turned(): void {
    this.#sinceTurn = 0
  }
}
