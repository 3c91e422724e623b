/** What the code of a task can use where it runs. Imports nothing of Effect. */
export * as fromThread from "./FromThread.ts"
export { checkCancelled } from "./FromThread.ts"
export { CallCancelledError, PortalError } from "./internal/portal/errors.ts"
export { transfer } from "./internal/transport/moves.ts"
export { currentSignal } from "./internal/worker/signal.ts"
