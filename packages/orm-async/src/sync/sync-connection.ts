import type { Compiled } from "../compiler/compiled.ts"
import { BaseConnection } from "../connection/base-connection.ts"
import type {
  DriverRow,
  ExecuteOptions,
  ExecuteParameters,
  Connection as StyledConnection,
} from "../connection/connection.ts"
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
import type { Call } from "../operation/call.ts"
import type { Procedure } from "../operation/operation.ts"
import type { BufferedResult } from "../result/internal/buffered-result.ts"
import type { Executable } from "../statement/executable.ts"
import { beginRoot, beginSavepoint, runBlock } from "../transaction/block.ts"
import type { Level } from "../transaction/levels.ts"
import { runCall, runProcedure } from "./run-call.ts"
import { blockBody } from "./sync-block.ts"
import type { Result, ScalarResult } from "./sync-result.ts"
import { SyncRowStream } from "./sync-stream.ts"
import type { SyncStyle } from "./sync-style.ts"
import { SyncTransaction, type Transaction } from "./sync-transaction.ts"

/**
 * A connection in the sync style.
 *
 * @see SQLAlchemy `sqlalchemy.engine.Connection`
 * @example
 * ```ts
 * import { type Engine, textClause } from "@offloop/orm-async/sync"
 *
 * const one = (engine: Engine) => {
 *   using conn = engine.connect()
 *   const value = conn.scalar(textClause("SELECT 1"))
 *   conn.commit()
 *   return value
 * }
 * ```
 */
export interface Connection extends StyledConnection<SyncStyle> {}

type Block<A> = (transaction: Transaction) => A

/** The implementation of {@link Connection}. */
export class SyncConnection extends BaseConnection implements Connection, Disposable {
  readonly runSync = undefined

  execute<Row>(statement: Executable<Row>, parameters?: ExecuteParameters, options?: ExecuteOptions): Result<Row> {
    return this.#run(() => prepare(this.core, statement, parameters, options))
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
    return new SyncRowStream(this.core.engine.log, () => openCursor(this.core, statement, parameters, options))
  }

  execDriverSql(
    sql: string,
    parameters?: ReadonlyArray<unknown> | ReadonlyArray<ReadonlyArray<unknown>>,
    options?: ExecuteOptions,
  ): Result<DriverRow> {
    return this.#run(() => prepareSql(this.core, sql, parameters, options))
  }

  begin<A>(block: Block<A>): A {
    return this.#block(beginRoot(this.core), block)
  }

  beginNested<A>(block: Block<A>): A {
    return this.#block(beginSavepoint(this.core, "unknown"), block)
  }

  beginTransaction(): Transaction {
    return this.#handle(beginRoot(this.core))
  }

  beginNestedTransaction(): Transaction {
    return this.#handle(beginSavepoint(this.core, "unknown"))
  }

  commit(): void {
    this.#procedure(() => commit(this.core))
  }

  rollback(): void {
    this.#procedure(() => rollback(this.core))
  }

  getTransaction(): Transaction | null {
    const { root } = this.core.levels
    return root === undefined ? null : this.#handle(root)
  }

  getNestedTransaction(): Transaction | null {
    const { savepoint } = this.core.levels
    return savepoint === undefined ? null : this.#handle(savepoint)
  }

  executionOptions(options: ExecutionOptions): this {
    setOptions(this.core, options)
    return this
  }

  getIsolationLevel(): string {
    return this.#call(isolationLevel(this.core))
  }

  invalidate(): void {
    this.core.invalidate()
  }

  close(): void {
    this.core.release()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  #run<Row>(prepared: () => Compiled<Row>): BufferedResult<Row> {
    return this.#call(new StatementCall(this.core, prepared))
  }

  #block<A>(level: Level, block: Block<A>): A {
    return this.#procedure(() =>
      runBlock(
        this.core,
        level,
        blockBody(block, () => this.#handle(level)),
      ),
    )
  }

  #handle(level: Level): Transaction {
    level.handle ??= new SyncTransaction(this.core, level)
    return level.handle as Transaction
  }

  #call<A>(call: Call<A>): A {
    return runCall(this.core.engine.log, call)
  }

  #procedure<A>(make: () => Procedure<A>): A {
    return runProcedure(this.core.engine.log, make)
  }
}
