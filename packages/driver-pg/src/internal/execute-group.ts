import { type DriverCall, type DriverDone, type DriverResult, failure } from "@offloop/orm-async/driver"
import { needsNewPlan } from "./pg-failure.ts"
import type { StatementRunner } from "./statement-runner.ts"
import { type BoundStatement, countOf } from "./statement-sender.ts"

/** Runs a statement behind its prelude, in one round trip. */
export const executeGroup = (runner: StatementRunner, call: DriverCall, done: DriverDone<DriverResult>): void => {
  let bound: BoundStatement
  try {
    bound = runner.sender.bind(call.sql, call.parameters)
  } catch (error) {
    return done(failure(runner.toError(error)))
  }
  send(runner, call, bound, !runner.sender.inTransaction, done)
}

/** @param mayTryAgain the prelude begins the transaction, so that it can begin anew if the statement's plan is stale */
const send = (
  runner: StatementRunner,
  call: DriverCall,
  { statement, values }: BoundStatement,
  mayTryAgain: boolean,
  done: DriverDone<DriverResult>,
): void => {
  const { sender } = runner
  const { prelude, bigints } = call
  const group = sender.group(true)
  for (const sql of prelude) group.addCommand(sql)
  group.add(statement, [values])
  let rowCount = -1
  group.send(
    bigints,
    (request) => {
      const { error, completedSteps, cells } = request
      if (error === undefined) return done({ ok: true, value: { columns: statement.names, cells, rowCount } })
      if (needsNewPlan(error)) {
        sender.distrustFailed(request)
        if (mayTryAgain && runner.isOpen) {
          return runner.rollbackNow((outcome) =>
            outcome.ok ? send(runner, call, { statement, values }, false, done) : done(outcome),
          )
        }
      }
      done(failure(runner.toError(error, { completedPrelude: Math.min(completedSteps, prelude.length) })))
    },
    ({ completedSteps }, tag) => {
      if (completedSteps === prelude.length) rowCount = countOf(tag) ?? -1
    },
  )
}
