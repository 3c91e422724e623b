import type { DriverResult, Outcome } from "@offloop/orm-async/driver"
import type { PreparedStatement } from "./prepared-statement.ts"
import { RowCountError } from "./row-count-error.ts"
import { noPrelude, type RunOptions, type StatementRunner } from "./statement-runner.ts"

type Values = ReadonlyArray<unknown>
type StepOutcome = Outcome<DriverResult, Error>

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

/**
 * Runs changes that are a transaction each. They are written in one transaction where that makes no difference to any of
 * them; one that fails is undone alone, as SQLite does with every statement.
 */
export const runGroup = (runner: StatementRunner, steps: ReadonlyArray<() => Step>): ReadonlyArray<StepOutcome> => {
  const ready = steps.map((step) => runner.attempt(step))
  const isPlain = ready.every((step) => step.ok && step.value.statement.isPlain)
  const outcomes = isPlain ? runTogether(runner, ready) : undefined
  // One by one: a statement that cannot be prepared yet may need what one before it makes.
  return outcomes ?? steps.map((step) => runner.attempt(() => runStep(runner, step())))
}

/** Undefined if the transaction has failed as a whole by what one of them did: nothing has happened then. */
const runTogether = (
  runner: StatementRunner,
  steps: ReadonlyArray<Outcome<Step, Error>>,
): ReadonlyArray<StepOutcome> | undefined => {
  const begun = runner.attempt(() => {
    runner.begin(noPrelude, false)
    runner.perform("BEGIN IMMEDIATE")
  })
  if (!begun.ok) return steps.map(() => begun)
  const outcomes: Array<StepOutcome> = []
  for (const step of steps) {
    const outcome = step.ok ? runner.attempt(() => runStep(runner, step.value)) : step
    // As INSERT OR ROLLBACK does, which takes the others along.
    if (!outcome.ok && !runner.inTransaction) return undefined
    outcomes.push(outcome)
  }
  const committed = runner.attempt(() => runner.endTransaction("COMMIT"))
  if (committed.ok) return outcomes
  const undone = runner.attempt(() => runner.endTransaction("ROLLBACK"))
  if (!undone.ok) return steps.map(() => undone)
  // A foreign key that is checked at the end is one statement's fault; a full disk is nobody's.
  return isConstraint(committed.error) ? undefined : steps.map(() => committed)
}

const isConstraint = (error: Error & { readonly code?: unknown }): boolean =>
  String(error.code).startsWith("SQLITE_CONSTRAINT")
