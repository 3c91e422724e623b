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
import type { Connection } from "./connection/connection.ts"
import { createAsyncEngine as createEffectEngine, type Engine } from "./engine/engine.ts"
import type { AsyncEngineOptions } from "./engine/engine-options.ts"
import { adaptFunction, adaptScoped } from "./promise/adapter.ts"
import type { Result as StyledResult } from "./result/result.ts"
import { AsyncSession as EffectSession, type Session } from "./session/session.ts"
import { asyncSessionMaker as effectSessionMaker, type SessionMaker } from "./session/session-maker.ts"
import type { SessionOptions } from "./session/session-options.ts"
import type { CallOptions, PromiseStyle } from "./style.ts"
import type { Transaction } from "./transaction/transaction.ts"
import type { Url } from "./url/url.ts"

export { findDriver } from "./driver/registry.ts"
export * from "./index.ts"

/** An engine in the Promise style. */
export interface AsyncEngine extends Engine<PromiseStyle> {}

/** A connection in the Promise style. */
export interface AsyncConnection extends Connection<PromiseStyle> {}

/** A transaction or savepoint in the Promise style. */
export interface AsyncTransaction extends Transaction<PromiseStyle> {}

/** A result in the Promise style: `one` and its like throw where the wrong number of rows was found. */
export type Result<Row, Value = Row[keyof Row]> = StyledResult<Row, PromiseStyle, Value>

/**
 * Makes an engine. Does no I/O: the first connection is opened when it is asked for. `await using` closes the engine at
 * the end of the block; `dispose()` closes its connections and leaves it usable.
 *
 * Rejects with `ArgumentError` for a wrong URL or option, `NoSuchModuleError` where no driver is registered for the URL.
 *
 * @see SQLAlchemy `sqlalchemy.ext.asyncio.create_async_engine`
 */
export const createAsyncEngine: (
  url: string | Url,
  options?: AsyncEngineOptions & CallOptions,
) => Promise<AsyncEngine & AsyncDisposable> = adaptScoped(createEffectEngine as never) as never

/** A session in the Promise style. */
export interface AsyncSession extends Session<PromiseStyle> {}

/** A maker of sessions in the Promise style. */
export interface AsyncSessionMaker extends SessionMaker<PromiseStyle> {}

/** What a session takes its connections from. */
export type SessionBind = AsyncEngine | AsyncConnection

/** Sessions in the Promise style. */
export const AsyncSession: {
  /**
   * A session that `await using` closes. Does no I/O: the first use takes a connection. Bound to a connection, it uses
   * that one and does not close it.
   *
   * Rejects with `ArgumentError` for a wrong option.
   */
  readonly make: (bind: SessionBind, options?: SessionOptions & CallOptions) => Promise<AsyncSession & AsyncDisposable>
} = { make: adaptScoped(EffectSession.make as never) as never }

/**
 * A maker of sessions on an engine: the one place where a program says how its sessions are. Does no I/O.
 *
 * @see SQLAlchemy `sqlalchemy.ext.asyncio.async_sessionmaker`
 * @example
 * ```ts
 * import { asyncSessionMaker, createAsyncEngine, Entity, integer, table, text } from "@offloop/orm-async/promise"
 *
 * class User extends Entity(table("users", { id: integer().primaryKey(), name: text() })) {}
 *
 * await using engine = await createAsyncEngine("sqlite:///./app.db")
 * const sessions = asyncSessionMaker(engine)
 * await sessions.begin(async (session) => {
 *   session.add(new User({ name: "ann" }))
 * })
 * ```
 */
export const asyncSessionMaker: (bind: SessionBind, options?: SessionOptions) => AsyncSessionMaker = adaptFunction(
  effectSessionMaker as never,
) as never
