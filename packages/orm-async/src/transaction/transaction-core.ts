import { InvalidRequestError } from "../errors/index.ts"
import type { Procedure } from "../operation/operation.ts"
import type { Level } from "./levels.ts"
import type { TransactionOwner } from "./transaction-owner.ts"

/** A transaction or savepoint as its handle ends it. */
export class TransactionCore {
  readonly #connection: TransactionOwner
  readonly #level: Level

  constructor(connection: TransactionOwner, level: Level) {
    this.#connection = connection
    this.#level = level
  }

  get nested(): boolean {
    return this.#level.savepoint !== undefined
  }

  get isActive(): boolean {
    return this.#level.active
  }

  get isValid(): boolean {
    return this.#level.active && this.#connection.isUsable
  }

  *commit(): Procedure<void> {
    const { active } = this.#level
    if (!active) {
      throw new InvalidRequestError({
        message: "This transaction is inactive: it was committed or rolled back already; begin another",
      })
    }
    yield* this.#connection.exclusively(() => this.#connection.commit(this.#level))
  }

  *rollback(): Procedure<void> {
    if (this.#level.active) yield* this.#connection.exclusively(() => this.#connection.rollback(this.#level))
  }
}
