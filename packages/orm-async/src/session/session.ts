import type { Connection, ExecuteOptions, ExecuteParameters } from "../connection/connection.ts"
import type { AnyEntity, entityType, Identity, PropertyOf } from "../entity/entity-types.ts"
import type { EntityClass } from "../entity/many-to-one.ts"
import type { Result, ScalarResult } from "../result/result.ts"
import type { SyncStyle } from "../result/sync-style.ts"
import type { Executable, StatementLevel } from "../statement/executable.ts"
import type { ForUpdateOptions } from "../statement/select.ts"
import type { Body, Member, Run, RunSync, Streamed, Style } from "../style.ts"
import type { IdentityMap } from "./identity-map.ts"
import type { GetOneError, SessionError } from "./session-error.ts"

/** The value that `scalars` gives for a row: an entity as it is, else the value of the first column. */
export type ScalarOf<Row> = Row extends null
  ? null
  : Row extends { readonly [entityType]: unknown }
    ? Row
    : Row[keyof Row]

/** Options of reading a row by its key. */
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
 * A session serves one caller at a time: a second call while one is under way fails with `IllegalStateChangeError`. Use
 * one session for each request or unit of work. Objects are made and changed on the calling thread; the database works where
 * the engine's placement says.
 *
 * @see SQLAlchemy `sqlalchemy.orm.Session`
 */
export interface Session<S extends Style> {
  /** The objects that stand for rows. */
  readonly identityMap: IdentityMap
  /** Objects to be inserted by the next flush. */
  readonly new: ReadonlySet<AnyEntity>
  /** Objects with recorded changes; `isModified` tells whether a net change is left. */
  readonly dirty: ReadonlySet<AnyEntity>
  /** Objects to be deleted by the next flush. */
  readonly deleted: ReadonlySet<AnyEntity>
  /** Notes of the program's own. */
  readonly info: Record<string, unknown>
  /** Queries flush first. */
  autoflush: boolean
  /** The session can be used: false between a failed flush and the rollback. */
  readonly isActive: boolean

  /**
   * Takes an object into the session, and the objects that it refers to. The next flush inserts it if it is new. Does
   * no I/O.
   *
   * @throws {InvalidRequestError} if it is no entity, belongs to another session, was deleted, or if another object
   *   stands for the same row here
   */
  add(entity: AnyEntity): void
  /** {@link add} for several objects. */
  addAll(entities: Iterable<AnyEntity>): void
  /**
   * Marks an object, whose row the next flush deletes. Does no I/O.
   *
   * @throws {InvalidRequestError} if it has no row yet
   */
  delete(entity: AnyEntity): void
  /**
   * Lets an object go; its changes stay on it. Does no I/O.
   *
   * @throws {InvalidRequestError} if it is not in the session
   */
  expunge(entity: AnyEntity): void
  /** Lets all objects go. Does no I/O. */
  expungeAll(): void
  /** True if an object is in the session: to be inserted, or standing for a row. */
  contains(entity: AnyEntity): boolean
  /** True if an object has changes that a flush would write. */
  isModified(entity: AnyEntity): boolean
  /**
   * Forgets values of an object, or all but its key; changes of them that are not flushed are lost. Reading them throws
   * until `refresh` or a query has loaded them. Does no I/O.
   *
   * @throws {InvalidRequestError} if it is not persistent in this session
   */
  expire<E extends AnyEntity>(entity: E, names?: ReadonlyArray<PropertyOf<E>>): void
  /** {@link expire} for all objects. */
  expireAll(): void

  /** Writes all changes to the database, inside the transaction. Does no I/O if there are none. */
  readonly flush: Member<S, void, SessionError>
  /**
   * Flushes, commits, and gives the connection back. If the database refuses, everything is rolled back. Where the
   * transaction has sent nothing before and no object needs a key that the database generates for another, BEGIN, the
   * flush and COMMIT are one round trip. Sends nothing where there is nothing to write and nothing was sent.
   */
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
  /**
   * Flushes, then runs an exported function where the connection lives, with a synchronous session in the same transaction;
   * then expires all objects, since the function may have changed their rows. The function's session has objects of its own
   * and is flushed when the function ends; its `commit` ends only its own savepoint. Entities do not cross: give plain data
   * back. See `Connection.runSync` for what holds of functions, results and errors.
   *
   * @see SQLAlchemy `AsyncSession.run_sync`
   */
  readonly runSync: RunSync<S, Session<SyncStyle>, SessionError>
  /** True if a transaction has begun, by itself or explicitly. */
  inTransaction(): boolean
  /** True if a savepoint is open. */
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
  get<E extends AnyEntity>(
    entity: EntityClass<E>,
    id: Identity<E>,
    options?: GetOptions & S["options"],
  ): Run<S, E | null, SessionError>
  /** {@link get} that fails with `NoResultFound` if there is no row. */
  getOne<E extends AnyEntity>(
    entity: EntityClass<E>,
    id: Identity<E>,
    options?: GetOptions & S["options"],
  ): Run<S, E, GetOneError>
  /**
   * Flushes, then loads an object's columns again, or the columns and references that are named.
   *
   * Fails with `InvalidRequestError` if the object is not persistent in this session, or its row is gone.
   */
  refresh<E extends AnyEntity>(
    entity: E,
    names?: ReadonlyArray<PropertyOf<E>>,
    options?: RefreshOptions & S["options"],
  ): Run<S, void, SessionError>
  /**
   * Copies an object that is not of this session, and those it refers to, onto the objects of this session with the same
   * keys, which are loaded or made anew. Gives the object of this session.
   */
  merge<E extends AnyEntity>(entity: E, options?: S["options"]): Run<S, E, SessionError>

  /**
   * Flushes, then runs a statement and gives its whole result. Entities in it are objects of this session.
   *
   * An INSERT, UPDATE or DELETE does not change objects that are loaded: `refresh` or `expire` those it concerns.
   */
  execute<Row>(
    statement: Executable<Row, StatementLevel>,
    parameters?: ExecuteParameters,
    options?: ExecuteOptions & S["options"],
  ): Run<S, Result<Row, S["results"], ScalarOf<Row>>, SessionError>
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
  ): Run<S, ScalarResult<ScalarOf<Row>, S["results"]>, SessionError>
  /**
   * Flushes, then gives rows as they come; see `Connection.stream`. The session keeps the entities among them, as
   * all that it has loaded: where they are very many, `expunge` each when it is done with, or select columns.
   */
  stream<Row>(
    statement: Executable<Row, StatementLevel>,
    parameters?: ExecuteParameters,
    options?: ExecuteOptions & S["options"],
  ): Streamed<S, Row, SessionError>
}
