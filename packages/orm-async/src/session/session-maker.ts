import * as Effect from "effect/Effect"
import type { ArgumentError } from "../errors/index.ts"
import { adaptable, type Body, type EffectStyle, type Run, type Scoped, type Style } from "../style.ts"
import { openSession } from "./internal/open-session.ts"
import { AsyncSession, type Session, type SessionBind } from "./session.ts"
import type { SessionError } from "./session-error.ts"
import type { SessionOptions } from "./session-options.ts"

/**
 * Makes sessions on one engine with the same options, in some {@link Style}.
 *
 * @see SQLAlchemy `sqlalchemy.ext.asyncio.async_sessionmaker`
 */
export interface SessionMaker<S extends Style> {
  /** A session that the surrounding scope closes. Does no I/O. */
  readonly session: Scoped<S, Session<S>, ArgumentError>
  /**
   * Runs a block with a new session in a transaction: commits when it succeeds, rolls back when it fails or is
   * interrupted, and closes the session.
   */
  begin<A, E = never, R = never>(
    block: (session: Session<S>) => Body<S, A, E, R>,
    options?: S["options"],
  ): Run<S, A, E | SessionError, R>
}

/** A maker of sessions in the Effect style. */
export interface AsyncSessionMaker extends SessionMaker<EffectStyle> {}

class Maker implements AsyncSessionMaker {
  readonly #bind: SessionBind
  readonly #options: SessionOptions

  constructor(bind: SessionBind, options: SessionOptions) {
    this.#bind = bind
    this.#options = options
  }

  get [adaptable](): "effects" {
    return "effects"
  }

  get session(): AsyncSessionMaker["session"] {
    return AsyncSession.make(this.#bind, this.#options)
  }

  begin<A, E, R>(block: (session: AsyncSession) => Effect.Effect<A, E, R>): Effect.Effect<A, E | SessionError, R> {
    return Effect.acquireUseRelease(
      openSession(this.#bind, this.#options),
      (session) => session.begin(block),
      (session) => session.end,
    )
  }
}

/**
 * A maker of sessions on an engine: the one place where a program says how its sessions are.
 *
 * @example
 * ```ts
 * import { AsyncEngine, asyncSessionMaker, Entity, integer, table, text } from "@offloop/orm-async"
 * import { Effect } from "effect"
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
export const asyncSessionMaker = (bind: SessionBind, options: SessionOptions = {}): AsyncSessionMaker =>
  new Maker(bind, options)
