import type { ExecuteOptions, ExecuteParameters } from "../connection/connection.ts"
import type { ConnectionCore } from "../connection/connection-core.ts"
import type { ConnectionEngine } from "../connection/connection-engine.ts"
import type { AnyEntity, Identity } from "../entity/entity-types.ts"
import { identityValues } from "../entity/identity-values.ts"
import { requireState } from "../entity/instance.ts"
import type { InstanceState } from "../entity/instance-state.ts"
import type { EntityClass } from "../entity/many-to-one.ts"
import type { Mapper } from "../entity/mapper.ts"
import { mapperOf } from "../entity/mapper-registry.ts"
import { InvalidRequestError, NoResultFound } from "../errors/index.ts"
import { type Call, Immediate } from "../operation/call.ts"
import { Operation, type Procedure, settled } from "../operation/operation.ts"
import type { BufferedResult } from "../result/internal/buffered-result.ts"
import type { Executable, StatementLevel } from "../statement/executable.ts"
import type { SurroundingBlocks } from "../transaction/block.ts"
import type { LoadOptions } from "./entity-loader.ts"
import { keyQuery, loadOne, refreshState, takeEntity } from "./load-by-key.ts"
import { mergeInto } from "./merge.ts"
import { ormRows, sessionResult } from "./orm-rows.ts"
import { QueryCall, type QuerySession } from "./query-call.ts"
import type { GetOptions, RefreshOptions, ScalarOf } from "./session.ts"
import { engineOf, type SessionBind } from "./session-bind.ts"
import { SessionCall } from "./session-call.ts"
import type { SessionConnection } from "./session-connection.ts"
import { SessionCursor } from "./session-cursor.ts"
import { requireNames, SessionObjects } from "./session-objects.ts"
import type { SessionSettings } from "./session-options.ts"
import type { SessionTransaction } from "./session-transaction.ts"
import { SessionTransactions } from "./session-transactions.ts"

/** A result whose rows are the session's. */
export type SessionResult<Row> = BufferedResult<Row, ScalarOf<Row>>

/** A session, in no style: what its methods do. */
export class SessionCore extends SessionObjects implements QuerySession {
  readonly engine: ConnectionEngine
  readonly bind: SessionBind

  /** @param surroundings gives the blocks that the code which calls now is inside of */
  constructor(bind: SessionBind, settings: SessionSettings, surroundings: () => SurroundingBlocks) {
    super(new SessionTransactions(bind, { expireOnCommit: settings.expireOnCommit, surroundings }), settings)
    this.engine = engineOf(bind)
    this.bind = bind
  }

  flush(): SessionCall<void> {
    return this.#steps("flush", () => this.transactions.flush())
  }

  commit(): SessionCall<void> {
    return this.#steps("commit", () => this.transactions.commit())
  }

  rollback(): SessionCall<void> {
    return this.#ending("rollback", () => this.transactions.rollback())
  }

  close(): SessionCall<void> {
    return this.#ending("close", () => this.transactions.close())
  }

  invalidate(): SessionCall<void> {
    return this.#ending("invalidate", () => this.transactions.invalidate())
  }

  /** Closes the session for good, whatever it is doing; for the end of its scope. Does not fail. */
  *end(): Procedure<void> {
    this.state.ended = true
    try {
      yield* this.transactions.close()
    } catch (error) {
      this.engine.log("warning", "A session could not roll back the connection that it was bound to", error)
    }
  }

  /** Begins the transaction, for a block. Does no I/O. */
  begin(): SessionCall<SessionTransaction> {
    return this.#call("begin", () => new Immediate(() => this.transactions.begin()))
  }

  /** Begins a savepoint, for a block. */
  beginNested(): SessionCall<SessionTransaction> {
    return this.#steps("beginNested", () => this.transactions.beginNested())
  }

  /** A block has ended well: makes its transaction permanent, unless the block has ended it itself. */
  commitBlock(transaction: SessionTransaction): Call<void> {
    this.transactions.leaveBlock(transaction)
    if (!transaction.active) return new Immediate(() => undefined)
    return this.#steps("commit", () => this.transactions.commitBlock(transaction))
  }

  /**
   * Runs steps that may change any row in the transaction: flushes before, so that they see what the session holds, and
   * expires all objects after.
   */
  beside<A>(method: string, steps: (connection: ConnectionCore) => Procedure<A>): SessionCall<A> {
    return this.#steps(method, () => this.#beside(method, steps))
  }

  connect(): SessionCall<SessionConnection> {
    return this.#steps("connection", () => this.transactions.connect())
  }

  get<E extends AnyEntity>(entity: EntityClass<E>, id: Identity<E>, options: GetOptions = {}): SessionCall<E | null> {
    return this.#call("get", () => this.#get(mapperOf(entity), id, options, (found) => found as E | null))
  }

  getOne<E extends AnyEntity>(entity: EntityClass<E>, id: Identity<E>, options: GetOptions = {}): SessionCall<E> {
    return this.#call("get", () => {
      const mapper = mapperOf(entity)
      return this.#get(mapper, id, options, (found) => {
        if (found !== null) return found as E
        const keys = mapper.primaryKeys
        const given = identityValues(mapper, id)
        const what = mapper.describe(Object.fromEntries(keys.map((key, at) => [key, given[at]])))
        throw new NoResultFound({ message: `There is no row for ${what}: use get() if there may be none` })
      })
    })
  }

  refresh(entity: AnyEntity, names?: ReadonlyArray<string>, options: RefreshOptions = {}): SessionCall<void> {
    return this.#call("refresh", () => {
      const state = this.persistent(entity, "refresh")
      requireNames(state.mapper, names, "refresh")
      return new Operation(() => this.#refresh(state, names, options))
    })
  }

  merge<E extends AnyEntity>(entity: E): SessionCall<E> {
    return this.#call("merge", () => {
      const state = requireState(entity, "merge")
      return new Operation(() => this.#merge<E>(state))
    })
  }

  /** @param read makes the answer of the result */
  query<Row, A>(
    statement: Executable<Row, StatementLevel>,
    parameters: ExecuteParameters | undefined,
    options: ExecuteOptions | undefined,
    read: (result: SessionResult<Row>) => A,
  ): SessionCall<A> {
    return this.#call(
      "execute",
      () =>
        new QueryCall<Row, A>(this, {
          compile: (connection) => {
            this.#noteStatement(statement)
            return connection.compile(statement, parameters, options)
          },
          read: (result) => read(sessionResult(statement, result, this.state, this.#loadOptions(false))),
        }),
    )
  }

  stream<Row>(
    statement: Executable<Row, StatementLevel>,
    parameters: ExecuteParameters | undefined,
    options: ExecuteOptions | undefined,
  ): SessionCursor<Row> {
    const prepare = this.#steps("stream", () => this.#prepareStream(statement))
    const convert = (rows: ReadonlyArray<unknown>) =>
      ormRows(statement, this.state, this.#loadOptions(false))?.convert(rows) ?? rows
    return new SessionCursor({ prepare, convert }, statement, parameters, options)
  }

  ready(): SessionConnection | undefined {
    return this.autoflush && this.state.hasWork ? undefined : this.transactions.connection
  }

  *prepare(): Procedure<SessionConnection> {
    if (this.autoflush) yield* this.transactions.flush()
    return yield* this.transactions.connect()
  }

  #call<A>(method: string, make: () => Call<A>): SessionCall<A> {
    return new SessionCall(this.transactions, { method }, make)
  }

  #steps<A>(method: string, steps: () => Procedure<A>): SessionCall<A> {
    return this.#call(method, () => new Operation(steps))
  }

  *#beside<A>(method: string, steps: (connection: ConnectionCore) => Procedure<A>): Procedure<A> {
    yield* this.transactions.flush()
    const { core } = yield* this.transactions.connect()
    this.transactions.noteChangedRows()
    const { root } = core.levels
    const answer = yield* settled(new Operation(() => steps(core)))
    // Not after a caller has gone: the session may be in another transaction by then, and this one is rolled back.
    if (!this.state.ended) this.state.expireAll()
    if (!answer.ok) throw answer.error
    if (root?.active !== false) return answer.value
    throw new InvalidRequestError({
      message: `${method}: the function ended the session's transaction, which only the session may end; roll the session back`,
    })
  }

  #ending(method: string, steps: () => Procedure<void>): SessionCall<void> {
    return new SessionCall(this.transactions, { method, always: true }, () => new Operation(steps))
  }

  #loadOptions(populateExisting: boolean): LoadOptions {
    return { populateExisting, afterOwnStatements: this.transactions.changedRows }
  }

  /** The object that the session has for a key, if it need not ask the database. */
  #known(mapper: Mapper, values: ReadonlyArray<unknown>, options: GetOptions): InstanceState | undefined {
    if (options.populateExisting === true || (options.withForUpdate ?? false) !== false) return undefined
    const state = this.state.lookUp(mapper, values)
    return state === undefined || state.expired ? undefined : state
  }

  #get<A>(mapper: Mapper, id: unknown, options: GetOptions, read: (found: object | null) => A): Call<A> {
    const values = identityValues(mapper, id)
    const known = this.#known(mapper, values, options)
    if (known !== undefined) return new Immediate(() => read(known.entity))
    const { statement, parameters } = keyQuery(mapper, mapper.primaryKeys, values, options)
    const { populateExisting = false } = options
    return new QueryCall(this, {
      compile: (connection) => connection.compile(statement, parameters),
      read: (result) =>
        read(takeEntity(this.state, mapper, result, this.#loadOptions(populateExisting))?.entity ?? null),
    })
  }

  *#find(mapper: Mapper, values: ReadonlyArray<unknown>): Procedure<InstanceState | undefined> {
    const known = this.#known(mapper, values, {})
    if (known !== undefined) return known
    const connection = yield* this.prepare()
    const context = { session: this.state, connection, load: this.#loadOptions(false) }
    return yield* loadOne(context, mapper, keyQuery(mapper, mapper.primaryKeys, values))
  }

  *#refresh(state: InstanceState, names: ReadonlyArray<string> | undefined, options: RefreshOptions): Procedure<void> {
    const connection = yield* this.prepare()
    const context = { session: this.state, connection, load: this.#loadOptions(true) }
    yield* refreshState(context, state, names, options)
  }

  *#merge<E extends AnyEntity>(state: InstanceState): Procedure<E> {
    const merged = yield* mergeInto(this.state, state, (mapper, values) => this.#find(mapper, values))
    return merged.entity as E
  }

  *#prepareStream(statement: Executable<unknown, StatementLevel>): Procedure<SessionConnection> {
    const connection = yield* this.prepare()
    this.#noteStatement(statement)
    return connection
  }

  #noteStatement(statement: Executable<unknown, StatementLevel>): void {
    if (mayChangeRows(statement)) this.transactions.noteChangedRows()
  }
}

const mayChangeRows = (statement: Executable<unknown, StatementLevel>): boolean => {
  const { statementKind } = statement
  return statementKind !== "select" && statementKind !== "compound"
}
