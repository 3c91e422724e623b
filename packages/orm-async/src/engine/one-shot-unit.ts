import { type UnitOutcome, type UnitStatement, unitCalls, unitFailure, unitResults } from "../connection/unit.ts"
import type { DriverConnection, DriverResult } from "../driver/driver.ts"
import { DriverError } from "../errors/driver-error.ts"
import { fromDriverError } from "../errors/index.ts"
import type { Leaving } from "../operation/call.ts"
import type { Outcome } from "../operation/outcome.ts"
import { type AnyLaneCall, LaneCall, type LaneCallOwner } from "./lane-call.ts"

type Answer = ReadonlyArray<DriverResult>

/**
 * Statements that are one transaction, on their way to a connection which they may share with those of other callers. Once
 * they are sent, a caller that leaves waits for the answer, since only that tells whether the data are in.
 */
export class OneShotUnit extends LaneCall<UnitOutcome, Answer> {
  readonly key: string
  readonly isWrite = true
  readonly mayShare = true
  readonly #begin: string
  readonly #statements: ReadonlyArray<UnitStatement>

  /** @param begin how the transaction begins */
  constructor(owner: LaneCallOwner<AnyLaneCall>, begin: string, statements: ReadonlyArray<UnitStatement>) {
    super(owner)
    this.#begin = begin
    this.#statements = statements
    this.key = `${statements.length} ${statements[0]?.compiled.steps[0].sql}`
  }

  send(driver: DriverConnection, done: (outcome: Outcome<Answer, DriverError>) => void): void {
    if (driver.executeUnit === undefined) return done({ ok: false, error: notOffered() })
    driver.executeUnit({ begin: this.#begin, calls: this.#statements.flatMap(unitCalls) }, done)
  }

  answered(outcome: Outcome<Answer, DriverError>, hideParameters: boolean): void {
    const statements = this.#statements
    if (outcome.ok) {
      const { value } = outcome
      return this.tell({ ok: true, value: { ok: true, read: () => unitResults(statements, value) } })
    }
    const { shown, ...failure } = unitFailure(statements, outcome.error, hideParameters)
    this.tell({ ok: true, value: { ok: false, error: fromDriverError(outcome.error, shown), ...failure } })
  }

  protected leaveSent(): Leaving {
    return "stay"
  }
}

const notOffered = (): DriverError =>
  new DriverError({
    kind: "InterfaceError",
    message: "The driver's capabilities say groupsUnits, but its connection has no executeUnit",
    code: undefined,
    constraint: undefined,
    isDisconnect: false,
    isRetryable: false,
    completedPrelude: 0,
    cause: undefined,
  })
