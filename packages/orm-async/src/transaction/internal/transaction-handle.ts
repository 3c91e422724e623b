import * as Effect from "effect/Effect"
import { InvalidRequestError, type SqlError } from "../../errors/index.ts"
import { adaptable } from "../../style.ts"
import type { AsyncTransaction } from "../transaction.ts"
import type { Level } from "./levels.ts"

/** What a transaction asks of its connection. */
export interface TransactionOwner {
  readonly commitLevel: (level: Level) => Effect.Effect<void, SqlError>
  readonly rollbackLevel: (level: Level) => Effect.Effect<void, SqlError>
  readonly isUsable: () => boolean
}

/** The handle of a transaction or savepoint. */
export class TransactionHandle implements AsyncTransaction {
  readonly #owner: TransactionOwner
  readonly #level: Level

  constructor(owner: TransactionOwner, level: Level) {
    this.#owner = owner
    this.#level = level
  }

  get [adaptable](): "effects" {
    return "effects"
  }

  get nested(): boolean {
    return this.#level.savepoint !== undefined
  }

  get isActive(): boolean {
    return this.#level.active
  }

  get isValid(): boolean {
    return this.#level.active && this.#owner.isUsable()
  }

  get commit(): Effect.Effect<void, SqlError> {
    return Effect.suspend(() =>
      this.#level.active
        ? this.#owner.commitLevel(this.#level)
        : Effect.fail(
            new InvalidRequestError({
              message: "This transaction is inactive: it was committed or rolled back already; begin another",
            }),
          ),
    )
  }

  get rollback(): Effect.Effect<void, SqlError> {
    return Effect.suspend(() => (this.#level.active ? this.#owner.rollbackLevel(this.#level) : Effect.void))
  }

  get close(): Effect.Effect<void, SqlError> {
    return this.rollback
  }
}
