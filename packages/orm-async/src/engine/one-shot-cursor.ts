import type { ExecuteParameters } from "../connection/connection.ts"
import { commit, openCursor } from "../connection/connection-calls.ts"
import type { ConnectionCore } from "../connection/connection-core.ts"
import type { ExecutionOptions } from "../connection/execution-options.ts"
import type { RowCursor, RowSource } from "../connection/row-cursor.ts"
import type { Procedure } from "../operation/operation.ts"
import type { Executable } from "../statement/executable.ts"
import type { EngineCore } from "./engine-core.ts"
import { connected } from "./one-shot.ts"

/** Rows of a statement in a transaction of its own, which is committed when all of them were read. */
export class OneShotCursor<Row> implements RowSource<Row> {
  readonly #engine: EngineCore
  readonly #statement: Executable<Row>
  readonly #parameters: ExecuteParameters | undefined
  readonly #options: ExecutionOptions
  #opened: { readonly connection: ConnectionCore; readonly cursor: RowCursor<Row> } | undefined

  constructor(
    engine: EngineCore,
    statement: Executable<Row>,
    parameters: ExecuteParameters | undefined,
    options: ExecutionOptions,
  ) {
    this.#engine = engine
    this.#statement = statement
    this.#parameters = parameters
    this.#options = options
  }

  *open(): Procedure<void> {
    const connection = yield* connected(this.#engine, this.#options)
    const cursor = openCursor(connection, this.#statement, this.#parameters, undefined)
    this.#opened = { connection, cursor }
    yield* cursor.open()
  }

  *next(): Procedure<ReadonlyArray<Row>> {
    if (this.#opened === undefined) return []
    const { connection, cursor } = this.#opened
    const rows = yield* cursor.next()
    if (rows.length === 0) yield* commit(connection)
    return rows
  }

  *close(): Procedure<void> {
    if (this.#opened === undefined) return
    const { connection, cursor } = this.#opened
    try {
      yield* cursor.close()
    } finally {
      connection.release()
    }
  }
}
