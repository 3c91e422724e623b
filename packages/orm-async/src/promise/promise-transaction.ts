import type { ConnectionCore } from "../connection/connection-core.ts"
import { BaseTransaction } from "../transaction/base-transaction.ts"
import type { Level } from "../transaction/levels.ts"
import type { Transaction } from "../transaction/transaction.ts"
import type { CallOptions, PromiseStyle } from "./promise-style.ts"
import { type CallContext, runProcedure } from "./run-call.ts"

/**
 * A transaction or savepoint in the Promise style.
 *
 * @example
 * ```ts
 * import { type AsyncConnection, textClause } from "@offloop/orm-async/promise"
 *
 * const tryOut = (conn: AsyncConnection) =>
 *   conn.begin(async (transaction) => {
 *     await conn.execute(textClause("DELETE FROM users"))
 *     await transaction.rollback()
 *   })
 * ```
 */
export interface AsyncTransaction extends Transaction<PromiseStyle> {}

/** The implementation of {@link AsyncTransaction}. */
export class PromiseTransaction extends BaseTransaction implements AsyncTransaction {
  readonly #context: CallContext

  constructor(connection: ConnectionCore, level: Level, context: CallContext) {
    super(connection, level)
    this.#context = context
  }

  commit(options?: CallOptions): Promise<void> {
    return runProcedure(this.#context, () => this.core.commit(), options)
  }

  rollback(options?: CallOptions): Promise<void> {
    return runProcedure(this.#context, () => this.core.rollback(), options)
  }

  close(options?: CallOptions): Promise<void> {
    return this.rollback(options)
  }
}
