import type { BoundValue } from "./bind-parameters.ts"
import type { MessageWriter } from "./message-writer.ts"
import type { PostgresColumn, PostgresStatement } from "./postgres-js.ts"

/** The number of statements that are known by their columns where the server keeps none. */
const describedTexts = 64

const noNames: ReadonlyArray<string> = []

/** Commands that may undo changes, those of SET LOCAL included. A part of a transaction may be undone, and the rest later. */
const endsChanges = new Set(["COMMIT", "ROLLBACK", "PREPARE TRANSACTION"])

/** Commands that change neither the session, nor the schema, nor where names are looked up. */
const harmless = new Set([
  "SELECT",
  "INSERT",
  "UPDATE",
  "DELETE",
  "MERGE",
  "BEGIN",
  "START TRANSACTION",
  "SAVEPOINT",
  "RELEASE",
  "FETCH",
  "MOVE",
  "DECLARE CURSOR",
  "CLOSE CURSOR",
  "COPY",
  "EXPLAIN",
  "SHOW",
  "LOCK TABLE",
  "NOTIFY",
])

/** Tells if a command, as the server calls it, may change the session or the schema. Everything unknown may. */
export const mayChange = (command: string): boolean => !harmless.has(command)

/** Tells if a command ends a transaction or goes back in it. */
export const endsTransaction = (command: string): boolean => endsChanges.has(command)

/**
 * - `new`: the server does not have it
 * - `preparing`: its Parse is under way
 * - `ready`: the server has it
 * - `doubtful`: the server may have it, perhaps with other columns than it would have now
 */
type State = "new" | "preparing" | "ready" | "doubtful"

/** One SQL text with its parameters' types, and what the server knows of it. */
export class PreparedStatement implements PostgresStatement {
  /** Written by postgres.js when the server describes the statement's columns. */
  columns: ReadonlyArray<PostgresColumn> | null = null
  readonly sql: string
  readonly types: ReadonlyArray<number>
  /** The same text with other types. */
  next: PreparedStatement | undefined
  /** Its name on the server; undefined until it is prepared for the first time. */
  name: string | undefined
  state: State = "new"
  /** When the server last ran it: see {@link PreparedStatements.epoch}. */
  epoch = 0
  /** It was asked for. */
  wasUsed = false
  /** The driver knows it by its text, and so may have the server keep it. */
  isKept = false
  /** When it was last asked for, counted in statements. */
  lastUse = 0
  #names: ReadonlyArray<string> = noNames
  #named: ReadonlyArray<PostgresColumn> | null = null

  constructor(sql: string, types: ReadonlyArray<number>) {
    this.sql = sql
    this.types = types
  }

  /** The columns' names: the same array while they are the same. */
  get names(): ReadonlyArray<string> {
    const { columns } = this
    if (columns === this.#named) return this.#names
    this.#named = columns
    const before = this.#names
    const isSame = columns?.length === before.length && columns.every(({ name }, index) => name === before[index])
    if (!isSame) this.#names = columns === null ? noNames : columns.map(({ name }) => name)
    return this.#names
  }

  /** Tells if parameters of these types can be bound. NULL is of any type. */
  takes(values: ReadonlyArray<BoundValue>, types: ReadonlyArray<number>): boolean {
    if (types.length !== this.types.length) return false
    for (let index = 0; index < types.length; index++) {
      if (types[index] !== this.types[index] && values[index] !== null) return false
    }
    return true
  }
}

/**
 * The prepared statements of one connection: which the server is to keep, under what name, and which of them are still
 * what they were.
 *
 * A text is prepared when it is used for the second time, so that statements of which each is used once do not fill the
 * server's memory, and only so many are kept. A statement whose columns may have changed is prepared anew where it could
 * not be tried: within a transaction its failure would be the transaction's end.
 */
export class PreparedStatements {
  readonly #limit: number
  readonly #capacity: number
  readonly #texts = new Map<string, PreparedStatement>()
  #size = 0
  #lastName = 0
  #uses = 0
  #epoch = 1
  /** A change was made that the end of the transaction, or of a part of it, may undo. */
  #changedInTransaction = false
  /** The server keeps these, and the driver will not use them again. */
  #dropped: Array<string> = []

  /** @param limit how many statements the server keeps; 0 for none */
  constructor(limit: number) {
    this.#limit = limit
    this.#capacity = limit > 0 ? limit : describedTexts
  }

  /** Grows with each change that could make the columns of a statement others. */
  get epoch(): number {
    return this.#epoch
  }

  /**
   * The statement of a text and its parameters' types.
   *
   * @throws {Error} if the text holds a NUL character, which would be its end to the server
   */
  find(sql: string, values: ReadonlyArray<BoundValue>, types: ReadonlyArray<number>): PreparedStatement {
    const first = this.#texts.get(sql)
    for (let found = first; found !== undefined; found = found.next) {
      if (!found.takes(values, types)) continue
      found.lastUse = ++this.#uses
      return found
    }
    if (this.#size >= this.#capacity) this.#evict()
    const made = this.once(sql, types)
    made.lastUse = ++this.#uses
    made.isKept = true
    this.#size++
    const head = this.#texts.get(sql)
    if (head === undefined) this.#texts.set(sql, made)
    else {
      made.next = head.next
      head.next = made
    }
    return made
  }

  /**
   * A statement that will not be sent again.
   *
   * @throws {Error} as {@link find}
   */
  once(sql: string, types: ReadonlyArray<number>): PreparedStatement {
    if (!sql.includes("\0")) return new PreparedStatement(sql, types)
    throw Object.assign(new Error("The statement holds a NUL character, which SQL cannot"), { code: "22021" })
  }

  /** The server has the statement, and may run it as it is. */
  isReady({ state, epoch }: PreparedStatement, inTransaction: boolean): boolean {
    return state === "ready" && (!inTransaction || epoch === this.#epoch)
  }

  /**
   * Writes the Parse of a statement that is not ready.
   *
   * @returns whether it is prepared under its name; otherwise it is the unnamed statement, for this once
   */
  parse(writer: MessageWriter, statement: PreparedStatement): boolean {
    for (const dropped of this.#dropped) writer.close("statement", dropped)
    this.#dropped.length = 0
    const isNamed = statement.isKept && statement.wasUsed && this.#limit > 0 && statement.state !== "preparing"
    statement.wasUsed = true
    if (!isNamed) {
      writer.parse("", statement.sql, statement.types)
      return false
    }
    if (statement.name === undefined) statement.name = `offloop_${++this.#lastName}`
    else writer.close("statement", statement.name)
    statement.state = "preparing"
    writer.parse(statement.name, statement.sql, statement.types)
    return true
  }

  /**
   * A statement has run.
   *
   * @param prepared it was prepared under its name for that
   * @param epoch the epoch in which it was sent
   */
  ran(statement: PreparedStatement, prepared: boolean, epoch: number): void {
    if (prepared && statement.state === "preparing") statement.state = "ready"
    if (statement.state === "ready") statement.epoch = epoch
  }

  /** A statement has failed, or has not run: whether the server has it is not known if it was to prepare it. */
  failed(statement: PreparedStatement, prepared: boolean): void {
    if (prepared && statement.state === "preparing") statement.state = "doubtful"
  }

  /** The server has given the statement up, or refuses it as it is; what it has done to others nobody knows. */
  distrust(statement: PreparedStatement): void {
    if (statement.state === "ready") statement.state = "doubtful"
    this.#epoch++
  }

  /** The server did what it calls `command`, which {@link mayChange} something. */
  completed(command: string): void {
    if (endsChanges.has(command)) {
      if (this.#changedInTransaction) this.#epoch++
      return
    }
    this.changed()
    if (command === "DEALLOCATE ALL" || command === "DISCARD ALL") this.forget()
  }

  /** Columns of statements may be others from now on. */
  changed(): void {
    this.#epoch++
    this.#changedInTransaction = true
  }

  /** No transaction is open: nothing is left to be undone. */
  transactionEnded(): void {
    this.#changedInTransaction = false
  }

  /** The server has no prepared statement any more. */
  forget(): void {
    this.#dropped = []
    for (const first of this.#texts.values()) {
      for (const statement of variantsOf(first)) if (statement.state !== "preparing") statement.state = "new"
    }
  }

  /** Gives up the text that has not been used for longest. */
  #evict(): void {
    let oldest: PreparedStatement | undefined
    for (const first of this.#texts.values()) {
      // Nearly every text has one list of types; of several, the first speaks for all.
      if (first.state !== "preparing" && (oldest === undefined || first.lastUse < oldest.lastUse)) oldest = first
    }
    if (oldest === undefined) return
    this.#texts.delete(oldest.sql)
    for (const statement of variantsOf(oldest)) {
      this.#size--
      if (statement.name !== undefined && statement.state !== "new") this.#dropped.push(statement.name)
      statement.name = undefined
      statement.state = "new"
      statement.isKept = false
    }
  }
}

const variantsOf = (first: PreparedStatement): Array<PreparedStatement> => {
  const variants: Array<PreparedStatement> = []
  for (let statement: PreparedStatement | undefined = first; statement !== undefined; statement = statement.next) {
    variants.push(statement)
  }
  return variants
}
