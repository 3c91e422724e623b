/**
 * Offloop for code that runs beside its database: everything of `@offloop/orm-async`, with engine, connection,
 * transaction, session and result in the sync style, in which calls return their answers and throw the typed errors.
 *
 * It is SQLAlchemy's sync API for scripts, tests and command-line tools on SQLite, which block while the database works,
 * and for functions that `runSync` sends to where a connection lives.
 *
 * @example
 * ```ts
 * import { createEngine, insert, integer, select, table, text } from "@offloop/orm-async/sync"
 *
 * const users = table("users", { id: integer().primaryKey(), name: text() })
 *
 * using engine = createEngine("sqlite:///./app.db")
 * engine.begin((conn) => {
 *   conn.execute(insert(users).values({ name: "ann" }))
 * })
 * const rows = engine.execute(select(users)).all()
 * ```
 */
export { findDriver } from "./driver/registry.ts"
export * from "./shared-exports.ts"
export { createEngine, type EngineOptions } from "./sync/create-engine.ts"
export { runBeside } from "./sync/run-beside.ts"
export type { Connection } from "./sync/sync-connection.ts"
export type { Engine } from "./sync/sync-engine.ts"
export type { Fetch, Result, RowResult, ScalarResult } from "./sync/sync-result.ts"
export {
  Session,
  type SessionBind,
  type SessionMaker,
  sessionMaker,
} from "./sync/sync-session.ts"
export type { SyncStyle } from "./sync/sync-style.ts"
export type { Transaction } from "./sync/sync-transaction.ts"
