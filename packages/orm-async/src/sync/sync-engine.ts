import type { ExecuteOptions, ExecuteParameters } from "../connection/connection.ts"
import type { ExecutionOptions } from "../connection/execution-options.ts"
import { BaseEngine } from "../engine/base-engine.ts"
import type { DisposeOptions, RawConnection, Engine as StyledEngine, UnitResults } from "../engine/engine.ts"
import { disposing, prepareOneShot, runEngineBlock, shuttingDown } from "../engine/engine-calls.ts"
import { oneShot } from "../engine/one-shot.ts"
import { OneShotCursor } from "../engine/one-shot-cursor.ts"
import type { UnitStatement } from "../engine/unit-statement.ts"
import type { Call } from "../operation/call.ts"
import type { Executable } from "../statement/executable.ts"
import { runCall, runProcedure } from "./run-call.ts"
import { blockBody } from "./sync-block.ts"
import { type Connection, SyncConnection } from "./sync-connection.ts"
import { SyncRawConnection } from "./sync-raw-connection.ts"
import type { Result, ScalarResult } from "./sync-result.ts"
import { SyncRowStream } from "./sync-stream.ts"
import type { SyncStyle } from "./sync-style.ts"

/**
 * An engine in the sync style.
 *
 * @see SQLAlchemy `sqlalchemy.engine.Engine`
 * @example
 * ```ts
 * import { createEngine, textClause } from "@offloop/orm-async/sync"
 *
 * using engine = createEngine("sqlite:///./app.db")
 * const answer = engine.scalar(textClause("SELECT 42"))
 * ```
 */
export interface Engine extends StyledEngine<SyncStyle> {}

/** The implementation of {@link Engine}. */
export class SyncEngine extends BaseEngine implements Engine, Disposable {
  connect(): Connection & Disposable {
    return new SyncConnection(this.#call(this.core.connect(this.options)))
  }

  begin<A>(block: (connection: Connection) => A): A {
    return runProcedure(this.core.log, () =>
      runEngineBlock(this.core, this.options, (core) => blockBody(block, () => new SyncConnection(core))),
    )
  }

  rawConnection(): RawConnection & Disposable {
    const { pool } = this.core
    return new SyncRawConnection(pool, this.#call(pool.checkout()))
  }

  dispose(options?: DisposeOptions): void {
    this.#call(disposing(this.core, options))
  }

  execute<Row>(statement: Executable<Row>, parameters?: ExecuteParameters, options?: ExecuteOptions): Result<Row> {
    const inForce = this.statementOptions(options)
    return this.#call(oneShot(this.core, inForce, prepareOneShot(this.core, statement, parameters, inForce)))
  }

  scalar<Row>(
    statement: Executable<Row>,
    parameters?: ExecuteParameters,
    options?: ExecuteOptions,
  ): Row[keyof Row] | null {
    return this.execute(statement, parameters, options).scalar()
  }

  scalars<Row>(
    statement: Executable<Row>,
    parameters?: ExecuteParameters,
    options?: ExecuteOptions,
  ): ScalarResult<Row[keyof Row]> {
    return this.execute(statement, parameters, options).scalars()
  }

  stream<Row>(statement: Executable<Row>, parameters?: ExecuteParameters, options?: ExecuteOptions): Iterable<Row> {
    return new SyncRowStream(
      this.core.log,
      () => new OneShotCursor(this.core, statement, parameters, this.statementOptions(options)),
    )
  }

  executeAll<const Statements extends ReadonlyArray<UnitStatement>>(
    statements: Statements,
    options?: ExecuteOptions,
  ): UnitResults<Statements, SyncStyle> {
    const results: unknown = this.#call(this.core.executeAll(statements, this.statementOptions(options)))
    return results as UnitResults<Statements, SyncStyle>
  }

  executionOptions(options: ExecutionOptions): SyncEngine {
    return new SyncEngine(this.core, this.optionsWith(options, "executionOptions"))
  }

  [Symbol.dispose](): void {
    this.#call(shuttingDown(this.core))
  }

  #call<A>(call: Call<A>): A {
    return runCall(this.core.log, call)
  }
}
