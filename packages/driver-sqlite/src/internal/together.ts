import type { DriverResult, Outcome } from "@offloop/orm-async/driver"
import type { PreparedStatement } from "./prepared-statement.ts"
import { RowCountError } from "./row-count-error.ts"
import { noPrelude, type RunOptions, type StatementRunner } from "./statement-runner.ts"

type Values = ReadonlyArray<unknown>

/** A statement that is run with others, and what it is run with. */
export interface Step extends RunOptions {
  readonly statement: PreparedStatement
  /** One set, or many for a batch. */
  readonly parameters?: Values | undefined
  readonly parameterSets?: ReadonlyArray<Values> | undefined
  readonly expectedRowCount?: number | undefined
}

const noValues: Values = []

const runStep = (runner: StatementRunner, step: Step): DriverResult => {
  const { parameters = noValues, parameterSets, expectedRowCount } = step
  const own = runner.free(step.statement)
  const result =
    parameterSets === undefined ? runner.run(own, parameters, step) : runner.runSets(own, parameterSets, step)
  if (expectedRowCount !== undefined && result.rowCount !== expectedRowCount) {
    throw new RowCountError(expectedRowCount, result.rowCount)
  }
  return result
}

/** Runs statements as one transaction. */
export const runUnit = (
  runner: StatementRunner,
  begin: string,
  steps: ReadonlyArray<() => Step>,
): ReadonlyArray<DriverResult> => {
  let failedCall: number | undefined
  try {
    runner.begin(noPrelude, false)
    runner.perform(begin)
    const results: Array<DriverResult> = []
    for (failedCall = 0; failedCall < steps.length; failedCall++) {
      results.push(runStep(runner, (steps[failedCall] as () => Step)()))
    }
    failedCall = undefined
    runner.endTransaction("COMMIT")
    return results
  } catch (error) {
    const undone = runner.attempt(() => runner.endTransaction("ROLLBACK"))
    const failure = undone.ok ? error : new AggregateError([error, undone.error], "a unit could not be rolled back")
    throw runner.failed(failure, failedCall)
  }
}

/** A member of a group: one change, or the statements of a unit with their BEGIN. */
export interface Member {
  /** Undefined for a change. */
  readonly begin: string | undefined
  readonly steps: ReadonlyArray<() => Step>
}

type MemberOutcome = Outcome<ReadonlyArray<DriverResult>, Error>

/** The savepoint of a unit in the transaction of its group. */
const unitSavepoint = "offloop_unit"

/**
 * Runs changes and units that are a transaction each. They are written in one transaction where that makes no difference to
 * any of them; one that fails is undone alone.
 */
export const runGroup = (runner: StatementRunner, members: ReadonlyArray<Member>): ReadonlyArray<MemberOutcome> => {
  const ready = members.map(({ steps }) => runner.attempt(() => steps.map((step) => step())))
  const isPlain = ready.every((steps) => steps.ok && steps.value.every(({ statement }) => statement.isPlain))
  const outcomes = isPlain ? runTogether(runner, members, ready) : undefined
  // One by one: a statement that cannot be prepared yet may need what one before it makes.
  return outcomes ?? members.map((member) => runAlone(runner, member))
}

const runAlone = (runner: StatementRunner, { begin, steps }: Member): MemberOutcome => {
  if (begin === undefined) return runner.attempt(() => steps.map((step) => runStep(runner, step())))
  try {
    return { ok: true, value: runUnit(runner, begin, steps) }
  } catch (error) {
    return { ok: false, error: error as Error }
  }
}

/** Undefined if the transaction has failed as a whole by what one of them did: nothing has happened then. */
const runTogether = (
  runner: StatementRunner,
  members: ReadonlyArray<Member>,
  ready: ReadonlyArray<Outcome<ReadonlyArray<Step>, Error>>,
): ReadonlyArray<MemberOutcome> | undefined => {
  const begun = runner.attempt(() => {
    runner.begin(noPrelude, false)
    runner.perform("BEGIN IMMEDIATE")
  })
  if (!begun.ok) return members.map(() => begun)
  const outcomes: Array<MemberOutcome> = []
  for (const [index, steps] of ready.entries()) {
    const outcome = steps.ok ? runMember(runner, members[index]?.begin !== undefined, steps.value) : steps
    if (outcome === undefined) return undefined
    outcomes.push(outcome)
  }
  const committed = runner.attempt(() => runner.endTransaction("COMMIT"))
  if (committed.ok) return outcomes
  const undone = runner.attempt(() => runner.endTransaction("ROLLBACK"))
  if (!undone.ok) return members.map(() => undone)
  // A foreign key that is checked at the end is one member's fault; a full disk is nobody's.
  return isConstraint(committed.error) ? undefined : members.map(() => committed)
}

/** Undefined if the transaction of the group is over, and has to be run otherwise. */
const runMember = (runner: StatementRunner, isUnit: boolean, steps: ReadonlyArray<Step>): MemberOutcome | undefined => {
  const results: Array<DriverResult> = []
  try {
    if (isUnit) runner.perform(`SAVEPOINT ${unitSavepoint}`)
    for (const step of steps) results.push(runStep(runner, step))
    if (isUnit) runner.perform(`RELEASE ${unitSavepoint}`)
    return { ok: true, value: results }
  } catch (thrown) {
    const error = runner.failed(thrown, isUnit ? results.length : undefined)
    // As INSERT OR ROLLBACK does, which takes the others along.
    if (!runner.inTransaction) return undefined
    // SQLite undoes a statement that fails by itself.
    if (!isUnit || undoUnit(runner)) return { ok: false, error }
    runner.attempt(() => runner.endTransaction("ROLLBACK"))
    return undefined
  }
}

const undoUnit = (runner: StatementRunner): boolean =>
  runner.attempt(() => {
    runner.perform(`ROLLBACK TO ${unitSavepoint}`)
    runner.perform(`RELEASE ${unitSavepoint}`)
  }).ok

const isConstraint = (error: Error & { readonly code?: unknown }): boolean =>
  String(error.code).startsWith("SQLITE_CONSTRAINT")
