import type { DriverBatchCall, DriverCall, TransactionState } from "../driver/driver.ts"
import type { DriverError } from "../errors/driver-error.ts"

/** A call that a function in a worker makes on the loop's connection; plain data. */
export type PortalRequest =
  | { readonly method: "execute" | "openCursor"; readonly call: DriverCall }
  | { readonly method: "executeMany"; readonly call: DriverBatchCall }
  | { readonly method: "fetch"; readonly id: number; readonly size: number }
  | { readonly method: "closeCursor"; readonly id: number }
  | { readonly method: "commit" | "rollback" | "reset" | "ping" }

/** The loop's answer; plain data. */
export interface PortalReply {
  readonly value: unknown
  /** The fields of the error, without the library's own, which may not cross. */
  readonly error: ConstructorParameters<typeof DriverError>[0] | undefined
  readonly transaction: TransactionState
  readonly sessionChanged: boolean
}
