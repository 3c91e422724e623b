import {
  type DriverDone,
  DriverError,
  type DriverResult,
  type DriverUnit,
  type DriverUnitCall,
  failure,
  type Outcome,
} from "@offloop/orm-async/driver"
import { type BoundStatement, bindSets } from "./bound-statement.ts"
import { countOf } from "./command-tag.ts"
import type { ServerRequest } from "./server-request.ts"
import { StatementGroup } from "./statement-group.ts"
import type { StatementRunner } from "./statement-runner.ts"

/**
 * Runs statements as a transaction: in one round trip where nothing has to be looked at before COMMIT, in two where row
 * counts decide, or where SQL of the program's own could wait for data that COMMIT would be taken for.
 */
export const executeUnit = (
  runner: StatementRunner,
  unit: DriverUnit,
  done: DriverDone<ReadonlyArray<DriverResult>>,
): void => {
  const bound: Array<ReadonlyArray<BoundStatement>> = []
  for (const [failedCall, call] of unit.calls.entries()) {
    const isBatch = "parameterSets" in call
    const sets = isBatch ? call.parameterSets : [call.parameters]
    const refuse = (error: unknown, index: number): DriverError =>
      runner.toError(error, isBatch ? { failedCall, parameterSet: [index + 1, sets.length] } : { failedCall })
    try {
      bound.push(bindSets(runner.sender.statements, call.sql, sets, refuse))
    } catch (error) {
      return done(failure(runner.toError(error, { failedCall })))
    }
  }
  new Unit(runner, unit, bound, done).send()
}

class Unit {
  readonly #runner: StatementRunner
  readonly #unit: DriverUnit
  readonly #bound: ReadonlyArray<ReadonlyArray<BoundStatement>>
  readonly #done: DriverDone<ReadonlyArray<DriverResult>>
  /** The position of the call that each statement belongs to; that of BEGIN is -1. */
  readonly #callOfStep: Array<number> = [-1]
  #cells: Array<ReadonlyArray<unknown>> = []
  #rowCounts: Array<number | undefined> = []
  #mayTryAgain = true
  /** It has failed only because a statement must be prepared anew. */
  #isStale = false

  constructor(
    runner: StatementRunner,
    unit: DriverUnit,
    bound: ReadonlyArray<ReadonlyArray<BoundStatement>>,
    done: DriverDone<ReadonlyArray<DriverResult>>,
  ) {
    this.#runner = runner
    this.#unit = unit
    this.#bound = bound
    this.#done = done
    for (const [index, sets] of bound.entries()) for (const _ of sets) this.#callOfStep.push(index)
  }

  send(): void {
    const { calls, begin } = this.#unit
    this.#cells = calls.map(() => [])
    this.#rowCounts = calls.map(() => undefined)
    this.#isStale = false
    const group = new StatementGroup(this.#runner.sender, true)
    group.addCommand(begin)
    for (const sets of this.#bound) for (const set of sets) group.add(set)
    const commitsAtOnce = calls.every(
      ({ expectedRowCount, isWrite }) => expectedRowCount === undefined && isWrite !== undefined,
    )
    let error: DriverError | undefined
    group.send(
      calls.some(({ bigints }) => bigints),
      (request) => {
        error = this.#errorOf(request)
        if (commitsAtOnce) return
        if (error === undefined) this.#commit()
        else this.#fail(error)
      },
      (request, tag) => this.#completed(request, tag),
    )
    if (!commitsAtOnce) return
    // Behind a failure it is a rollback.
    this.#runner.commit((outcome) => this.#committed(error, outcome))
  }

  #completed(request: ServerRequest, tag: string): void {
    const step = request.completedSteps
    const call = this.#callOfStep[step] as number
    if (call < 0) return
    const count = countOf(tag)
    if (count !== undefined) this.#rowCounts[call] = (this.#rowCounts[call] ?? 0) + count
    if (this.#callOfStep[step + 1] === call) return
    this.#cells[call] = request.cells
    request.cells = []
  }

  #errorOf(request: ServerRequest): DriverError | undefined {
    const { error, completedSteps } = request
    const { calls } = this.#unit
    if (error !== undefined) {
      this.#isStale = this.#runner.hasFailedStale(request)
      const call = this.#callOfStep[completedSteps] ?? -1
      return this.#runner.toError(
        error,
        call < 0 ? {} : { failedCall: call, parameterSet: this.#setOf(completedSteps) },
      )
    }
    for (const [index, { expectedRowCount }] of calls.entries()) {
      const rowCount = this.#rowCounts[index] ?? -1
      if (expectedRowCount === undefined || expectedRowCount === rowCount) continue
      return wrongRowCount(index, expectedRowCount, rowCount)
    }
    return undefined
  }

  #setOf(step: number): readonly [number, number] | undefined {
    const call = this.#callOfStep[step] as number
    if (!("parameterSets" in (this.#unit.calls[call] as DriverUnitCall))) return undefined
    const first = this.#callOfStep.indexOf(call)
    return [step - first + 1, this.#bound[call]?.length ?? 0]
  }

  #commit(): void {
    this.#runner.commit((outcome) => this.#committed(undefined, outcome))
  }

  #committed(error: DriverError | undefined, outcome: Outcome<void, DriverError>): void {
    if (error !== undefined) return this.#fail(error)
    if (!outcome.ok) return this.#fail(outcome.error)
    this.#done({
      ok: true,
      value: this.#bound.map((sets, index) => ({
        columns: sets[0]?.statement.names ?? [],
        cells: this.#cells[index] as ReadonlyArray<unknown>,
        rowCount: this.#rowCounts[index] ?? -1,
      })),
    })
  }

  #fail(error: DriverError): void {
    if (!this.#runner.isOpen) return this.#done(failure(error))
    this.#runner.rollback((outcome) => {
      if (this.#isStale && this.#mayTryAgain && outcome.ok) {
        this.#mayTryAgain = false
        this.send()
      } else this.#done(failure(error))
    })
  }
}

const wrongRowCount = (call: number, expected: number, rowCount: number): DriverError =>
  new DriverError({
    kind: "OperationalError",
    message: `the statement changed ${rowCount} rows where ${expected} were expected`,
    code: "OFFLOOP_ROW_COUNT",
    constraint: undefined,
    isDisconnect: false,
    isRetryable: false,
    completedPrelude: 0,
    failedCall: call,
    rowCount,
    cause: undefined,
  })
