import { type DriverBatchCall, type DriverDone, type DriverResult, failure } from "@offloop/orm-async/driver"
import { type BoundParameters, bindParameters } from "./bind-parameters.ts"
import { needsNewPlan } from "./pg-failure.ts"
import type { PreparedStatement } from "./prepared-statements.ts"
import type { ServerRequest } from "./server-request.ts"
import type { StatementRunner } from "./statement-runner.ts"
import { countOf } from "./statement-sender.ts"

const begin = ["BEGIN"]

/** Binds the sets of a batch, or throws the error to be told. */
export const bindSets = (
  runner: StatementRunner,
  parameterSets: ReadonlyArray<ReadonlyArray<unknown>>,
  failedCall?: number,
): ReadonlyArray<BoundParameters> =>
  parameterSets.map((parameters, index) => {
    try {
      return bindParameters(parameters)
    } catch (error) {
      throw runner.toError(error, { failedCall, parameterSet: [index + 1, parameterSets.length] })
    }
  })

/** The statement of each set of values: one for all, if their types agree. */
export const statementsFor = (
  runner: StatementRunner,
  sql: string,
  sets: ReadonlyArray<BoundParameters>,
): ReadonlyArray<PreparedStatement> => {
  const one = runner.sender.findForAll(sql, sets)
  return one === undefined ? sets.map((set) => runner.sender.findFor(sql, set)) : new Array(sets.length).fill(one)
}

/** Runs a statement once for each set of parameters: all of them or none. */
export const executeMany = (runner: StatementRunner, call: DriverBatchCall, done: DriverDone<DriverResult>): void => {
  let batch: Batch
  try {
    const sets = bindSets(runner, call.parameterSets)
    batch = new Batch(runner, call, sets, statementsFor(runner, call.sql, sets), done)
  } catch (error) {
    return done(failure(runner.toError(error)))
  }
  batch.start()
}

/**
 * A batch under way. One that fits in a single group of messages is a transaction by itself; a longer one goes in several
 * groups, two at a time, so that neither side has to keep all of it.
 */
class Batch {
  readonly #runner: StatementRunner
  readonly #call: DriverBatchCall
  readonly #sets: ReadonlyArray<BoundParameters>
  readonly #statements: ReadonlyArray<PreparedStatement>
  readonly #done: DriverDone<DriverResult>
  readonly #wasOutside: boolean
  /** It has a transaction of its own. */
  readonly #isOwn: boolean
  readonly #prelude: ReadonlyArray<string>
  #cells: Array<unknown> = []
  #rowCount = 0
  #sent = 0
  #underWay = 0
  #error: unknown
  #mayTryAgain = true

  constructor(
    runner: StatementRunner,
    call: DriverBatchCall,
    sets: ReadonlyArray<BoundParameters>,
    statements: ReadonlyArray<PreparedStatement>,
    done: DriverDone<DriverResult>,
  ) {
    this.#runner = runner
    this.#call = call
    this.#sets = sets
    this.#statements = statements
    this.#done = done
    this.#wasOutside = !runner.sender.inTransaction
    const needsTransaction = sets.length > runner.config.maxPipeline
    this.#isOwn = this.#wasOutside && call.prelude.length === 0 && needsTransaction
    this.#prelude = this.#isOwn ? begin : call.prelude
  }

  start(): void {
    if (this.#sets.length === 0 && this.#prelude.length === 0) return this.#succeed()
    this.#sendGroup()
  }

  #sendGroup(): void {
    const { sender, config } = this.#runner
    const start = this.#sent
    const prelude = start === 0 ? this.#prelude : []
    const end = Math.min(start + config.maxPipeline, this.#sets.length)
    const group = sender.group(!this.#wasOutside || this.#prelude.length > 0)
    for (const sql of prelude) group.addCommand(sql)
    for (let from = start; from < end; ) {
      const statement = this.#statements[from] as PreparedStatement
      let to = from + 1
      while (to < end && this.#statements[to] === statement) to++
      group.add(
        statement,
        this.#sets.slice(from, to).map(({ values }) => values),
      )
      from = to
    }
    this.#sent = end
    this.#underWay++
    group.send(
      this.#call.bigints,
      (request) => this.#answered(request, start, prelude.length),
      ({ completedSteps }, tag) => {
        if (completedSteps >= prelude.length) this.#rowCount += countOf(tag) ?? 0
      },
    )
  }

  #answered(request: ServerRequest, start: number, preludeLength: number): void {
    this.#underWay--
    const { error, cells } = request
    if (error === undefined) {
      if (!request.hasSeveral) this.#rowCount += request.result?.count ?? 0
      if (start === 0) this.#cells = cells
      else for (const cell of cells) this.#cells.push(cell)
    } else if (this.#error === undefined) {
      if (needsNewPlan(error)) {
        this.#runner.sender.distrustFailed(request)
        if (this.#mayTryAgain && this.#wasOutside && start === 0 && this.#runner.isOpen) return this.#again()
      }
      const failed = request.completedSteps - preludeLength
      this.#error = this.#runner.toError(error, {
        completedPrelude: this.#isOwn
          ? 0
          : start > 0
            ? this.#prelude.length
            : Math.min(request.completedSteps, preludeLength),
        parameterSet: failed < 0 ? undefined : [start + failed + 1, this.#sets.length],
      })
    }
    if (this.#error !== undefined) {
      if (this.#underWay === 0) this.#fail()
      return
    }
    // The first group goes alone: it may begin the transaction, without which the others must not run.
    while (this.#underWay < 2 && this.#sent < this.#sets.length) this.#sendGroup()
    if (this.#underWay === 0) this.#succeed()
  }

  /** Nothing but the first group was sent, and with it all was undone. */
  #again(): void {
    this.#mayTryAgain = false
    this.#sent = 0
    this.#rowCount = 0
    this.#runner.rollbackNow((outcome) => (outcome.ok ? this.#sendGroup() : this.#done(outcome)))
  }

  #succeed(): void {
    const columns = this.#statements[0]?.names ?? []
    const result: DriverResult = { columns, cells: this.#cells, rowCount: this.#rowCount }
    if (!this.#isOwn) return this.#done({ ok: true, value: result })
    this.#runner.commitNow((outcome) => this.#done(outcome.ok ? { ok: true, value: result } : outcome))
  }

  #fail(): void {
    const outcome = failure(this.#error as ReturnType<StatementRunner["toError"]>)
    if (!this.#isOwn || !this.#runner.isOpen) return this.#done(outcome)
    // A rollback that fails as well has ended the connection, which the next call tells.
    this.#runner.rollbackNow(() => this.#done(outcome))
  }
}
