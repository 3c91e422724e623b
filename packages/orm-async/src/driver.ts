/**
 * Offloop for drivers: `@offloop/orm-async/driver`. It holds the contract that a database driver implements and what
 * drivers share, and loads no module of Effect.
 */
export * from "./dialect/index.ts"
export { ConnectOptionReader } from "./driver/connect-option-reader.ts"
export type * from "./driver/driver.ts"
export { registerDriver, registeredDrivers } from "./driver/registry.ts"
export { withdrawn } from "./driver/withdrawn.ts"
export * from "./errors/driver-error.ts"
export { type Done, failure, type Outcome, succeeded } from "./operation/outcome.ts"
export { WaitQueue } from "./operation/wait-queue.ts"
export { makeUrl, Url } from "./url/url.ts"
