import type { Connection } from "../connection/connection.ts"
import type { Engine } from "../engine/engine.ts"
import { type Call, Immediate } from "../operation/call.ts"
import { consoleLog } from "../operation/console-log.ts"
import { LazyModule } from "../operation/loaded-call.ts"
import type { Session } from "../session/session.ts"
import { sessionBind } from "../session/session-bind.ts"
import type { SessionMaker } from "../session/session-maker.ts"
import { checkSessionOptions, type SessionOptions } from "../session/session-options.ts"
import type { AsyncConnection } from "./promise-connection.ts"
import type { PromiseSession } from "./promise-session.ts"
import type { CallOptions, PromiseStyle } from "./promise-style.ts"
import { runCall } from "./run-call.ts"

/**
 * A session in the Promise style.
 *
 * @see SQLAlchemy `sqlalchemy.ext.asyncio.AsyncSession`
 * @example
 * ```ts
 * import { type AsyncEngine, AsyncSession, Entity, eq, integer, select, table, text } from "@offloop/orm-async/promise"
 *
 * const users = table("users", { id: integer().primaryKey(), name: text() })
 * class User extends Entity(users) {}
 *
 * const rename = async (engine: AsyncEngine) => {
 *   await using session = await AsyncSession.make(engine)
 *   const ann = (await session.scalars(select(User).where(eq(User.c.name, "ann")))).one()
 *   ann.name = "Ann"
 *   await session.commit()
 * }
 * ```
 */
export interface AsyncSession extends Session<PromiseStyle> {}

/** The source of a session's connections. */
export type SessionBind = Engine<PromiseStyle> | Connection<PromiseStyle>

const opening = new LazyModule(() => import("./open-session.ts"))

/** Opens a session and begins a call of it. */
const withSession = <A>(
  bind: SessionBind,
  options: SessionOptions | undefined,
  place: string,
  use: (session: PromiseSession) => Call<A>,
): Call<A> => {
  const checked = sessionBind(bind, options, place)
  const settings = checkSessionOptions(options, place)
  const lent = checked.kind === "engine" ? undefined : (bind as AsyncConnection)
  return opening.call(({ openSession }) => use(openSession(checked, settings, lent)))
}

const open = (bind: SessionBind, options: SessionOptions | undefined, place: string): Call<PromiseSession> =>
  withSession(bind, options, place, (session) => new Immediate(() => session))

const withoutSignal = (options: (SessionOptions & CallOptions) | undefined): SessionOptions | undefined => {
  if (typeof options !== "object" || options === null) return options
  const { signal: _, ...others } = options
  return others
}

/** Sessions in the Promise style. */
export const AsyncSession: {
  /**
   * A session that `await using` closes. Takes no connection: the first use does. The first session of a program loads
   * the code of sessions, which programs without them do not. Bound to a connection, it uses that one and does not close it. If the connection is in a transaction, the session works in a savepoint of it, which
   * its `commit` releases: the transaction belongs to whoever began it.
   *
   * Rejects with `ArgumentError` for a wrong option.
   */
  readonly make: (bind: SessionBind, options?: SessionOptions & CallOptions) => Promise<AsyncSession & AsyncDisposable>
} = {
  make: (bind, options) =>
    runCall({ log: consoleLog }, () => open(bind, withoutSignal(options), "AsyncSession.make"), options),
}

/** A maker of sessions in the Promise style. */
export interface AsyncSessionMaker extends SessionMaker<PromiseStyle> {}

const place = "asyncSessionMaker"

/** The implementation of {@link AsyncSessionMaker}. */
class PromiseSessionMaker implements AsyncSessionMaker {
  readonly #bind: SessionBind
  readonly #options: SessionOptions | undefined

  constructor(bind: SessionBind, options: SessionOptions | undefined) {
    this.#bind = bind
    this.#options = options
  }

  session(options?: CallOptions): Promise<AsyncSession & AsyncDisposable> {
    return runCall({ log: consoleLog }, () => open(this.#bind, this.#options, place), options)
  }

  begin<A>(block: (session: AsyncSession) => PromiseLike<A> | A, options?: CallOptions): Promise<A> {
    return runCall(
      { log: consoleLog },
      () => withSession(this.#bind, this.#options, place, (session) => session.runAndEnd(block)),
      options,
    )
  }
}

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
 * @param bind the engine, or a connection that all of its sessions share
 */
export const asyncSessionMaker = (bind: SessionBind, options?: SessionOptions): AsyncSessionMaker =>
  new PromiseSessionMaker(bind, options)
