import type { BeginOptions, Dialect } from "../dialect/dialect.ts"

/** A transaction, or a savepoint inside one. */
export class Level {
  /** Tells it from every other level of its connection. */
  readonly id: number
  /** The savepoint's name; undefined for the transaction itself. */
  readonly savepoint: string | undefined
  /** Begun by the first statement or by a savepoint, not by the user. */
  readonly implicit: boolean
  /** Its beginning has reached the database. */
  sent = false
  /** Neither committed nor rolled back. */
  active = true
  /** The end of a block around it took it back while its own block was still running. */
  takenBack = false
  /** The transaction as the program sees it, made by the style that the program is written in. */
  handle: object | undefined

  constructor(id: number, savepoint: string | undefined, implicit: boolean) {
    this.id = id
    this.savepoint = savepoint
    this.implicit = implicit
  }
}

/** Levels as they travel to where their connection lives, and back. */
export interface LevelsState {
  readonly open: ReadonlyArray<Pick<Level, "id" | "savepoint" | "implicit" | "sent">>
  readonly lastId: number
  readonly lastSavepoint: number
}

const nothing: ReadonlyArray<string> = []

/**
 * The transaction of a connection and its savepoints, innermost last. Pure: it says what must be sent, and is told what
 * was.
 *
 * Beginnings are sent as late as possible, as the prelude of the first statement that needs them, so that the levels
 * which were sent always come before those that were not.
 */
export class Levels {
  readonly #open: Array<Level> = []
  #lastId = 0
  #lastSavepoint = 0

  get root(): Level | undefined {
    return this.#open[0]
  }

  get innermost(): Level | undefined {
    return this.#open.at(-1)
  }

  /** The innermost savepoint. */
  get savepoint(): Level | undefined {
    const level = this.innermost
    return level?.savepoint === undefined ? undefined : level
  }

  /** Something of it has reached the database. */
  get sent(): boolean {
    return this.#open[0]?.sent ?? false
  }

  /** Opens the transaction; there must be none. */
  begin(implicit: boolean): Level {
    const level = new Level(++this.#lastId, undefined, implicit)
    this.#open.push(level)
    return level
  }

  /** Opens a savepoint, and first the transaction if there is none. */
  beginNested(): Level {
    if (this.#open.length === 0) this.begin(true)
    const level = new Level(++this.#lastId, `offloop_savepoint_${++this.#lastSavepoint}`, false)
    this.#open.push(level)
    return level
  }

  /** The statements to send before the next one, outermost first. */
  prelude(dialect: Dialect, options: BeginOptions): ReadonlyArray<string> {
    if (this.innermost?.sent !== false) return nothing
    return this.#open
      .filter((level) => !level.sent)
      .map((level) =>
        level.savepoint === undefined ? dialect.beginStatement(options) : dialect.savepoint(level.savepoint),
      )
  }

  /** The first `count` parts of the last prelude have reached the database. */
  markSent(count: number): void {
    if (this.innermost?.sent !== false) return
    let left = count
    for (const level of this.#open) {
      if (level.sent) continue
      if (left-- <= 0) return
      level.sent = true
    }
  }

  /** Ends a level and those inside it. */
  end(level: Level): void {
    const at = this.#open.indexOf(level)
    if (at < 0) return
    for (const ended of this.#open.splice(at)) ended.active = false
  }

  /** The levels inside of a level, outermost first. */
  inside(level: Level): ReadonlyArray<Level> {
    const at = this.#open.indexOf(level)
    return at < 0 ? [] : this.#open.slice(at + 1)
  }

  /** Ends the transaction. */
  endAll(): void {
    for (const ended of this.#open.splice(0)) ended.active = false
    this.#lastSavepoint = 0
  }

  /** The number of levels that are open. */
  get depth(): number {
    return this.#open.length
  }

  /** The levels as plain data. */
  state(): LevelsState {
    return {
      open: this.#open.map(({ id, savepoint, implicit, sent }) => ({ id, savepoint, implicit, sent })),
      lastId: this.#lastId,
      lastSavepoint: this.#lastSavepoint,
    }
  }

  /** Takes over what became of the levels elsewhere: some have ended, some were sent, some are new. */
  restore({ open, lastId, lastSavepoint }: LevelsState): void {
    const before = new Map(this.#open.map((level) => [level.id, level]))
    for (const ended of this.#open.splice(0)) ended.active = false
    for (const { id, savepoint, implicit, sent } of open) {
      const level = before.get(id) ?? new Level(id, savepoint, implicit)
      level.active = true
      level.sent = sent
      this.#open.push(level)
    }
    this.#lastId = lastId
    this.#lastSavepoint = lastSavepoint
  }
}
