import type { Level } from "../transaction/levels.ts"

/** A transaction of a session, or a savepoint inside it. */
export class SessionTransaction {
  /** The undo log's position when it began. */
  readonly position: number
  /** The savepoint; undefined for the transaction itself. */
  readonly savepoint: Level | undefined
  /** Neither committed nor rolled back. */
  active = true
  /** A statement of the program's own may have changed rows. */
  changedRows = false
  /** The reason why a flush failed: nothing may follow but a rollback. */
  failure: string | undefined = undefined

  constructor(position: number, savepoint: Level | undefined) {
    this.position = position
    this.savepoint = savepoint
  }
}
