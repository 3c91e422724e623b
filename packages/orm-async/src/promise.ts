/**
 * Offloop for programs that use Promises: everything of `@offloop/orm-async`, with engine, connection, transaction,
 * session and result in the Promise style. One import is enough.
 *
 * Promises reject with the typed errors themselves. What was opened is closed by `await using`; what must commit or roll
 * back takes a callback, because a disposer is not told whether its block failed. Every call takes an `AbortSignal`.
 *
 * @example
 * ```ts
 * import { createAsyncEngine, insert, integer, select, table, text } from "@offloop/orm-async/promise"
 *
 * const users = table("users", { id: integer().primaryKey(), name: text() })
 *
 * await using engine = await createAsyncEngine("sqlite:///./app.db")
 * await engine.begin(async (conn) => {
 *   await conn.execute(insert(users).values({ name: "ann" }))
 * })
 * await using conn = await engine.connect()
 * const rows = (await conn.execute(select(users))).all()
 * ```
 */
export type { Connection } from "./connection/connection.ts"
export { findDriver } from "./driver/registry.ts"
export type { Engine } from "./engine/engine.ts"
export { AsyncSession, type AsyncSessionMaker, asyncSessionMaker, type SessionBind } from "./promise/async-session.ts"
export { createAsyncEngine } from "./promise/create-async-engine.ts"
export type { AsyncConnection } from "./promise/promise-connection.ts"
export type { AsyncEngine } from "./promise/promise-engine.ts"
export type { Fetch, Result, RowResult, ScalarResult } from "./promise/promise-result.ts"
export type { CallOptions, PromiseStyle } from "./promise/promise-style.ts"
export type { AsyncTransaction } from "./promise/promise-transaction.ts"
export { retry } from "./promise/retry.ts"
export type { Session } from "./session/session.ts"
export type { SessionMaker } from "./session/session-maker.ts"
export * from "./shared-exports.ts"
export type { Transaction } from "./transaction/transaction.ts"
