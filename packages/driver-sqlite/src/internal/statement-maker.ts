import type { NativeDatabase, NativeStatement } from "./better-sqlite3.ts"

/** The library's part of a statement takes about this many bytes, and as many more for each character of SQL. */
const bytesOfStatement = 2048
const bytesOfCharacter = 100
/** A statement weighs no more than this, in bytes. */
const mostBytes = 4 * 1024 * 1024

/** A statement of the library, and memory that stands for what the garbage collector cannot see of it. */
export interface MadeStatement {
  readonly native: NativeStatement
  readonly weight: ArrayBuffer
}

/**
 * Prepares the statements of a connection.
 *
 * The library frees a statement when it is collected. To the collector it weighs next to nothing, so that it would let many
 * lie before it comes: each is given a weight.
 */
export class StatementMaker {
  readonly #database: NativeDatabase

  constructor(database: NativeDatabase) {
    this.#database = database
  }

  /** Prepares a statement. */
  make(sql: string): MadeStatement {
    const native = this.#database.prepare(sql)
    return { native, weight: new ArrayBuffer(Math.min(mostBytes, bytesOfStatement + sql.length * bytesOfCharacter)) }
  }
}
