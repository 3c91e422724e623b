import type { Compiled, CompiledStep } from "../compiler/compiled.ts"
import type { DriverCursor } from "../driver/driver.ts"
import type { DriverError } from "../errors/driver-error.ts"
import { InvalidRequestError, ResourceClosedError } from "../errors/index.ts"
import { CallbackCall, Left } from "../operation/call.ts"
import type { Log } from "../operation/log.ts"
import { Operation, type Procedure, wait } from "../operation/operation.ts"
import type { PooledConnection } from "../pool/pooled-connection.ts"
import type { ConnectionCore } from "./connection-core.ts"
import type { ExecutionOptions } from "./execution-options.ts"
import { failedStep } from "./statement-result.ts"

const rowsPerFetch = 1000

const endedError = () =>
  new ResourceClosedError({
    message:
      "The stream's cursor is closed: its transaction was committed or rolled back, or its connection was lost, before all rows were read",
  })

/** Rows that come bit by bit. */
export interface RowSource<Row> {
  /** Sends the statement. `close` must follow, however this ends. */
  open(): Procedure<void>
  /** The next rows; none at the end. */
  next(): Procedure<ReadonlyArray<Row>>
  /** Frees what `open` took; whoever leaves does not wait for it. */
  close(): Procedure<void>
}

/** Closes a source whose reader has gone, and does not wait for the statement that the reader left. */
export const closeInBackground = (source: RowSource<unknown>, log: Log): void => {
  new Operation(() => source.close()).start((outcome) => {
    if (!outcome.ok) log("warning", "A stream that was left could not be closed", outcome.error)
  })
}

/** Rows of a statement from a server-side cursor. */
export class RowCursor<Row> implements RowSource<Row> {
  readonly #core: ConnectionCore
  readonly #compile: () => Compiled<Row>
  readonly #options: () => ExecutionOptions
  #compiled: Compiled<Row> | undefined
  #cursor: DriverCursor | undefined
  #size = rowsPerFetch

  /** @param options those in force for the statement; throws if they are wrong */
  constructor(core: ConnectionCore, compile: () => Compiled<Row>, options: () => ExecutionOptions) {
    this.#core = core
    this.#compile = compile
    this.#options = options
  }

  /** Sends the statement. */
  *open(): Procedure<void> {
    const compiled = this.#compile()
    this.#compiled = compiled
    this.#size = this.#options().yieldPer ?? rowsPerFetch
    const [step] = compiled.steps
    if (compiled.steps.length > 1 || !("parameters" in step)) {
      throw new InvalidRequestError({
        message: "stream: only a statement that runs once can be streamed; execute one that has several sets of values",
      })
    }
    const { sql, parameters } = step
    const { isWrite, bigints } = compiled
    const core = this.#core
    yield* core.exclusively(() =>
      this.#send<DriverCursor>(step, isWrite, (driver, prelude, done) =>
        driver.openCursor({ sql, parameters, prelude, isWrite, bigints }, (outcome) => {
          if (outcome.ok) {
            this.#cursor = outcome.value
            core.addCursor(outcome.value)
          }
          done(outcome)
        }),
      ),
    )
  }

  /** The next rows; none at the end. */
  *next(): Procedure<ReadonlyArray<Row>> {
    const core = this.#core
    const compiled = this.#compiled as Compiled<Row>
    const cursor = this.#cursor as DriverCursor
    const cells = yield* core.exclusively(
      function* (this: RowCursor<Row>): Procedure<ReadonlyArray<unknown>> {
        const refusal = core.refusal()
        if (refusal !== undefined) throw refusal
        if (!core.hasCursor(cursor)) throw endedError()
        return yield* this.#send<ReadonlyArray<unknown>>(compiled.steps[0], false, (_driver, _prelude, done) =>
          cursor.fetch(this.#size, done),
        )
      }.bind(this),
    )
    return compiled.decodeRows(cursor.columns, cells)
  }

  *close(): Procedure<void> {
    if (this.#compiled === undefined) return
    // Only with the turn is it known whether a statement that was left has opened one.
    yield* this.#core.exclusively(
      function* (this: RowCursor<Row>): Procedure<void> {
        if (this.#cursor !== undefined) yield* this.#core.closeCursor(this.#cursor)
      }.bind(this),
    )
  }

  /** Calls the driver as a statement does. Holding the turn. */
  *#send<A>(
    step: CompiledStep,
    isWrite: boolean | undefined,
    begin: (
      driver: PooledConnection["driver"],
      prelude: ReadonlyArray<string>,
      done: (outcome: { ok: true; value: A } | { ok: false; error: DriverError }) => void,
    ) => void,
  ): Procedure<A> {
    const core = this.#core
    for (;;) {
      const refusal = core.refusal()
      if (refusal !== undefined) throw refusal
      if (core.needsRepair) yield* core.repair()
      const prelude = core.prelude(isWrite)
      const pooled = core.pooled as PooledConnection
      try {
        const answer = yield* wait(
          new CallbackCall<A>(
            (done) => begin(pooled.driver, prelude, done),
            "later",
            () => core.left(pooled, prelude.length),
          ),
        )
        core.answered(pooled, prelude.length)
        return answer
      } catch (error) {
        if (error instanceof Left) {
          const { outcome } = error
          core.endedAfterLeaving(pooled, outcome?.ok === false ? (outcome.error as DriverError) : undefined)
          throw error
        }
        if (pooled.broken && !core.levels.sent) continue
        const mayHaveCommitted = core.autocommit && isWrite !== false
        const statement = { ...failedStep(step, core.engine.hideParameters), mayHaveCommitted }
        throw core.failed(pooled, prelude.length, error as DriverError, statement)
      }
    }
  }
}
