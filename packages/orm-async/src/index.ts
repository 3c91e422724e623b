export * from "./compiler/index.ts"
export type {
  AsyncConnection,
  Connection,
  DriverRow,
  ExecuteOptions,
  ExecuteParameters,
} from "./connection/connection.ts"
export type { ExecutionOptions } from "./connection/execution-options.ts"
export * from "./dialect/index.ts"
export type * from "./driver/driver.ts"
export { registerDriver, registeredDrivers } from "./driver/registry.ts"
export { findDriver } from "./effect/find-driver.ts"
export {
  AsyncEngine,
  type ConnectError,
  type CreateEngineError,
  createAsyncEngine,
  type Engine,
  type RawConnection,
} from "./engine/engine.ts"
export type { AsyncEngineOptions } from "./engine/engine-options.ts"
export * from "./errors/index.ts"
export * from "./expression/index.ts"
export type { Pool, PoolStatistics } from "./pool/pool.ts"
export type { PoolClass, ResetOnReturn } from "./pool/pool-settings.ts"
export type { Fetch, Result, RowResult, ScalarResult } from "./result/result.ts"
export * from "./schema/index.ts"
export * from "./session/index.ts"
export * from "./statement/index.ts"
export type {
  Body,
  CallOptions,
  Checked,
  EffectStyle,
  Member,
  PromiseStyle,
  Run,
  Scoped,
  Streamed,
  Style,
} from "./style.ts"
export type { AsyncTransaction, Transaction } from "./transaction/transaction.ts"
export * from "./types/index.ts"
export { makeUrl, Url, type UrlParts } from "./url/url.ts"
