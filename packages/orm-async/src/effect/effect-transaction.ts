import type * as Effect from "effect/Effect"
import type { SqlError } from "../errors/index.ts"
import { BaseTransaction } from "../transaction/base-transaction.ts"
import type { Transaction } from "../transaction/transaction.ts"
import type { EffectStyle } from "./effect-style.ts"
import { runProcedure } from "./run-call.ts"

/**
 * A transaction or savepoint in the Effect style.
 *
 * @example
 * ```ts
 * import { type AsyncConnection, textClause } from "@offloop/orm-async"
 * import * as Effect from "effect/Effect"
 *
 * const tryOut = (conn: AsyncConnection) =>
 *   conn.begin((transaction) =>
 *     Effect.zipRight(conn.execute(textClause("DELETE FROM users")), transaction.rollback),
 *   )
 * ```
 */
export interface AsyncTransaction extends Transaction<EffectStyle> {}

/** The implementation of {@link AsyncTransaction}. */
export class EffectTransaction extends BaseTransaction implements AsyncTransaction {
  get commit(): Effect.Effect<void, SqlError> {
    return runProcedure(() => this.core.commit())
  }

  get rollback(): Effect.Effect<void, SqlError> {
    return runProcedure(() => this.core.rollback())
  }

  get close(): Effect.Effect<void, SqlError> {
    return this.rollback
  }
}
