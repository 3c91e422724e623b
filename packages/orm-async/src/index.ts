/**
 * Offloop for programs that use Effect: statements, engine, connection, transaction, session and result in the Effect style.
 *
 * @example
 * ```ts
 * import { AsyncEngine, insert, integer, select, table, text } from "@offloop/orm-async"
 * import * as Effect from "effect/Effect"
 *
 * const users = table("users", { id: integer().primaryKey(), name: text() })
 *
 * const program = Effect.gen(function* () {
 *   const engine = yield* AsyncEngine
 *   yield* engine.begin((conn) => conn.execute(insert(users).values({ name: "ann" })))
 *   return (yield* engine.execute(select(users))).all()
 * })
 * const runnable = program.pipe(Effect.provide(AsyncEngine.layer("sqlite:///./app.db")))
 * ```
 */
export type { Connection } from "./connection/connection.ts"
export { AsyncEngine, type CreateEngineError, createAsyncEngine } from "./effect/async-engine.ts"
export { AsyncSession, type AsyncSessionMaker, asyncSessionMaker, type SessionBind } from "./effect/async-session.ts"
export type { AsyncConnection } from "./effect/effect-connection.ts"
export type { Fetch, Result, RowResult, ScalarResult } from "./effect/effect-result.ts"
export type { EffectStyle, EitherStyle } from "./effect/effect-style.ts"
export type { AsyncTransaction } from "./effect/effect-transaction.ts"
export { findDriver } from "./effect/find-driver.ts"
export { retry } from "./effect/retry.ts"
export type { Engine } from "./engine/engine.ts"
export type { Session } from "./session/session.ts"
export type { SessionMaker } from "./session/session-maker.ts"
export * from "./shared-exports.ts"
export type { Transaction } from "./transaction/transaction.ts"
