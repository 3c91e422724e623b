import type { TaskError } from "@offloop/runtime/callback"
import * as Effect from "effect/Effect"
import * as FiberRef from "effect/FiberRef"
import type * as Stream from "effect/Stream"
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
import type { ExecutionOptions } from "../connection/execution-options.ts"
import { StatementCall } from "../connection/statement-call.ts"
import type { SyncTask } from "../connection/sync-task.ts"
import type { SqlError } from "../errors/index.ts"
import { Immediate, Mapped } from "../operation/call.ts"
import type { BufferedResult } from "../result/internal/buffered-result.ts"
import type { Executable } from "../statement/executable.ts"
import { runSync } from "../sync/run-sync.ts"
import type { Connection as SyncConnection } from "../sync/sync-connection.ts"
import { beginRoot, beginSavepoint } from "../transaction/block.ts"
import type { Level } from "../transaction/levels.ts"
import { blockEffect, runBlock, surroundingBlocks } from "./effect-block.ts"
import { EffectResult, EffectScalarResult, type Result, type ScalarResult } from "./effect-result.ts"
import { rowStream } from "./effect-stream.ts"
import type { EffectStyle } from "./effect-style.ts"
import { type AsyncTransaction, EffectTransaction } from "./effect-transaction.ts"
import { type Restore, runCall, runProcedure } from "./run-call.ts"
import { runStatement } from "./tracing.ts"

/**
 * A connection in the Effect style.
 *
 * @example
 * ```ts
 * import { AsyncEngine, textClause } from "@offloop/orm-async"
 * import * as Effect from "effect/Effect"
 *
 * const program = Effect.gen(function* () {
 *   const engine = yield* AsyncEngine
 *   const conn = yield* engine.connect
 *   const one = yield* conn.scalar(textClause("SELECT 1"))
 *   yield* conn.commit
 *   return one
 * }).pipe(Effect.scoped)
 * ```
 */
export interface AsyncConnection extends Connection<EffectStyle> {}

type Block<A, E, R> = (transaction: AsyncTransaction) => Effect.Effect<A, E, R>

/** The implementation of {@link AsyncConnection}. */
export class EffectConnection extends BaseConnection implements AsyncConnection {
  execute<Row>(
    statement: Executable<Row>,
    parameters?: ExecuteParameters,
    options?: ExecuteOptions,
  ): Effect.Effect<Result<Row>, SqlError> {
    return this.#run(
      () => prepare(this.core, statement, parameters, options),
      (result) => new EffectResult(result),
    )
  }

  scalar<Row>(
    statement: Executable<Row>,
    parameters?: ExecuteParameters,
    options?: ExecuteOptions,
  ): Effect.Effect<Row[keyof Row] | null, SqlError> {
    return this.#run(
      () => prepare(this.core, statement, parameters, options),
      (result) => result.scalar(),
    )
  }

  scalars<Row>(
    statement: Executable<Row>,
    parameters?: ExecuteParameters,
    options?: ExecuteOptions,
  ): Effect.Effect<ScalarResult<Row[keyof Row]>, SqlError> {
    return this.#run(
      () => prepare(this.core, statement, parameters, options),
      (result) => new EffectScalarResult(result.scalars()),
    )
  }

  stream<Row>(
    statement: Executable<Row>,
    parameters?: ExecuteParameters,
    options?: ExecuteOptions,
  ): Stream.Stream<Row, SqlError> {
    return rowStream(() => openCursor(this.core, statement, parameters, options), this.core.engine.log)
  }

  execDriverSql(
    sql: string,
    parameters?: ReadonlyArray<unknown> | ReadonlyArray<ReadonlyArray<unknown>>,
    options?: ExecuteOptions,
  ): Effect.Effect<Result<DriverRow>, SqlError> {
    return this.#run(
      () => prepareSql(this.core, sql, parameters, options),
      (result) => new EffectResult(result),
    )
  }

  runSync<Args extends ReadonlyArray<unknown>, A>(
    task: SyncTask<SyncConnection, Args, A>,
    ...args: Args
  ): Effect.Effect<A, SqlError | TaskError> {
    return runProcedure(() => runSync(this.core, task, args))
  }

  begin<A, E = never, R = never>(block: Block<A, E, R>): Effect.Effect<A, E | SqlError, R> {
    return Effect.uninterruptibleMask((restore) => this.beginIn(restore, block))
  }

  /** {@link begin} inside of something uninterruptible. */
  beginIn<A, E, R>(restore: Restore, block: Block<A, E, R>): Effect.Effect<A, E | SqlError, R> {
    return Effect.flatMap(this.#beginRoot, (level) =>
      runBlock(this.core, level, restore, () => blockEffect(block, this.#handle(level))),
    )
  }

  beginNested<A, E = never, R = never>(block: Block<A, E, R>): Effect.Effect<A, E | SqlError, R> {
    return Effect.uninterruptibleMask((restore) =>
      Effect.flatMap(this.#beginSavepoint, (level) =>
        runBlock(this.core, level, restore, () => blockEffect(block, this.#handle(level))),
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
    return runProcedure(() => commit(this.core))
  }

  get rollback(): Effect.Effect<void, SqlError> {
    return runProcedure(() => rollback(this.core))
  }

  getTransaction(): AsyncTransaction | null {
    const { root } = this.core.levels
    return root === undefined ? null : this.#handle(root)
  }

  getNestedTransaction(): AsyncTransaction | null {
    const { savepoint } = this.core.levels
    return savepoint === undefined ? null : this.#handle(savepoint)
  }

  executionOptions(options: ExecutionOptions): Effect.Effect<this, SqlError> {
    return runCall(
      () =>
        new Immediate(() => {
          setOptions(this.core, options)
          return this
        }),
    )
  }

  get getIsolationLevel(): Effect.Effect<string, SqlError> {
    return runCall(() => isolationLevel(this.core))
  }

  get invalidate(): Effect.Effect<void> {
    return Effect.sync(() => this.core.invalidate())
  }

  get close(): Effect.Effect<void> {
    return Effect.sync(() => this.core.release())
  }

  #run<Row, A>(prepared: () => Compiled<Row>, read: (result: BufferedResult<Row>) => A): Effect.Effect<A, SqlError> {
    return runStatement(
      this.core.engine.spanAttributes,
      prepared,
      (compile) => new Mapped(new StatementCall(this.core, compile), read),
    )
  }

  get #beginRoot(): Effect.Effect<Level, SqlError> {
    return runCall(() => new Immediate(() => beginRoot(this.core)))
  }

  get #beginSavepoint(): Effect.Effect<Level, SqlError> {
    return Effect.flatMap(FiberRef.get(surroundingBlocks), (around) =>
      runCall(() => new Immediate(() => beginSavepoint(this.core, around))),
    )
  }

  #handle(level: Level): AsyncTransaction {
    level.handle ??= new EffectTransaction(this.core, level)
    return level.handle as AsyncTransaction
  }
}
