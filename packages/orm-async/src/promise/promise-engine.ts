import type { ExecuteOptions, ExecuteParameters } from "../connection/connection.ts"
import type { ConnectionCore } from "../connection/connection-core.ts"
import type { ExecutionOptions } from "../connection/execution-options.ts"
import { BaseEngine } from "../engine/base-engine.ts"
import type { DisposeOptions, Engine, RawConnection, UnitResults } from "../engine/engine.ts"
import { disposing, prepareOneShot, runEngineBlock, shuttingDown } from "../engine/engine-calls.ts"
import type { EngineCore } from "../engine/engine-core.ts"
import { oneShot } from "../engine/one-shot.ts"
import { OneShotCursor } from "../engine/one-shot-cursor.ts"
import type { UnitStatement } from "../engine/unit-statement.ts"
import { type Call, Mapped } from "../operation/call.ts"
import { Operation } from "../operation/operation.ts"
import type { BufferedResult } from "../result/internal/buffered-result.ts"
import type { Executable } from "../statement/executable.ts"
import { BlockCall, CallbackBody } from "./callback-body.ts"
import { type AsyncConnection, PromiseConnection } from "./promise-connection.ts"
import { PromiseRawConnection } from "./promise-raw-connection.ts"
import type { Result, ScalarResult } from "./promise-result.ts"
import { RowStream } from "./promise-stream.ts"
import type { CallOptions, PromiseStyle } from "./promise-style.ts"
import { type CallContext, runCall } from "./run-call.ts"
import { RunningBlock } from "./running-block.ts"

/**
 * An engine in the Promise style.
 *
 * @example
 * ```ts
 * import { createAsyncEngine, textClause } from "@offloop/orm-async/promise"
 *
 * await using engine = await createAsyncEngine("sqlite:///./app.db")
 * const answer = await engine.scalar(textClause("SELECT 42"))
 * ```
 */
export interface AsyncEngine extends Engine<PromiseStyle> {}

/** The implementation of {@link AsyncEngine}. */
export class PromiseEngine extends BaseEngine implements AsyncEngine, AsyncDisposable {
  readonly #context: CallContext

  constructor(core: EngineCore, options: ExecutionOptions) {
    super(core, options)
    this.#context = { log: core.log }
  }

  connect(options?: CallOptions): Promise<AsyncConnection & AsyncDisposable> {
    return runCall(
      this.#context,
      () => new Mapped(this.core.connect(this.options), (core) => new PromiseConnection(core, this.#context)),
      options,
    )
  }

  begin<A>(block: (connection: AsyncConnection) => PromiseLike<A> | A, options?: CallOptions): Promise<A> {
    const running = new RunningBlock()
    const context = { log: this.core.log, block: running }
    const body = (core: ConnectionCore): Call<A> =>
      new CallbackBody(running, block, () => new PromiseConnection(core, context))
    return runCall(
      this.#context,
      () => new BlockCall(new Operation(() => runEngineBlock(this.core, this.options, body)), running),
      options,
    )
  }

  rawConnection(options?: CallOptions): Promise<RawConnection & AsyncDisposable> {
    const { pool } = this.core
    return runCall(
      this.#context,
      () => new Mapped(pool.checkout(), (pooled) => new PromiseRawConnection(pool, pooled)),
      options,
    )
  }

  dispose(options?: DisposeOptions & CallOptions): Promise<void> {
    return runCall(this.#context, () => disposing(this.core, options), options)
  }

  execute<Row>(
    statement: Executable<Row>,
    parameters?: ExecuteParameters,
    options?: ExecuteOptions & CallOptions,
  ): Promise<Result<Row>> {
    return runCall(this.#context, () => this.#oneShot(statement, parameters, options), options)
  }

  scalar<Row>(
    statement: Executable<Row>,
    parameters?: ExecuteParameters,
    options?: ExecuteOptions & CallOptions,
  ): Promise<Row[keyof Row] | null> {
    return runCall(
      this.#context,
      () => new Mapped(this.#oneShot(statement, parameters, options), (result) => result.scalar()),
      options,
    )
  }

  scalars<Row>(
    statement: Executable<Row>,
    parameters?: ExecuteParameters,
    options?: ExecuteOptions & CallOptions,
  ): Promise<ScalarResult<Row[keyof Row]>> {
    return runCall(
      this.#context,
      () => new Mapped(this.#oneShot(statement, parameters, options), (result) => result.scalars()),
      options,
    )
  }

  stream<Row>(
    statement: Executable<Row>,
    parameters?: ExecuteParameters,
    options?: ExecuteOptions & CallOptions,
  ): AsyncIterable<Row> {
    return new RowStream(
      this.#context,
      () => new OneShotCursor(this.core, statement, parameters, this.statementOptions(options)),
      options,
    )
  }

  executeAll<const Statements extends ReadonlyArray<UnitStatement>>(
    statements: Statements,
    options?: ExecuteOptions & CallOptions,
  ): Promise<UnitResults<Statements, PromiseStyle>> {
    return runCall(
      this.#context,
      () => this.core.executeAll(statements, this.statementOptions(options)),
      options,
    ) as Promise<unknown> as Promise<UnitResults<Statements, PromiseStyle>>
  }

  executionOptions(options: ExecutionOptions): PromiseEngine {
    return new PromiseEngine(this.core, this.optionsWith(options, "executionOptions"))
  }

  [Symbol.asyncDispose](): Promise<void> {
    return runCall(this.#context, () => shuttingDown(this.core))
  }

  #oneShot<Row>(
    statement: Executable<Row>,
    parameters: ExecuteParameters | undefined,
    options: ExecuteOptions | undefined,
  ): Call<BufferedResult<Row>> {
    const inForce = this.statementOptions(options)
    return oneShot(this.core, inForce, prepareOneShot(this.core, statement, parameters, inForce))
  }
}
