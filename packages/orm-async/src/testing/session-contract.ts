import { describe } from "vitest"
import type { Contract } from "./contract.ts"
import { sessionFlushContract } from "./session-flush-contract.ts"
import { sessionInterruptionContract } from "./session-interruption-contract.ts"
import { sessionModelContract } from "./session-model-contract.ts"
import { sessionObjectsContract } from "./session-objects-contract.ts"
import { sessionPromiseContract } from "./session-promise-contract.ts"
import { sessionPromiseInterruptionContract } from "./session-promise-interruption-contract.ts"
import { sessionQueryContract } from "./session-query-contract.ts"
import { sessionTransactionContract } from "./session-transaction-contract.ts"

/** Sessions: objects, what a flush writes, queries, transactions, and what goes wrong. */
export const sessionContract = (contract: Contract): void => {
  describe("session", () => {
    sessionFlushContract(contract)
    sessionObjectsContract(contract)
    sessionQueryContract(contract)
    sessionTransactionContract(contract)
    sessionInterruptionContract(contract)
    sessionModelContract(contract)
    sessionPromiseContract(contract)
    sessionPromiseInterruptionContract(contract)
  })
}
