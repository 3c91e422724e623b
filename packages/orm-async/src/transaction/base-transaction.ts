import type { Level } from "./levels.ts"
import { TransactionCore } from "./transaction-core.ts"
import type { TransactionOwner } from "./transaction-owner.ts"

/** The members of a transaction that do no I/O, which are the same in all styles. */
export abstract class BaseTransaction {
  protected readonly core: TransactionCore

  constructor(connection: TransactionOwner, level: Level) {
    this.core = new TransactionCore(connection, level)
  }

  get nested(): boolean {
    return this.core.nested
  }

  get isActive(): boolean {
    return this.core.isActive
  }

  get isValid(): boolean {
    return this.core.isValid
  }
}
