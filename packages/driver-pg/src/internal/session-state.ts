const rollbackToSavepoint = /^\s*rollback\s+(?:work\s+|transaction\s+)?to\b/i
const andChain = /\band\s+chain\s*;?\s*$/i
const advisoryLock = /\bpg_(?:try_)?advisory_lock/i
const temporary = /\btemp(?:orary)?\b|\bpg_temp\b/i

/**
 * What a session has got that it did not have when it was opened, seen from the statements it ran, so that a reset undoes
 * this and no more: a connection that only ran queries is reset without a word to the server.
 */
export class SessionState {
  /** A transaction is open, or has failed and waits for its ROLLBACK. */
  inTransaction = false
  #changedSettings = false
  #listens = false
  #holdsLocks = false
  #hasTemporaryTables = false

  /** A statement succeeded; `command` is what the server called it. */
  ran(sql: string, command: string): void {
    switch (command) {
      case "BEGIN":
      case "START TRANSACTION":
        this.inTransaction = true
        return
      case "COMMIT":
      case "PREPARE TRANSACTION":
        this.inTransaction = andChain.test(sql)
        return
      case "ROLLBACK":
        this.inTransaction = rollbackToSavepoint.test(sql) || andChain.test(sql)
        return
      case "SET":
        this.#changedSettings = true
        return
      case "LISTEN":
        this.#listens = true
        return
      case "SELECT":
        if (advisoryLock.test(sql)) this.#holdsLocks = true
        if (temporary.test(sql)) this.#hasTemporaryTables = true
        return
      case "CREATE TABLE":
      case "CREATE TABLE AS":
      case "CREATE VIEW":
      case "CREATE SEQUENCE":
        if (temporary.test(sql)) this.#hasTemporaryTables = true
    }
  }

  /** The statements that bring a session, in which no transaction is open, back to its beginning. */
  undo(): ReadonlyArray<string> {
    const statements: Array<string> = []
    if (this.#listens) statements.push("UNLISTEN *")
    if (this.#holdsLocks) statements.push("SELECT pg_catalog.pg_advisory_unlock_all()")
    if (this.#hasTemporaryTables) statements.push("DISCARD TEMP")
    if (this.#changedSettings) statements.push("RESET ALL")
    return statements
  }

  /** The statements of {@link undo} have run. */
  undone(): void {
    this.inTransaction = false
    this.#listens = this.#holdsLocks = this.#hasTemporaryTables = this.#changedSettings = false
  }
}
