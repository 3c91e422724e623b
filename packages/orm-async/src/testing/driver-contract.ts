import { describe } from "vitest"
import { concurrencyContract } from "./concurrency-contract.ts"
import { connectContract } from "./connect-contract.ts"
import { contentionContract } from "./contention-contract.ts"
import { contractOf } from "./contract.ts"
import { ddlContract } from "./ddl-contract.ts"
import type { DriverUnderTest } from "./driver-under-test.ts"
import { errorsContract } from "./errors-contract.ts"
import { everyStepContract } from "./every-step-contract.ts"
import { executeContract } from "./execute-contract.ts"
import { interruptionContract } from "./interruption-contract.ts"
import { poolContract } from "./pool-contract.ts"
import { promiseContract } from "./promise-contract.ts"
import { resultContract } from "./result-contract.ts"
import { runSyncContract } from "./run-sync-contract.ts"
import { savepointContract } from "./savepoint-contract.ts"
import { sessionContract } from "./session-contract.ts"
import { settingsContract } from "./settings-contract.ts"
import { streamContract } from "./stream-contract.ts"
import { transactionContract } from "./transaction-contract.ts"
import { typesContract } from "./types-contract.ts"

/**
 * Adds the tests that every driver must pass, through the engine's public API: to be called in a test file of the
 * driver's, once for each placement and kind of database. A capability that the driver declares not to have is asserted
 * to be missing, not passed over.
 *
 * Needs vitest. `docs/writing-a-driver.md` shows how to run it.
 *
 * @see SQLAlchemy `sqlalchemy.testing.suite`
 * @example
 * ```ts
 * import { driverContract } from "@offloop/orm-async/testing"
 * import type { Driver } from "@offloop/orm-async"
 *
 * declare const myDriver: Driver
 * declare const makeDatabase: () => Promise<{ url: string; remove: () => Promise<void> }>
 *
 * driverContract({
 *   name: "mydb-worker",
 *   driver: myDriver,
 *   placement: "worker",
 *   database: makeDatabase,
 *   exposesDriverConnection: false,
 *   sql: { slow: "SELECT SLEEP(1)", setting: { change: "SET sort_buffer_size = 65536", show: "SELECT @@sort_buffer_size" } },
 * })
 * ```
 */
export const driverContract = (subject: DriverUnderTest): void => {
  describe(subject.name, () => {
    const contract = contractOf(subject)
    connectContract(contract)
    executeContract(contract)
    typesContract(contract)
    ddlContract(contract)
    transactionContract(contract)
    savepointContract(contract)
    poolContract(contract)
    settingsContract(contract)
    contentionContract(contract)
    interruptionContract(contract)
    everyStepContract(contract)
    errorsContract(contract)
    streamContract(contract)
    resultContract(contract)
    concurrencyContract(contract)
    promiseContract(contract)
    runSyncContract(contract)
    sessionContract(contract)
  })
}
