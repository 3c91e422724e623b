import type { Compiled } from "../compiler/compiled.ts"
import type { ExecuteOptions, ExecuteParameters } from "../connection/connection.ts"
import { commit, prepare, rollback } from "../connection/connection-calls.ts"
import type { ConnectionCore } from "../connection/connection-core.ts"
import { StatementCall } from "../connection/statement-call.ts"
import { executeUnit, type UnitOutcome, type UnitStatement } from "../connection/unit.ts"
import type { Call } from "../operation/call.ts"
import { Operation, type Procedure } from "../operation/operation.ts"
import type { BufferedResult } from "../result/internal/buffered-result.ts"
import type { Executable, StatementLevel } from "../statement/executable.ts"
import type { Level } from "../transaction/levels.ts"
import type { UnitSender } from "./shared-unit.ts"
import { ObservedCall, observedUnit, type StatementObserver } from "./statement-observer.ts"

/** The transaction of a session's connection: one of the session's own, or a savepoint in that of whoever lent it. */
export type ConnectionUse =
  /** Taken from the pool, and given back when the transaction ends. */
  | { readonly kind: "pooled" }
  /** Lent, and in no transaction when the session began to use it. */
  | { readonly kind: "lent" }
  /** Lent in a transaction: the session works in a savepoint. */
  | { readonly kind: "joined"; readonly savepoint: Level }

/**
 * The connection of one transaction of a session. The transaction ends by one of `commit`, `rollback` and `abandon`, which
 * let the connection go; only after a `commit` that failed must `rollback` follow.
 */
export class SessionConnection implements UnitSender {
  readonly core: ConnectionCore
  readonly #use: ConnectionUse
  observer: StatementObserver | undefined

  constructor(core: ConnectionCore, use: ConnectionUse, observer: StatementObserver | undefined) {
    this.core = core
    this.#use = use
    this.observer = observer
  }

  /** @throws {StatementBuildError} */
  compile<Row>(
    statement: Executable<Row, StatementLevel>,
    parameters: ExecuteParameters | undefined,
    options?: ExecuteOptions,
  ): Compiled<Row> {
    // Core knows what an entity's columns are: only the types tell the levels apart.
    return prepare(this.core, statement as Executable<Row>, parameters, options)
  }

  /** Runs a statement; `compile` gives it, or throws why there is none. */
  execute<Row>(compile: () => Compiled<Row>): Call<BufferedResult<Row>> {
    const { core, observer } = this
    if (observer === undefined) return new StatementCall(core, compile)
    return new ObservedCall(observer, compile, (compiled) => new StatementCall(core, () => compiled as Compiled<Row>))
  }

  /** Runs statements as one transaction, with its BEGIN and COMMIT. */
  executeUnit(statements: ReadonlyArray<UnitStatement>): Call<UnitOutcome> {
    return observedUnit(this.observer, statements, new Operation(() => executeUnit(this.core, statements)))
  }

  *commit(): Procedure<void> {
    const { core } = this
    const use = this.#use
    if (use.kind === "joined") return yield* core.exclusively(() => core.commit(use.savepoint))
    yield* commit(core)
    if (use.kind === "pooled") core.release()
  }

  *rollback(): Procedure<void> {
    const { core } = this
    const use = this.#use
    if (use.kind === "joined") return yield* core.exclusively(() => core.rollback(use.savepoint))
    if (use.kind === "lent") return yield* rollback(core)
    try {
      yield* rollback(core)
    } finally {
      core.release()
    }
  }

  /** Rolls back; the pool does that with what comes back to it in a transaction. */
  *abandon(): Procedure<void> {
    if (this.#use.kind === "pooled") this.core.release()
    else yield* this.rollback()
  }

  /** {@link abandon}, for a caller that does not wait. */
  abandonNow(): void {
    new Operation(() => this.abandon()).start((outcome) => {
      if (!outcome.ok)
        this.core.engine.log("warning", "A session's rollback after an interruption failed", outcome.error)
    })
  }
}
