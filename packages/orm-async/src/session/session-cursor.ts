import type { ExecuteOptions, ExecuteParameters } from "../connection/connection.ts"
import { openCursor } from "../connection/connection-calls.ts"
import type { RowSource } from "../connection/row-cursor.ts"
import type { Call } from "../operation/call.ts"
import { type Procedure, wait } from "../operation/operation.ts"
import type { Executable, StatementLevel } from "../statement/executable.ts"
import type { SessionConnection } from "./session-connection.ts"

/** The part of a session that a cursor uses. */
export interface CursorSession {
  /** Flushes if need be, and gives the connection. */
  readonly prepare: Call<SessionConnection>
  /** Makes the session's rows of plain ones. */
  readonly convert: (rows: ReadonlyArray<unknown>) => ReadonlyArray<unknown>
}

/** Rows of a statement as they come, with the session's objects in them. */
export class SessionCursor<Row> implements RowSource<Row> {
  readonly #session: CursorSession
  readonly #statement: Executable<Row, StatementLevel>
  readonly #parameters: ExecuteParameters | undefined
  readonly #options: ExecuteOptions | undefined
  #rows: RowSource<Row> | undefined

  constructor(
    session: CursorSession,
    statement: Executable<Row, StatementLevel>,
    parameters: ExecuteParameters | undefined,
    options: ExecuteOptions | undefined,
  ) {
    this.#session = session
    this.#statement = statement
    this.#parameters = parameters
    this.#options = options
  }

  *open(): Procedure<void> {
    const { core } = yield* wait(this.#session.prepare)
    this.#rows = openCursor(core, this.#statement as Executable<Row>, this.#parameters, this.#options)
    yield* this.#rows.open()
  }

  *next(): Procedure<ReadonlyArray<Row>> {
    const rows = yield* (this.#rows as RowSource<Row>).next()
    return this.#session.convert(rows) as ReadonlyArray<Row>
  }

  *close(): Procedure<void> {
    if (this.#rows !== undefined) yield* this.#rows.close()
  }
}
