import * as Effect from "effect/Effect"
import * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import type { ExecuteOptions, ExecuteParameters } from "../connection/connection.ts"
import type { ExecutionOptions } from "../connection/execution-options.ts"
import { BaseEngine } from "../engine/base-engine.ts"
import type { DisposeOptions, RawConnection, UnitResults } from "../engine/engine.ts"
import { disposing, prepareOneShot } from "../engine/engine-calls.ts"
import { executeAll, oneShot, prepareAll } from "../engine/one-shot.ts"
import { OneShotCursor } from "../engine/one-shot-cursor.ts"
import type { UnitStatement } from "../engine/unit-statement.ts"
import type { SqlError } from "../errors/index.ts"
import { Mapped } from "../operation/call.ts"
import { Operation } from "../operation/operation.ts"
import type { ConnectError } from "../pool/connect-error.ts"
import type { PooledConnection } from "../pool/pooled-connection.ts"
import type { BufferedResult } from "../result/internal/buffered-result.ts"
import type { Executable } from "../statement/executable.ts"
import type { AsyncEngine } from "./async-engine.ts"
import { blockEffect } from "./effect-block.ts"
import { type AsyncConnection, EffectConnection } from "./effect-connection.ts"
import { EffectResult, EffectScalarResult, type Result, type ScalarResult } from "./effect-result.ts"
import { rowStream } from "./effect-stream.ts"
import type { EffectStyle } from "./effect-style.ts"
import { type Restore, runCall, runCallIn } from "./run-call.ts"
import { runStatement, runStatements } from "./tracing.ts"

/** The implementation of {@link AsyncEngine}. */
export class EffectEngine extends BaseEngine implements AsyncEngine {
  get connect(): Effect.Effect<AsyncConnection, ConnectError, Scope.Scope> {
    // Not Effect.addFinalizer, which also restores all FiberRefs for it: that costs more than all the rest.
    return Effect.flatMap(Effect.scope, (scope) =>
      Effect.uninterruptibleMask((restore) =>
        Effect.tap(this.#checkout(restore), (connection) => Scope.addFinalizer(scope, connection.close)),
      ),
    )
  }

  begin<A, E = never, R = never>(
    block: (connection: AsyncConnection) => Effect.Effect<A, E, R>,
  ): Effect.Effect<A, E | SqlError, R> {
    return Effect.uninterruptibleMask((restore) =>
      Effect.flatMap(this.#checkout(restore), (connection) =>
        Effect.ensuring(
          connection.beginIn(restore, () => blockEffect(block, connection)),
          connection.close,
        ),
      ),
    )
  }

  get rawConnection(): Effect.Effect<RawConnection, ConnectError, Scope.Scope> {
    const { pool } = this.core
    return Effect.flatMap(Effect.scope, (scope) =>
      Effect.uninterruptibleMask((restore) =>
        Effect.flatMap(
          runCallIn<PooledConnection, ConnectError>(restore, () => pool.checkout()),
          (pooled) =>
            Effect.as(
              // Nobody has kept an account of what was done with it.
              Scope.addFinalizer(
                scope,
                Effect.sync(() => pool.release(pooled, "unknown")),
              ),
              { connection: pooled.driver, driverConnection: pooled.driver.driverConnection, info: pooled.info },
            ),
        ),
      ),
    )
  }

  dispose(options?: DisposeOptions): Effect.Effect<void> {
    return Effect.uninterruptible(runCall<void, never>(() => disposing(this.core, options)))
  }

  execute<Row>(
    statement: Executable<Row>,
    parameters?: ExecuteParameters,
    options?: ExecuteOptions,
  ): Effect.Effect<Result<Row>, SqlError> {
    return this.#oneShot(statement, parameters, options, (result) => new EffectResult(result))
  }

  scalar<Row>(
    statement: Executable<Row>,
    parameters?: ExecuteParameters,
    options?: ExecuteOptions,
  ): Effect.Effect<Row[keyof Row] | null, SqlError> {
    return this.#oneShot(statement, parameters, options, (result) => result.scalar())
  }

  scalars<Row>(
    statement: Executable<Row>,
    parameters?: ExecuteParameters,
    options?: ExecuteOptions,
  ): Effect.Effect<ScalarResult<Row[keyof Row]>, SqlError> {
    return this.#oneShot(statement, parameters, options, (result) => new EffectScalarResult(result.scalars()))
  }

  stream<Row>(
    statement: Executable<Row>,
    parameters?: ExecuteParameters,
    options?: ExecuteOptions,
  ): Stream.Stream<Row, SqlError> {
    return rowStream(
      () => new OneShotCursor(this.core, statement, parameters, this.statementOptions(options)),
      this.core.log,
    )
  }

  executeAll<const Statements extends ReadonlyArray<UnitStatement>>(
    statements: Statements,
    options?: ExecuteOptions,
  ): Effect.Effect<UnitResults<Statements, EffectStyle>, SqlError> {
    const { core } = this
    return runStatements(
      core.spanAttributes,
      () => prepareAll(core, this.statementOptions(options), statements),
      (all) =>
        new Mapped(
          new Operation(() => executeAll(core, this.statementOptions(options), all)),
          (results) => results.map((result) => new EffectResult(result)) as UnitResults<Statements, EffectStyle>,
        ),
    )
  }

  executionOptions(options: ExecutionOptions): EffectEngine {
    return new EffectEngine(this.core, this.optionsWith(options, "executionOptions"))
  }

  #oneShot<Row, A>(
    statement: Executable<Row>,
    parameters: ExecuteParameters | undefined,
    options: ExecuteOptions | undefined,
    read: (result: BufferedResult<Row>) => A,
  ): Effect.Effect<A, SqlError> {
    const { core } = this
    return runStatement(
      core.spanAttributes,
      () => prepareOneShot(core, statement, parameters, this.statementOptions(options)),
      (prepare) => new Mapped(oneShot(core, this.statementOptions(options), prepare()), read),
    )
  }

  #checkout(restore: Restore): Effect.Effect<EffectConnection, ConnectError> {
    return runCallIn(restore, () => new Mapped(this.core.connect(this.options), (core) => new EffectConnection(core)))
  }
}
