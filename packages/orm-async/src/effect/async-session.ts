import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import type { Connection } from "../connection/connection.ts"
import type { Engine } from "../engine/engine.ts"
import type { ArgumentError } from "../errors/index.ts"
import type { Session } from "../session/session.ts"
import { sessionBind } from "../session/session-bind.ts"
import { SessionCore } from "../session/session-core.ts"
import type { SessionError } from "../session/session-error.ts"
import type { SessionMaker } from "../session/session-maker.ts"
import { checkSessionOptions, type SessionOptions } from "../session/session-options.ts"
import { AsyncEngine } from "./async-engine.ts"
import type { AsyncConnection } from "./effect-connection.ts"
import { EffectSession, fiberSurroundings } from "./effect-session.ts"
import type { EffectStyle } from "./effect-style.ts"
import { causeOf } from "./run-call.ts"

/**
 * A session in the Effect style.
 *
 * @see SQLAlchemy `sqlalchemy.ext.asyncio.AsyncSession`
 * @example
 * ```ts
 * import { AsyncEngine, AsyncSession, Entity, eq, integer, select, table, text } from "@offloop/orm-async"
 * import * as Effect from "effect/Effect"
 *
 * const users = table("users", { id: integer().primaryKey(), name: text() })
 * class User extends Entity(users) {}
 *
 * const rename = Effect.gen(function* () {
 *   const session = yield* AsyncSession.make(yield* AsyncEngine)
 *   const ann = yield* (yield* session.scalars(select(User).where(eq(User.c.name, "ann")))).one()
 *   ann.name = "Ann"
 *   yield* session.commit
 * }).pipe(Effect.scoped)
 * ```
 */
export interface AsyncSession extends Session<EffectStyle> {}

/** The source of a session's connections. */
export type SessionBind = Engine<EffectStyle> | Connection<EffectStyle>

/** A session whose lifetime is up to the caller, who must `end` it. */
const open = (
  bind: SessionBind,
  options: SessionOptions | undefined,
  place: string,
): Effect.Effect<EffectSession, ArgumentError> =>
  Effect.suspend(() => {
    try {
      const checked = sessionBind(bind, options, place)
      const core = new SessionCore(checked, checkSessionOptions(options, place), fiberSurroundings)
      return Effect.succeed(new EffectSession(core, checked.kind === "engine" ? undefined : (bind as AsyncConnection)))
    } catch (error) {
      return Effect.failCause(causeOf<ArgumentError>(error))
    }
  })

/** A session that the surrounding scope closes. */
const openScoped = (
  bind: SessionBind,
  options: SessionOptions | undefined,
  place: string,
): Effect.Effect<AsyncSession, ArgumentError, Scope.Scope> =>
  // Not acquireRelease, which also restores all FiberRefs for the end: that costs as much as the statements do.
  Effect.flatMap(Effect.scope, (scope) =>
    Effect.uninterruptible(Effect.tap(open(bind, options, place), (session) => Scope.addFinalizer(scope, session.end))),
  )

/**
 * A session that the surrounding scope closes. Does no I/O: the first use takes a connection.
 *
 * Bound to a connection, the session uses that one and does not close it. If the connection is in a transaction, the
 * session works in a savepoint of it, which its `commit` releases: the transaction belongs to whoever began it.
 */
const make = (bind: SessionBind, options?: SessionOptions): Effect.Effect<AsyncSession, ArgumentError, Scope.Scope> =>
  openScoped(bind, options, "AsyncSession.make")

/** A layer of one session on the engine of the context, for a program or request that has just one. */
const layer = (options?: SessionOptions): Layer.Layer<AsyncSession, ArgumentError, AsyncEngine> =>
  Layer.scoped(
    tag,
    Effect.flatMap(AsyncEngine, (engine) => make(engine, options)),
  )

const tag = Context.GenericTag<AsyncSession>("@offloop/orm-async/AsyncSession")

/** The session's tag, for programs that find it in their context, with the ways to make one. */
export const AsyncSession: Context.Tag<AsyncSession, AsyncSession> & {
  readonly make: typeof make
  readonly layer: typeof layer
} = Object.assign(tag, { make, layer })

/** A maker of sessions in the Effect style. */
export interface AsyncSessionMaker extends SessionMaker<EffectStyle> {}

const place = "asyncSessionMaker"

/** The implementation of {@link AsyncSessionMaker}. */
class EffectSessionMaker implements AsyncSessionMaker {
  readonly #bind: SessionBind
  readonly #options: SessionOptions | undefined

  constructor(bind: SessionBind, options: SessionOptions | undefined) {
    this.#bind = bind
    this.#options = options
  }

  get session(): AsyncSessionMaker["session"] {
    return openScoped(this.#bind, this.#options, place)
  }

  begin<A, E, R>(block: (session: AsyncSession) => Effect.Effect<A, E, R>): Effect.Effect<A, E | SessionError, R> {
    return Effect.uninterruptibleMask((restore) =>
      Effect.flatMap(open(this.#bind, this.#options, place), (session) =>
        Effect.ensuring(session.beginIn(restore, block), session.end),
      ),
    )
  }
}

/**
 * A maker of sessions on an engine: the one place where a program says how its sessions are.
 *
 * @example
 * ```ts
 * import { AsyncEngine, asyncSessionMaker, Entity, integer, table, text } from "@offloop/orm-async"
 * import * as Effect from "effect/Effect"
 *
 * const users = table("users", { id: integer().primaryKey(), name: text() })
 * class User extends Entity(users) {}
 *
 * const addUser = (name: string) =>
 *   Effect.gen(function* () {
 *     const sessions = asyncSessionMaker(yield* AsyncEngine)
 *     return yield* sessions.begin((session) =>
 *       Effect.gen(function* () {
 *         const user = new User({ name })
 *         session.add(user)
 *         yield* session.flush
 *         return user.id
 *       }),
 *     )
 *   })
 * ```
 * @param bind the engine, or a connection that all of its sessions share
 * @see SQLAlchemy `sqlalchemy.ext.asyncio.async_sessionmaker`
 */
export const asyncSessionMaker = (bind: SessionBind, options?: SessionOptions): AsyncSessionMaker =>
  new EffectSessionMaker(bind, options)
