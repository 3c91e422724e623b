import type { ExecuteOptions, ExecuteParameters, Connection as StyledConnection } from "../connection/connection.ts"
import type { ConnectionCore } from "../connection/connection-core.ts"
import type { Engine as StyledEngine } from "../engine/engine.ts"
import type { AnyEntity, Identity, PropertyOf } from "../entity/entity-types.ts"
import type { EntityClass } from "../entity/many-to-one.ts"
import type { Call } from "../operation/call.ts"
import { Operation } from "../operation/operation.ts"
import { BaseSession } from "../session/base-session.ts"
import type { GetOptions, RefreshOptions, ScalarOf, Session as StyledSession } from "../session/session.ts"
import { sessionBind } from "../session/session-bind.ts"
import { NoAutoflush, runMakerBlock, runNestedBlock, runSessionBlock } from "../session/session-block.ts"
import { SessionCore } from "../session/session-core.ts"
import type { SessionMaker as StyledSessionMaker } from "../session/session-maker.ts"
import { checkSessionOptions, type SessionOptions } from "../session/session-options.ts"
import type { Executable, StatementLevel } from "../statement/executable.ts"
import { runCall } from "./run-call.ts"
import { blockBody } from "./sync-block.ts"
import { type Connection, SyncConnection } from "./sync-connection.ts"
import type { Result, ScalarResult } from "./sync-result.ts"
import { SyncRowStream } from "./sync-stream.ts"
import type { SyncStyle } from "./sync-style.ts"

/**
 * A session in the sync style.
 *
 * @see SQLAlchemy `sqlalchemy.orm.Session`
 * @example
 * ```ts
 * import { type Engine, Entity, eq, integer, Session, select, table, text } from "@offloop/orm-async/sync"
 *
 * const users = table("users", { id: integer().primaryKey(), name: text() })
 * class User extends Entity(users) {}
 *
 * const rename = (engine: Engine) => {
 *   using session = Session.make(engine)
 *   const ann = session.scalars(select(User).where(eq(User.c.name, "ann"))).one()
 *   ann.name = "Ann"
 *   session.commit()
 * }
 * ```
 */
export interface Session extends StyledSession<SyncStyle> {}

/** The source of a session's connections. */
export type SessionBind = StyledEngine<SyncStyle> | StyledConnection<SyncStyle>

type Block<A> = (session: Session) => A

/** The implementation of {@link Session}. */
class SyncSession extends BaseSession implements Session, Disposable {
  readonly runSync = undefined
  readonly #lent: Connection | undefined
  #connection: SyncConnection | undefined

  /** @param lent the connection that the session is bound to, if so */
  constructor(core: SessionCore, lent: Connection | undefined) {
    super(core)
    this.#lent = lent
  }

  flush(): void {
    this.#run(this.core.flush())
  }

  commit(): void {
    this.#run(this.core.commit())
  }

  rollback(): void {
    this.#run(this.core.rollback())
  }

  close(): void {
    this.#run(this.core.close())
  }

  reset(): void {
    this.close()
  }

  invalidate(): void {
    this.#run(this.core.invalidate())
  }

  connection(): Connection {
    return this.#handle(this.#run(this.core.connect()).core)
  }

  begin<A>(block: Block<A>): A {
    return this.#run(new Operation(() => runSessionBlock(this.core, this.#body(block))))
  }

  beginNested<A>(block: Block<A>): A {
    return this.#run(new Operation(() => runNestedBlock(this.core, this.#body(block))))
  }

  noAutoflush<A>(block: Block<A>): A {
    return this.#run(new NoAutoflush(this.core, this.#body(block)))
  }

  get<E extends AnyEntity>(entity: EntityClass<E>, id: Identity<E>, options?: GetOptions): E | null {
    return this.#run(this.core.get(entity, id, options))
  }

  getOne<E extends AnyEntity>(entity: EntityClass<E>, id: Identity<E>, options?: GetOptions): E {
    return this.#run(this.core.getOne(entity, id, options))
  }

  refresh<E extends AnyEntity>(entity: E, names?: ReadonlyArray<PropertyOf<E>>, options?: RefreshOptions): void {
    this.#run(this.core.refresh(entity, names, options))
  }

  merge<E extends AnyEntity>(entity: E): E {
    return this.#run(this.core.merge(entity))
  }

  execute<Row>(
    statement: Executable<Row, StatementLevel>,
    parameters?: ExecuteParameters,
    options?: ExecuteOptions,
  ): Result<Row, ScalarOf<Row>> {
    return this.#run(this.core.query(statement, parameters, options, (result) => result))
  }

  scalar<Row>(
    statement: Executable<Row, StatementLevel>,
    parameters?: ExecuteParameters,
    options?: ExecuteOptions,
  ): ScalarOf<Row> | null {
    return this.execute(statement, parameters, options).scalar()
  }

  scalars<Row>(
    statement: Executable<Row, StatementLevel>,
    parameters?: ExecuteParameters,
    options?: ExecuteOptions,
  ): ScalarResult<ScalarOf<Row>> {
    return this.execute(statement, parameters, options).scalars()
  }

  stream<Row>(
    statement: Executable<Row, StatementLevel>,
    parameters?: ExecuteParameters,
    options?: ExecuteOptions,
  ): Iterable<Row> {
    return new SyncRowStream(this.core.engine.log, () => this.core.stream(statement, parameters, options))
  }

  /** Runs a block in a transaction, and closes the session for good. */
  runAndEnd<A>(block: Block<A>): A {
    return this.#run(new Operation(() => runMakerBlock(this.core, this.#body(block))))
  }

  [Symbol.dispose](): void {
    this.#run(new Operation(() => this.core.end()))
  }

  #run<A>(call: Call<A>): A {
    return runCall(this.core.engine.log, call)
  }

  #body<A>(block: Block<A>): Call<A> {
    return blockBody(block, () => this)
  }

  #handle(core: ConnectionCore): Connection {
    if (this.#lent !== undefined) return this.#lent
    if (this.#connection?.core !== core) this.#connection = new SyncConnection(core)
    return this.#connection
  }
}

const open = (bind: SessionBind, options: SessionOptions | undefined, place: string): SyncSession => {
  const checked = sessionBind(bind, options, place)
  const core = new SessionCore(checked, checkSessionOptions(options, place), () => "unknown")
  return new SyncSession(core, checked.kind === "engine" ? undefined : (bind as Connection))
}

/** Sessions in the sync style. */
export const Session: {
  /**
   * A session that `using` closes. Does no I/O: the first use takes a connection. Bound to a connection, it uses that one
   * and does not close it. If the connection is in a transaction, the session works in a savepoint of it, which its
   * `commit` releases: the transaction belongs to whoever began it.
   *
   * @throws {ArgumentError} for a wrong option
   */
  readonly make: (bind: SessionBind, options?: SessionOptions) => Session & Disposable
} = { make: (bind, options) => open(bind, options, "Session.make") }

/** A maker of sessions in the sync style. */
export interface SessionMaker extends StyledSessionMaker<SyncStyle> {}

/** The implementation of {@link SessionMaker}. */
class SyncSessionMaker implements SessionMaker {
  readonly #bind: SessionBind
  readonly #options: SessionOptions | undefined

  constructor(bind: SessionBind, options: SessionOptions | undefined) {
    this.#bind = bind
    this.#options = options
  }

  session(): Session & Disposable {
    return open(this.#bind, this.#options, "sessionMaker")
  }

  begin<A>(block: Block<A>): A {
    return open(this.#bind, this.#options, "sessionMaker").runAndEnd(block)
  }
}

/**
 * A maker of sessions on an engine: the one place where a program says how its sessions are. Does no I/O.
 *
 * @see SQLAlchemy `sqlalchemy.orm.sessionmaker`
 * @example
 * ```ts
 * import { createEngine, Entity, integer, sessionMaker, table, text } from "@offloop/orm-async/sync"
 *
 * class User extends Entity(table("users", { id: integer().primaryKey(), name: text() })) {}
 *
 * using engine = createEngine("sqlite:///./app.db")
 * const sessions = sessionMaker(engine)
 * sessions.begin((session) => {
 *   session.add(new User({ name: "ann" }))
 * })
 * ```
 * @param bind the engine, or a connection that all of its sessions share
 */
export const sessionMaker = (bind: SessionBind, options?: SessionOptions): SessionMaker =>
  new SyncSessionMaker(bind, options)
