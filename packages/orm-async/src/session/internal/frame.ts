import type { AsyncTransaction } from "../../transaction/transaction.ts"

/** A transaction of a session, or a savepoint inside it. */
export class Frame {
  /** Where the undo log stood when it began. */
  readonly position: number
  /** The savepoint; undefined for the transaction itself. */
  readonly savepoint: AsyncTransaction | undefined
  /** Neither committed nor rolled back. */
  active = true
  /** A statement of the program's own may have changed rows. */
  changedRows = false
  /** Why a flush failed: nothing may follow but a rollback. */
  failure: string | undefined = undefined

  constructor(position: number, savepoint: AsyncTransaction | undefined) {
    this.position = position
    this.savepoint = savepoint
  }
}
