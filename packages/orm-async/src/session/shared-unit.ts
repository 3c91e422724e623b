import type { Compiled } from "../compiler/compiled.ts"
import type { ExecuteParameters } from "../connection/connection.ts"
import type { ExecutionOptions } from "../connection/execution-options.ts"
import { logStatement } from "../connection/statement-log.ts"
import type { UnitOutcome, UnitStatement } from "../connection/unit.ts"
import type { EngineCore } from "../engine/engine-core.ts"
import { sharedUnit, sharesUnits } from "../engine/one-shot.ts"
import type { Call } from "../operation/call.ts"
import type { Executable, StatementLevel } from "../statement/executable.ts"
import type { SessionBind } from "./session-bind.ts"
import { observedUnit, type StatementObserver } from "./statement-observer.ts"

/** Sends the statements of a session's whole transaction in one message. */
export interface UnitSender {
  /** @throws {StatementBuildError} */
  compile<Row>(statement: Executable<Row, StatementLevel>, parameters: ExecuteParameters | undefined): Compiled<Row>
  executeUnit(statements: ReadonlyArray<UnitStatement>): Call<UnitOutcome>
}

/**
 * Sends a session's whole transaction over a connection of its engine that others use as well, so that a session which only
 * writes takes no connection, and commits together with others.
 */
export class SharedUnit implements UnitSender {
  readonly #engine: EngineCore
  readonly #options: ExecutionOptions
  readonly #observer: StatementObserver | undefined

  private constructor(engine: EngineCore, options: ExecutionOptions, observer: StatementObserver | undefined) {
    this.#engine = engine
    this.#options = options
    this.#observer = observer
  }

  /** Undefined where a session needs a connection of its own. */
  static of(bind: SessionBind, observer: StatementObserver | undefined): SharedUnit | undefined {
    if (bind.kind !== "engine" || !sharesUnits(bind.engine, bind.options)) return undefined
    return new SharedUnit(bind.engine, bind.options, observer)
  }

  compile<Row>(statement: Executable<Row, StatementLevel>, parameters: ExecuteParameters | undefined): Compiled<Row> {
    const engine = this.#engine
    // Core knows what an entity's columns are: only the types tell the levels apart.
    const compiled = engine.compile(statement as Executable<Row>, parameters)
    if (engine.echo) logStatement(engine, compiled, this.#options.loggingToken)
    return compiled
  }

  executeUnit(statements: ReadonlyArray<UnitStatement>): Call<UnitOutcome> {
    const unit = sharedUnit(this.#engine, this.#options, statements)
    if (unit === undefined) throw new TypeError("a session's unit has a statement that does not write")
    return observedUnit(this.#observer, statements, unit)
  }
}
