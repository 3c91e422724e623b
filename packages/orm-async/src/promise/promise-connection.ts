import type { Compiled } from "../compiler/compiled.ts"
import { BaseConnection } from "../connection/base-connection.ts"
import type { Connection, DriverRow, ExecuteOptions, ExecuteParameters } from "../connection/connection.ts"
import {
  commit,
  isolationLevel,
  openCursor,
  prepare,
  prepareSql,
  rollback,
  setOptions,
} from "../connection/connection-calls.ts"
import type { ConnectionCore } from "../connection/connection-core.ts"
import type { ExecutionOptions } from "../connection/execution-options.ts"
import { StatementCall } from "../connection/statement-call.ts"
import { type Call, Immediate, Mapped } from "../operation/call.ts"
import { Operation } from "../operation/operation.ts"
import type { BufferedResult } from "../result/internal/buffered-result.ts"
import type { Executable } from "../statement/executable.ts"
import { runSync } from "../sync/run-sync.ts"
import { beginRoot, beginSavepoint, runBlock } from "../transaction/block.ts"
import type { Level } from "../transaction/levels.ts"
import { BlockCall, CallbackBody } from "./callback-body.ts"
import type { Result, ScalarResult } from "./promise-result.ts"
import { RowStream } from "./promise-stream.ts"
import type { CallOptions, PromiseStyle } from "./promise-style.ts"
import { type AsyncTransaction, PromiseTransaction } from "./promise-transaction.ts"
import { type CallContext, runCall, runProcedure } from "./run-call.ts"
import { runSyncMethod } from "./run-sync-method.ts"
import { RunningBlock } from "./running-block.ts"

/**
 * A connection in the Promise style.
 *
 * @example
 * ```ts
 * import { type AsyncEngine, textClause } from "@offloop/orm-async/promise"
 *
 * const one = async (engine: AsyncEngine) => {
 *   await using conn = await engine.connect()
 *   const value = await conn.scalar(textClause("SELECT 1"))
 *   await conn.commit()
 *   return value
 * }
 * ```
 */
export interface AsyncConnection extends Connection<PromiseStyle> {}

type Block<A> = (transaction: AsyncTransaction) => PromiseLike<A> | A

/** The implementation of {@link AsyncConnection}. */
export class PromiseConnection extends BaseConnection implements AsyncConnection, AsyncDisposable {
  readonly #context: CallContext

  constructor(core: ConnectionCore, context: CallContext) {
    super(core)
    this.#context = context
  }

  execute<Row>(
    statement: Executable<Row>,
    parameters?: ExecuteParameters,
    options?: ExecuteOptions & CallOptions,
  ): Promise<Result<Row>> {
    return this.#run(() => prepare(this.core, statement, parameters, options), options)
  }

  scalar<Row>(
    statement: Executable<Row>,
    parameters?: ExecuteParameters,
    options?: ExecuteOptions & CallOptions,
  ): Promise<Row[keyof Row] | null> {
    return this.#runInto(
      () => prepare(this.core, statement, parameters, options),
      (result) => result.scalar(),
      options,
    )
  }

  scalars<Row>(
    statement: Executable<Row>,
    parameters?: ExecuteParameters,
    options?: ExecuteOptions & CallOptions,
  ): Promise<ScalarResult<Row[keyof Row]>> {
    return this.#runInto(
      () => prepare(this.core, statement, parameters, options),
      (result) => result.scalars(),
      options,
    )
  }

  stream<Row>(
    statement: Executable<Row>,
    parameters?: ExecuteParameters,
    options?: ExecuteOptions & CallOptions,
  ): AsyncIterable<Row> {
    return new RowStream(this.#context, () => openCursor(this.core, statement, parameters, options), options)
  }

  execDriverSql(
    sql: string,
    parameters?: ReadonlyArray<unknown> | ReadonlyArray<ReadonlyArray<unknown>>,
    options?: ExecuteOptions & CallOptions,
  ): Promise<Result<DriverRow>> {
    return this.#run(() => prepareSql(this.core, sql, parameters, options), options)
  }

  get runSync(): AsyncConnection["runSync"] {
    return runSyncMethod((task, args, options) =>
      runProcedure(this.#context, () => runSync(this.core, task, args), options),
    )
  }

  begin<A>(block: Block<A>, options?: CallOptions): Promise<A> {
    return this.#block(() => beginRoot(this.core), block, options)
  }

  beginNested<A>(block: Block<A>, options?: CallOptions): Promise<A> {
    return this.#block(() => beginSavepoint(this.core, "unknown"), block, options)
  }

  beginTransaction(options?: CallOptions): Promise<AsyncTransaction> {
    return this.#now(() => this.#handle(beginRoot(this.core)), options)
  }

  beginNestedTransaction(options?: CallOptions): Promise<AsyncTransaction> {
    return this.#now(() => this.#handle(beginSavepoint(this.core, "unknown")), options)
  }

  commit(options?: CallOptions): Promise<void> {
    return runProcedure(this.#context, () => commit(this.core), options)
  }

  rollback(options?: CallOptions): Promise<void> {
    return runProcedure(this.#context, () => rollback(this.core), options)
  }

  getTransaction(): AsyncTransaction | null {
    const { root } = this.core.levels
    return root === undefined ? null : this.#handle(root)
  }

  getNestedTransaction(): AsyncTransaction | null {
    const { savepoint } = this.core.levels
    return savepoint === undefined ? null : this.#handle(savepoint)
  }

  executionOptions(options: ExecutionOptions): Promise<this> {
    return this.#now(() => {
      setOptions(this.core, options)
      return this
    })
  }

  getIsolationLevel(options?: CallOptions): Promise<string> {
    return runCall(this.#context, () => isolationLevel(this.core), options)
  }

  invalidate(options?: CallOptions): Promise<void> {
    return this.#now(() => this.core.invalidate(), options)
  }

  /** Also after its block was interrupted: closing is what programs do last. */
  close(_options?: CallOptions): Promise<void> {
    this.core.release()
    return Promise.resolve()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #run<Row>(prepared: () => Compiled<Row>, options: CallOptions | undefined): Promise<BufferedResult<Row>> {
    return this.#send(prepared, (call) => call, options)
  }

  #runInto<Row, A>(
    prepared: () => Compiled<Row>,
    read: (result: BufferedResult<Row>) => A,
    options: CallOptions | undefined,
  ): Promise<A> {
    return this.#send(prepared, (call) => new Mapped(call, read), options)
  }

  #send<Row, A>(
    prepared: () => Compiled<Row>,
    finish: (call: Call<BufferedResult<Row>>) => Call<A>,
    options: CallOptions | undefined,
  ): Promise<A> {
    return runCall(
      this.#context,
      () => finish(new StatementCall(this.core, prepared)),
      options,
      () => prepared().steps[0].sql,
    )
  }

  #now<A>(run: () => A, options?: CallOptions): Promise<A> {
    return runCall(this.#context, () => new Immediate(run), options)
  }

  #block<A>(begin: () => Level, block: Block<A>, options: CallOptions | undefined): Promise<A> {
    const running = new RunningBlock()
    const context = { log: this.#context.log, block: running }
    return runCall(
      this.#context,
      () => {
        const level = begin()
        const body = new CallbackBody(running, block, () => this.#handle(level, context))
        return new BlockCall(new Operation(() => runBlock(this.core, level, body)), running)
      },
      options,
    )
  }

  #handle(level: Level, context: CallContext = this.#context): AsyncTransaction {
    level.handle ??= new PromiseTransaction(this.core, level, context)
    return level.handle as AsyncTransaction
  }
}
