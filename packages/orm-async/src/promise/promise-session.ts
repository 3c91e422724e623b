import type { ExecuteOptions, ExecuteParameters } from "../connection/connection.ts"
import type { ConnectionCore } from "../connection/connection-core.ts"
import type { AnyEntity, Identity, PropertyOf } from "../entity/entity-types.ts"
import type { EntityClass } from "../entity/many-to-one.ts"
import { type Call, Mapped } from "../operation/call.ts"
import { Operation, type Procedure } from "../operation/operation.ts"
import { BaseSession } from "../session/base-session.ts"
import type { GetOptions, RefreshOptions, ScalarOf } from "../session/session.ts"
import { NoAutoflush, runMakerBlock, runNestedBlock, runSessionBlock } from "../session/session-block.ts"
import type { SessionCall } from "../session/session-call.ts"
import type { SessionCore } from "../session/session-core.ts"
import type { Executable, StatementLevel } from "../statement/executable.ts"
import { runSync } from "../sync/run-sync.ts"
import type { AsyncSession } from "./async-session.ts"
import { BlockCall, CallbackBody } from "./callback-body.ts"
import { type AsyncConnection, PromiseConnection } from "./promise-connection.ts"
import type { Result, ScalarResult } from "./promise-result.ts"
import { RowStream } from "./promise-stream.ts"
import type { CallOptions } from "./promise-style.ts"
import { type CallContext, runCall, runProcedure } from "./run-call.ts"
import { runSyncMethod } from "./run-sync-method.ts"
import { RunningBlock } from "./running-block.ts"

type Block<A> = (session: AsyncSession) => PromiseLike<A> | A

/** The implementation of {@link AsyncSession}. */
export class PromiseSession extends BaseSession implements AsyncSession, AsyncDisposable {
  readonly #context: CallContext
  readonly #lent: AsyncConnection | undefined
  #connection: PromiseConnection | undefined

  /** @param lent the connection that the session is bound to, if so */
  constructor(core: SessionCore, context: CallContext, lent: AsyncConnection | undefined) {
    super(core)
    this.#context = context
    this.#lent = lent
  }

  flush(options?: CallOptions): Promise<void> {
    return this.#run(() => this.core.flush(), options)
  }

  commit(options?: CallOptions): Promise<void> {
    return this.#run(() => this.core.commit(), options)
  }

  rollback(options?: CallOptions): Promise<void> {
    return this.#run(() => this.core.rollback(), options)
  }

  close(options?: CallOptions): Promise<void> {
    return this.#run(() => this.core.close(), options)
  }

  reset(options?: CallOptions): Promise<void> {
    return this.close(options)
  }

  invalidate(options?: CallOptions): Promise<void> {
    return this.#run(() => this.core.invalidate(), options)
  }

  connection(options?: CallOptions): Promise<AsyncConnection> {
    return runCall(this.#context, () => new Mapped(this.core.connect(), ({ core }) => this.#handle(core)), options)
  }

  get runSync(): AsyncSession["runSync"] {
    return runSyncMethod((task, args, options) =>
      runCall(
        this.#context,
        () => this.core.beside("runSync", (connection) => runSync(connection, task, args, {})),
        options,
      ),
    )
  }

  begin<A>(block: Block<A>, options?: CallOptions): Promise<A> {
    return this.#block((body) => runSessionBlock(this.core, body), block, options)
  }

  beginNested<A>(block: Block<A>, options?: CallOptions): Promise<A> {
    return this.#block((body) => runNestedBlock(this.core, body), block, options)
  }

  noAutoflush<A>(block: Block<A>, options?: CallOptions): Promise<A> {
    const running = new RunningBlock()
    const body = this.#body(block, running)
    return runCall(this.#context, () => new BlockCall(new NoAutoflush(this.core, body), running), options)
  }

  get<E extends AnyEntity>(
    entity: EntityClass<E>,
    id: Identity<E>,
    options?: GetOptions & CallOptions,
  ): Promise<E | null> {
    return this.#run(() => this.core.get(entity, id, options), options)
  }

  getOne<E extends AnyEntity>(entity: EntityClass<E>, id: Identity<E>, options?: GetOptions & CallOptions): Promise<E> {
    return this.#run(() => this.core.getOne(entity, id, options), options)
  }

  refresh<E extends AnyEntity>(
    entity: E,
    names?: ReadonlyArray<PropertyOf<E>>,
    options?: RefreshOptions & CallOptions,
  ): Promise<void> {
    return this.#run(() => this.core.refresh(entity, names, options), options)
  }

  merge<E extends AnyEntity>(entity: E, options?: CallOptions): Promise<E> {
    return this.#run(() => this.core.merge(entity), options)
  }

  execute<Row>(
    statement: Executable<Row, StatementLevel>,
    parameters?: ExecuteParameters,
    options?: ExecuteOptions & CallOptions,
  ): Promise<Result<Row, ScalarOf<Row>>> {
    return this.#run(() => this.core.query(statement, parameters, options, (result) => result), options)
  }

  scalar<Row>(
    statement: Executable<Row, StatementLevel>,
    parameters?: ExecuteParameters,
    options?: ExecuteOptions & CallOptions,
  ): Promise<ScalarOf<Row> | null> {
    return this.#run(() => this.core.query(statement, parameters, options, (result) => result.scalar()), options)
  }

  scalars<Row>(
    statement: Executable<Row, StatementLevel>,
    parameters?: ExecuteParameters,
    options?: ExecuteOptions & CallOptions,
  ): Promise<ScalarResult<ScalarOf<Row>>> {
    return this.#run(() => this.core.query(statement, parameters, options, (result) => result.scalars()), options)
  }

  stream<Row>(
    statement: Executable<Row, StatementLevel>,
    parameters?: ExecuteParameters,
    options?: ExecuteOptions & CallOptions,
  ): AsyncIterable<Row> {
    return new RowStream(this.#context, () => this.core.stream(statement, parameters, options), options)
  }

  /** Runs a block in a transaction, and closes the session for good. */
  runAndEnd<A>(block: Block<A>): Call<A> {
    const running = new RunningBlock()
    const body = this.#body(block, running)
    return new BlockCall(new Operation(() => runMakerBlock(this.core, body)), running)
  }

  /** Closes the session for good. Not a call of a block: also what was interrupted is closed. */
  [Symbol.asyncDispose](): Promise<void> {
    return runProcedure({ log: this.core.engine.log }, () => this.core.end())
  }

  #run<A>(make: () => SessionCall<A>, options: CallOptions | undefined): Promise<A> {
    return runCall(this.#context, make, options, () => `session.${make().use.method}()`)
  }

  #block<A>(run: (body: Call<A>) => Procedure<A>, block: Block<A>, options: CallOptions | undefined): Promise<A> {
    const running = new RunningBlock()
    const body = this.#body(block, running)
    return runCall(this.#context, () => new BlockCall(new Operation(() => run(body)), running), options)
  }

  /** A callback as the body of a block: it is given a session whose calls belong to the block. */
  #body<A>(block: Block<A>, running: RunningBlock): Call<A> {
    const context = { log: this.#context.log, block: running }
    return new CallbackBody(running, block, () => new PromiseSession(this.core, context, this.#lent))
  }

  #handle(core: ConnectionCore): AsyncConnection {
    if (this.#lent !== undefined) return this.#lent
    if (this.#connection?.core !== core) this.#connection = new PromiseConnection(core, this.#context)
    return this.#connection
  }
}
