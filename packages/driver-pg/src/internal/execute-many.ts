import {
  type DriverBatchCall,
  type DriverDone,
  type DriverError,
  type DriverResult,
  failure,
} from "@offloop/orm-async/driver"
import { type BoundStatement, bindSets } from "./bound-statement.ts"
import { countOf } from "./command-tag.ts"
import type { ServerRequest } from "./server-request.ts"
import { StatementGroup } from "./statement-group.ts"
import type { StatementRunner } from "./statement-runner.ts"

const begin = ["BEGIN"]

/** Runs a statement once for each set of parameters: all of them or none. */
export const executeMany = (runner: StatementRunner, call: DriverBatchCall, done: DriverDone<DriverResult>): void => {
  let batch: Batch
  try {
    const { sql, parameterSets } = call
    const sets = bindSets(runner.sender.statements, sql, parameterSets, (error, index) =>
      runner.toError(error, { parameterSet: [index + 1, parameterSets.length] }),
    )
    batch = new Batch(runner, call, sets, done)
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
  readonly #sets: ReadonlyArray<BoundStatement>
  readonly #done: DriverDone<DriverResult>
  readonly #wasOutside: boolean
  /** It has a transaction of its own. */
  readonly #isOwn: boolean
  readonly #prelude: ReadonlyArray<string>
  #cells: Array<unknown> = []
  #rowCount = 0
  #sent = 0
  #underWay = 0
  #error: DriverError | undefined
  #mayTryAgain = true

  constructor(
    runner: StatementRunner,
    call: DriverBatchCall,
    sets: ReadonlyArray<BoundStatement>,
    done: DriverDone<DriverResult>,
  ) {
    this.#runner = runner
    this.#call = call
    this.#sets = sets
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
    const group = new StatementGroup(sender, !this.#wasOutside || this.#prelude.length > 0)
    for (const sql of prelude) group.addCommand(sql)
    for (const set of this.#sets.slice(start, end)) group.add(set)
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
      const mayTryAgain = this.#mayTryAgain && this.#wasOutside && start === 0 && this.#runner.isOpen
      if (this.#runner.hasFailedStale(request) && mayTryAgain) return this.#again()
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
    this.#runner.rollback((outcome) => (outcome.ok ? this.#sendGroup() : this.#done(outcome)))
  }

  #succeed(): void {
    const columns = this.#sets[0]?.statement.names ?? []
    const result: DriverResult = { columns, cells: this.#cells, rowCount: this.#rowCount }
    if (!this.#isOwn) return this.#done({ ok: true, value: result })
    this.#runner.commit((outcome) => this.#done(outcome.ok ? { ok: true, value: result } : outcome))
  }

  #fail(): void {
    const outcome = failure(this.#error as DriverError)
    if (!this.#isOwn || !this.#runner.isOpen) return this.#done(outcome)
    // A rollback that fails as well has ended the connection, which the next call tells.
    this.#runner.rollback(() => this.#done(outcome))
  }
}
