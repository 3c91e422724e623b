import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type * as Stream from "effect/Stream"
import type { Compiled } from "../../compiler/compiled.ts"
import type { Dialect } from "../../dialect/dialect.ts"
import type { EngineCore } from "../../engine/internal/engine-core.ts"
import { ArgumentError, InvalidRequestError, type SqlError } from "../../errors/index.ts"
import type { PooledConnection } from "../../pool/internal/pooled-connection.ts"
import type { Result, ScalarResult } from "../../result/result.ts"
import type { Executable } from "../../statement/executable.ts"
import { adaptable } from "../../style.ts"
import type { Level } from "../../transaction/internal/levels.ts"
import { TransactionHandle } from "../../transaction/internal/transaction-handle.ts"
import type { AsyncTransaction } from "../../transaction/transaction.ts"
import type { AsyncConnection, DriverRow, ExecuteOptions, ExecuteParameters } from "../connection.ts"
import { checkExecutionOptions, type ExecutionOptions } from "../execution-options.ts"
import { attempt } from "./attempt.ts"
import { runBlock, surroundingBlocks } from "./block.ts"
import { ConnectionCore, closedError, type Restore } from "./connection-core.ts"
import { cursorStream } from "./cursor-stream.ts"
import { driverStatement } from "./driver-sql.ts"
import { logged } from "./echo.ts"
import { runStatement } from "./statement-run.ts"
import { isTraced, traced } from "./tracing.ts"

type Block<A, E, R> = (transaction: AsyncTransaction) => Effect.Effect<A, E, R>

/** A connection of an engine's pool: the only implementation of {@link AsyncConnection}. */
export class EngineConnection implements AsyncConnection {
  readonly #core: ConnectionCore

  constructor(engine: EngineCore, pooled: PooledConnection, options: ExecutionOptions) {
    this.#core = new ConnectionCore(engine, pooled, options)
  }

  get [adaptable](): "effects" {
    return "effects"
  }

  get dialect(): Dialect {
    return this.#core.engine.dialect
  }

  get closed(): boolean {
    return this.#core.closed
  }

  get invalidated(): boolean {
    return !this.#core.closed && this.#core.pooled === undefined
  }

  get info(): Record<string, unknown> {
    if (this.#core.closed) throw closedError()
    return this.#core.pooled?.info ?? {}
  }

  get driverConnection(): unknown {
    return this.#core.closed ? undefined : this.#core.pooled?.driver.driverConnection
  }

  execute<Row>(
    statement: Executable<Row>,
    parameters?: ExecuteParameters,
    options?: ExecuteOptions,
  ): Effect.Effect<Result<Row>, SqlError> {
    return this.#run(() => this.#core.engine.compile(statement, parameters), options)
  }

  scalar<Row>(
    statement: Executable<Row>,
    parameters?: ExecuteParameters,
    options?: ExecuteOptions,
  ): Effect.Effect<Row[keyof Row] | null, SqlError> {
    return Effect.flatMap(this.execute(statement, parameters, options), (result) => attempt(() => result.scalar()))
  }

  scalars<Row>(
    statement: Executable<Row>,
    parameters?: ExecuteParameters,
    options?: ExecuteOptions,
  ): Effect.Effect<ScalarResult<Row[keyof Row]>, SqlError> {
    return Effect.map(this.execute(statement, parameters, options), (result) => result.scalars())
  }

  stream<Row>(
    statement: Executable<Row>,
    parameters?: ExecuteParameters,
    options?: ExecuteOptions,
  ): Stream.Stream<Row, SqlError> {
    return cursorStream(
      this.#core,
      () => this.#core.engine.compile(statement, parameters),
      () => ({ ...this.#core.options, ...this.#statementOptions(options ?? {}) }),
    )
  }

  execDriverSql(
    sql: string,
    parameters: ReadonlyArray<unknown> | ReadonlyArray<ReadonlyArray<unknown>> = [],
    options?: ExecuteOptions,
  ): Effect.Effect<Result<DriverRow>, SqlError> {
    return this.#run(() => driverStatement(sql, parameters), options)
  }

  begin<A, E = never, R = never>(block: Block<A, E, R>): Effect.Effect<A, E | SqlError, R> {
    return Effect.uninterruptibleMask((restore) => this.beginWith(restore, block))
  }

  /** {@link begin} for who is uninterruptible already. */
  beginWith<A, E, R>(restore: Restore, block: Block<A, E, R>): Effect.Effect<A, E | SqlError, R> {
    return Effect.flatMap(this.#beginRoot, (level) =>
      runBlock(this.#core, level, restore, () => block(this.#handle(level))),
    )
  }

  beginNested<A, E = never, R = never>(block: Block<A, E, R>): Effect.Effect<A, E | SqlError, R> {
    return Effect.uninterruptibleMask((restore) =>
      Effect.flatMap(this.#beginSavepoint, (level) =>
        runBlock(this.#core, level, restore, () => block(this.#handle(level))),
      ),
    )
  }

  get beginTransaction(): Effect.Effect<AsyncTransaction, SqlError> {
    return Effect.map(this.#beginRoot, (level) => this.#handle(level))
  }

  get beginNestedTransaction(): Effect.Effect<AsyncTransaction, SqlError> {
    return Effect.map(this.#beginSavepoint, (level) => this.#handle(level))
  }

  get commit(): Effect.Effect<void, SqlError> {
    return this.#withTurn((restore) => {
      const { root } = this.#core.levels
      return root === undefined ? Effect.void : this.#core.commit(root, restore)
    })
  }

  get rollback(): Effect.Effect<void, SqlError> {
    return this.#withTurn((restore) => this.#core.rollbackAll(restore))
  }

  inTransaction(): boolean {
    return this.#core.levels.root !== undefined
  }

  inNestedTransaction(): boolean {
    return this.#core.levels.savepoint !== undefined
  }

  getTransaction(): AsyncTransaction | null {
    const { root } = this.#core.levels
    return root === undefined ? null : this.#handle(root)
  }

  getNestedTransaction(): AsyncTransaction | null {
    const { savepoint } = this.#core.levels
    return savepoint === undefined ? null : this.#handle(savepoint)
  }

  executionOptions(options: ExecutionOptions): Effect.Effect<this, SqlError> {
    return Effect.suspend(() =>
      attempt(() => {
        const { capabilities } = this.#core.engine.driver
        const checked = checkExecutionOptions(options, capabilities, "executionOptions")
        const ofTransactions = checked.isolationLevel !== undefined || checked.readOnly !== undefined
        if (ofTransactions && this.#core.levels.root !== undefined) {
          throw new InvalidRequestError({
            message:
              "isolationLevel and readOnly cannot change while a transaction is open on this connection: commit or roll it back first",
          })
        }
        this.#core.options = { ...this.#core.options, ...checked }
        return this
      }),
    )
  }

  getExecutionOptions(): ExecutionOptions {
    return this.#core.options
  }

  get getIsolationLevel(): Effect.Effect<string, SqlError> {
    return Effect.suspend(() => {
      const { isolationLevel } = this.#core.options
      if (isolationLevel !== undefined) return Effect.succeed(isolationLevel)
      const { isolationLevelQuery } = this.dialect
      if (isolationLevelQuery === undefined) return Effect.succeed("SERIALIZABLE")
      return Effect.flatMap(this.execDriverSql(isolationLevelQuery), (result) =>
        attempt(() => String(result.scalar()).toUpperCase()),
      )
    })
  }

  get invalidate(): Effect.Effect<void> {
    return Effect.sync(() => this.#core.invalidate())
  }

  get close(): Effect.Effect<void> {
    return Effect.sync(() => this.#core.release())
  }

  #run<Row>(compile: () => Compiled<Row>, options: ExecuteOptions | undefined): Effect.Effect<Result<Row>, SqlError> {
    return Effect.withFiberRuntime<Result<Row>, SqlError>((fiber) => {
      const { engine } = this.#core
      const prepared = attempt(() => {
        const loggingToken = options === undefined ? undefined : this.#statementOptions(options).loggingToken
        return { compiled: compile(), loggingToken }
      })
      if (Either.isLeft(prepared)) return Effect.fail(prepared.left)
      const { compiled, loggingToken } = prepared.right
      let run = Effect.uninterruptibleMask((restore) =>
        this.#core.withTurn(restore, () => runStatement(this.#core, compiled, restore)),
      )
      if (engine.echo) run = Effect.zipRight(logged(engine, compiled, loggingToken), run)
      return isTraced(fiber) ? traced(run, compiled, engine.spanAttributes) : run
    })
  }

  #withTurn(body: (restore: Restore) => Effect.Effect<void, SqlError>): Effect.Effect<void, SqlError> {
    return Effect.uninterruptibleMask((restore) =>
      this.#core.withTurn(restore, () => (this.#core.closed ? Effect.fail(closedError()) : body(restore))),
    )
  }

  get #beginRoot(): Effect.Effect<Level, SqlError> {
    return Effect.suspend((): Effect.Effect<Level, SqlError> => {
      const { levels, blocks } = this.#core
      const refusal = this.#core.refusal()
      if (refusal !== undefined) return Effect.fail(refusal)
      if (levels.root === undefined) return Effect.succeed(levels.begin(false))
      return Effect.fail(
        new InvalidRequestError({
          message:
            blocks.length > 0
              ? "A transaction is already begun on this connection, by a block that is still running: use beginNested() for a savepoint inside it, or another connection for another transaction"
              : "A transaction is already begun on this connection, by begin() or by an earlier statement: commit or roll it back first, or use beginNested() for a savepoint inside it",
        }),
      )
    })
  }

  get #beginSavepoint(): Effect.Effect<Level, SqlError> {
    return Effect.withFiberRuntime<Level, SqlError>((fiber) => {
      const refusal = this.#core.refusal()
      if (refusal !== undefined) return Effect.fail(refusal)
      if (this.#core.autocommit) {
        return Effect.fail(
          new InvalidRequestError({
            message:
              "A savepoint needs a transaction, and none begins at the isolation level AUTOCOMMIT; set another level",
          }),
        )
      }
      const around = fiber.getFiberRef(surroundingBlocks)
      const innermost = this.#core.blocks.at(-1)
      if (innermost !== undefined && around !== "unknown" && !around.includes(innermost)) {
        return Effect.fail(
          new InvalidRequestError({
            message:
              "Another fiber's block is open on this connection, and blocks must nest: let one end before the other begins, or use a connection for each fiber",
          }),
        )
      }
      return Effect.succeed(this.#core.levels.beginNested())
    })
  }

  #handle(level: Level): AsyncTransaction {
    level.handle ??= new TransactionHandle(this.#core, level)
    return level.handle
  }

  /** @throws {ArgumentError} */
  #statementOptions({ executionOptions }: ExecuteOptions): ExecutionOptions {
    if (executionOptions === undefined) return {}
    const { isolationLevel, readOnly } = executionOptions
    if (isolationLevel !== undefined || readOnly !== undefined) {
      throw new ArgumentError({
        message:
          "execute: isolationLevel and readOnly hold for whole transactions: set them by the connection's or engine's executionOptions(), or when creating the engine",
      })
    }
    return checkExecutionOptions(executionOptions, this.#core.engine.driver.capabilities, "execute: executionOptions")
  }
}
