import type { ConnectionCore } from "../connection/connection-core.ts"
import type { Log } from "../operation/log.ts"
import { BaseTransaction } from "../transaction/base-transaction.ts"
import type { Level } from "../transaction/levels.ts"
import type { Transaction as StyledTransaction } from "../transaction/transaction.ts"
import { runProcedure } from "./run-call.ts"
import type { SyncStyle } from "./sync-style.ts"

/**
 * A transaction or savepoint in the sync style.
 *
 * @see SQLAlchemy `sqlalchemy.engine.Transaction`
 * @example
 * ```ts
 * import { type Connection, textClause } from "@offloop/orm-async/sync"
 *
 * const tryOut = (conn: Connection) =>
 *   conn.begin((transaction) => {
 *     conn.execute(textClause("DELETE FROM users"))
 *     transaction.rollback()
 *   })
 * ```
 */
export interface Transaction extends StyledTransaction<SyncStyle> {}

/** The implementation of {@link Transaction}. */
export class SyncTransaction extends BaseTransaction implements Transaction {
  readonly #log: Log

  constructor(connection: ConnectionCore, level: Level) {
    super(connection, level)
    this.#log = connection.engine.log
  }

  commit(): void {
    runProcedure(this.#log, () => this.core.commit())
  }

  rollback(): void {
    runProcedure(this.#log, () => this.core.rollback())
  }

  close(): void {
    this.rollback()
  }
}
