import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import type { AsyncConnection, Connection, ExecuteOptions, ExecuteParameters } from "../connection/connection.ts"
import { AsyncEngine } from "../engine/engine.ts"
import type { ArgumentError } from "../errors/index.ts"
import type { Result, ScalarResult } from "../result/result.ts"
import type { Executable, StatementLevel } from "../statement/index.ts"
import type { ForUpdateOptions } from "../statement/select.ts"
import type { Body, EffectStyle, Member, Run, Streamed, Style } from "../style.ts"
import type { entityTable } from "./entity-types.ts"
import type { Identity, IdentityMap } from "./identity-map.ts"
import { openSession } from "./internal/open-session.ts"
import type { EntityClass } from "./many-to-one.ts"
import type { GetOneError, SessionError } from "./session-error.ts"
import type { SessionOptions } from "./session-options.ts"

/** What `scalars` gives for a row: an entity as it is, else the value of the first column. */
export type ScalarOf<Row> = Row extends null
  ? null
  : Row extends { readonly [entityTable]: string }
    ? Row
    : Row[keyof Row]

/** How `get` and `refresh` read the row. */
export interface RefreshOptions {
  /** `SELECT … FOR UPDATE`: locks the row until the transaction ends. */
  readonly withForUpdate?: boolean | Omit<ForUpdateOptions, "of"> | undefined
}

/** Options of {@link Session.get}. */
export interface GetOptions extends RefreshOptions {
  /** Ask the database even if the object is loaded, and overwrite its values; changes that are not flushed are lost. */
  readonly populateExisting?: boolean | undefined
}

/**
 * A session, in some {@link Style}: a workspace of objects that stand for rows.
 *
 * - One object for one row: what a query finds again is the object that the session already has, with the values that
 *   the program has seen.
 * - Changes are recorded and written by `flush`, in the order that foreign keys need and many rows to a statement.
 *   Queries flush first (`autoflush`), so that they see them; `commit` flushes as well.
 * - A transaction begins with the first use, and takes a connection of the pool when something is sent. `commit`,
 *   `rollback` and `close` give it back; the objects stay.
 * - A rollback puts the objects back too: new ones are transient again, changed values and deletions are taken back.
 *   Objects that were read after the transaction ran an INSERT, UPDATE or DELETE of its own expire.
 * - After a flush has failed the transaction has been rolled back, and everything but `rollback` and `close` fails with
 *   `PendingRollbackError`.
 *
 * A session serves one fiber at a time: a second call while one is under way fails with `IllegalStateChangeError`. Use
 * one session for each request or unit of work. Objects are made and changed on the calling thread; where the database
 * works says the engine's placement.
 *
 * @see SQLAlchemy `sqlalchemy.ext.asyncio.AsyncSession`
 */
export interface Session<S extends Style> {
  /** The objects that stand for rows. */
  readonly identityMap: IdentityMap
  /** Objects to be inserted by the next flush. */
  readonly new: ReadonlySet<object>
  /** Objects with recorded changes; `isModified` tells whether a net change is left. */
  readonly dirty: ReadonlySet<object>
  /** Objects to be deleted by the next flush. */
  readonly deleted: ReadonlySet<object>
  /** Notes of the program's own. */
  readonly info: Record<string, unknown>
  /** Whether queries flush first. */
  autoflush: boolean
  /** Whether the session can be used: false between a failed flush and the rollback. */
  readonly isActive: boolean

  /**
   * Takes an object into the session, and the objects that it refers to. The next flush inserts it if it is new. Does
   * no I/O.
   *
   * @throws {InvalidRequestError} if it is no entity, belongs to another session, was deleted, or if another object
   *   stands for the same row here
   */
  add(entity: object): void
  /** {@link add} for several objects. */
  addAll(entities: Iterable<object>): void
  /**
   * Marks an object, whose row the next flush deletes. Does no I/O.
   *
   * @throws {InvalidRequestError} if it has no row yet
   */
  delete(entity: object): void
  /**
   * Lets an object go; its changes stay on it. Does no I/O.
   *
   * @throws {InvalidRequestError} if it is not in the session
   */
  expunge(entity: object): void
  /** Lets all objects go. Does no I/O. */
  expungeAll(): void
  /** Whether an object is in the session: to be inserted, or standing for a row. */
  contains(entity: object): boolean
  /** Whether an object has changes that a flush would write. */
  isModified(entity: object): boolean
  /**
   * Forgets values of an object, or all but its key; changes of them that are not flushed are lost. Reading them throws
   * until `refresh` or a query has loaded them. Does no I/O.
   *
   * @throws {InvalidRequestError} if it is not persistent in this session
   */
  expire<E extends object>(entity: E, names?: ReadonlyArray<keyof E & string>): void
  /** {@link expire} for all objects. */
  expireAll(): void

  /** Writes all changes to the database, inside the transaction. Does no I/O if there are none. */
  readonly flush: Member<S, void, SessionError>
  /** Flushes, commits, and gives the connection back. If the database refuses, everything is rolled back. */
  readonly commit: Member<S, void, SessionError>
  /** Rolls the transaction back, puts the objects back, and gives the connection back. */
  readonly rollback: Member<S, void, SessionError>
  /** Rolls back, lets all objects go and gives the connection back. The session can be used again. */
  readonly close: Member<S, void, SessionError>
  /** The same as {@link close}. */
  readonly reset: Member<S, void, SessionError>
  /** {@link close}, where the connection is ended instead of being given back: for one that hangs. */
  readonly invalidate: Member<S, void, SessionError>
  /** The connection of the transaction; takes one from the pool if there is none yet. Does not flush. */
  readonly connection: Member<S, Connection<S>, SessionError>
  /** Whether a transaction has begun, by itself or explicitly. */
  inTransaction(): boolean
  /** Whether a savepoint is open. */
  inNestedTransaction(): boolean

  /**
   * Runs a block in a transaction: commits when it succeeds, rolls back when it fails or is interrupted.
   *
   * Fails with `InvalidRequestError` if a transaction has begun already.
   */
  begin<A, E = never, R = never>(
    block: (session: Session<S>) => Body<S, A, E, R>,
    options?: S["options"],
  ): Run<S, A, E | SessionError, R>
  /**
   * Flushes, then runs a block in a savepoint: flushes and releases it when the block succeeds; when it fails or is
   * interrupted, rolls back to it and puts the objects back to where they were.
   */
  beginNested<A, E = never, R = never>(
    block: (session: Session<S>) => Body<S, A, E, R>,
    options?: S["options"],
  ): Run<S, A, E | SessionError, R>
  /** Runs a block in which queries do not flush. */
  noAutoflush<A, E = never, R = never>(
    block: (session: Session<S>) => Body<S, A, E, R>,
    options?: S["options"],
  ): Run<S, A, E, R>

  /**
   * The object of a primary key, or null if there is no row. Does no I/O if the session has it.
   *
   * @param id the key's value, or an object of its values by property where it is composite
   */
  get<E extends object>(
    entity: EntityClass<E>,
    id: Identity<E>,
    options?: GetOptions & S["options"],
  ): Run<S, E | null, SessionError>
  /** {@link get} that fails with `NoResultFound` if there is no row. */
  getOne<E extends object>(
    entity: EntityClass<E>,
    id: Identity<E>,
    options?: GetOptions & S["options"],
  ): Run<S, E, GetOneError>
  /**
   * Flushes, then loads an object's columns again, or the columns and references that are named.
   *
   * Fails with `InvalidRequestError` if the object is not persistent in this session, or its row is gone.
   */
  refresh<E extends object>(
    entity: E,
    names?: ReadonlyArray<keyof E & string>,
    options?: RefreshOptions & S["options"],
  ): Run<S, void, SessionError>
  /**
   * Copies an object that is not of this session, and those it refers to, onto the objects of this session with the same
   * keys, which are loaded or made anew. Gives the object of this session.
   */
  merge<E extends object>(entity: E, options?: S["options"]): Run<S, E, SessionError>

  /**
   * Flushes, then runs a statement and gives its whole result. Entities in it are objects of this session.
   *
   * An INSERT, UPDATE or DELETE does not change objects that are loaded: `refresh` or `expire` those it concerns.
   */
  execute<Row>(
    statement: Executable<Row, StatementLevel>,
    parameters?: ExecuteParameters,
    options?: ExecuteOptions & S["options"],
  ): Run<S, Result<Row, S, ScalarOf<Row>>, SessionError>
  /** The first column or entity of the first row, or null if there is no row. */
  scalar<Row>(
    statement: Executable<Row, StatementLevel>,
    parameters?: ExecuteParameters,
    options?: ExecuteOptions & S["options"],
  ): Run<S, ScalarOf<Row> | null, SessionError>
  /** The first column or entity of all rows. */
  scalars<Row>(
    statement: Executable<Row, StatementLevel>,
    parameters?: ExecuteParameters,
    options?: ExecuteOptions & S["options"],
  ): Run<S, ScalarResult<ScalarOf<Row>, S>, SessionError>
  /**
   * Flushes, then gives rows as they come; see `AsyncConnection.stream`. The session keeps the entities among them, as
   * all that it has loaded: where they are very many, `expunge` each when it is done with, or select columns.
   */
  stream<Row>(
    statement: Executable<Row, StatementLevel>,
    parameters?: ExecuteParameters,
    options?: ExecuteOptions & S["options"],
  ): Streamed<S, Row, SessionError>
}

/**
 * A session in the Effect style.
 *
 * @example
 * ```ts
 * import { AsyncEngine, AsyncSession, Entity, eq, integer, select, table, text } from "@offloop/orm-async"
 * import { Effect } from "effect"
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

/** What a session takes its connections from. */
export type SessionBind = AsyncEngine | AsyncConnection

/**
 * A session that the surrounding scope closes. Does no I/O: the first use takes a connection.
 *
 * Bound to a connection, the session uses that one and does not close it. If the connection is in a transaction, the
 * session works in a savepoint of it, which its `commit` releases: the transaction belongs to whoever began it.
 */
const make = (
  bind: SessionBind,
  options: SessionOptions = {},
): Effect.Effect<AsyncSession, ArgumentError, Scope.Scope> =>
  // Not acquireRelease, which also restores all FiberRefs for the end: that costs as much as the statements do.
  Effect.flatMap(Effect.scope, (scope) =>
    Effect.uninterruptible(
      Effect.tap(openSession(bind, options), (session) =>
        Scope.addFinalizer(scope, Effect.uninterruptible(session.end)),
      ),
    ),
  )

/** A layer of one session on the engine of the context, for a program or request that has just one. */
const layer = (options: SessionOptions = {}): Layer.Layer<AsyncSession, ArgumentError, AsyncEngine> =>
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
