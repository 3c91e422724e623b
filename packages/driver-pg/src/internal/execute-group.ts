import { type DriverCall, type DriverDone, type DriverResult, failure } from "@offloop/orm-async/driver"
import { type BoundStatement, bindStatement } from "./bound-statement.ts"
import { countOf } from "./command-tag.ts"
import { StatementGroup } from "./statement-group.ts"
import type { StatementRunner } from "./statement-runner.ts"

/** Runs a statement behind its prelude, in one round trip. */
export const executeGroup = (runner: StatementRunner, call: DriverCall, done: DriverDone<DriverResult>): void => {
  let bound: BoundStatement
  try {
    bound = bindStatement(runner.sender.statements, call.sql, call.parameters)
  } catch (error) {
    return done(failure(runner.toError(error)))
  }
  send(runner, call, bound, !runner.sender.inTransaction, done)
}

/** @param mayTryAgain the prelude begins the transaction, so that it can begin anew if the statement's plan is stale */
const send = (
  runner: StatementRunner,
  call: DriverCall,
  bound: BoundStatement,
  mayTryAgain: boolean,
  done: DriverDone<DriverResult>,
): void => {
  const { prelude, bigints } = call
  const { statement } = bound
  const group = new StatementGroup(runner.sender, true)
  for (const sql of prelude) group.addCommand(sql)
  group.add(bound)
  let rowCount = -1
  group.send(
    bigints,
    (request) => {
      const { error, completedSteps, cells } = request
      if (error === undefined) return done({ ok: true, value: { columns: statement.names, cells, rowCount } })
      if (runner.hasFailedStale(request) && mayTryAgain && runner.isOpen) {
        return runner.rollback((outcome) => (outcome.ok ? send(runner, call, bound, false, done) : done(outcome)))
      }
      done(failure(runner.toError(error, { completedPrelude: Math.min(completedSteps, prelude.length) })))
    },
    ({ completedSteps }, tag) => {
      if (completedSteps === prelude.length) rowCount = countOf(tag) ?? -1
    },
  )
}
