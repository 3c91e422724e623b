import { type DriverCall, type DriverCursor, type DriverDone, failure } from "@offloop/orm-async/driver"
import { type BoundStatement, bindOnce, bindStatement } from "./bound-statement.ts"
import { BufferedCursor, HeldCursor, PortalCursor } from "./pg-driver-cursor.ts"
import { StatementGroup } from "./statement-group.ts"
import type { StatementRunner } from "./statement-runner.ts"

let lastName = 0

/** The server cannot declare a cursor for a statement: it is no query, or changes or locks something. */
const undeclarable = new Set(["42601", "42P11", "0A000"])

const codeOf = (error: unknown): unknown => (error instanceof Error && "code" in error ? error.code : undefined)

/** Opens a cursor: a portal within a transaction, a cursor WITH HOLD outside of one, where the server can. */
export const openCursor = (runner: StatementRunner, call: DriverCall, done: DriverDone<DriverCursor>): void => {
  const { sender } = runner
  try {
    if (sender.inTransaction || call.prelude.length > 0) {
      const bound = bindStatement(sender.statements, call.sql, call.parameters)
      openPortal(runner, call, bound, !sender.inTransaction, done)
    } else if (call.isWrite === true) buffer(runner, call, done)
    else openHeld(runner, call, done)
  } catch (error) {
    done(failure(runner.toError(error)))
  }
}

const openPortal = (
  runner: StatementRunner,
  call: DriverCall,
  bound: BoundStatement,
  mayTryAgain: boolean,
  done: DriverDone<DriverCursor>,
): void => {
  const { prelude, bigints } = call
  const { statement } = bound
  const portal = `offloop_portal_${++lastName}`
  const group = new StatementGroup(runner.sender, true)
  for (const sql of prelude) group.addCommand(sql)
  // A first row has the statement run, be it one that nothing is fetched from.
  group.addPortal(bound, portal, 1)
  group.send(bigints, (request) => {
    const { error, completedSteps, cells, isSuspended } = request
    if (error === undefined) {
      const cursor = new PortalCursor(runner, { portal, statement, bigints, first: isSuspended ? cells : [] })
      return done({ ok: true, value: isSuspended ? cursor : new BufferedCursor(statement.names, cells) })
    }
    if (runner.hasFailedStale(request) && mayTryAgain && runner.isOpen) {
      return runner.rollback((outcome) => (outcome.ok ? openPortal(runner, call, bound, false, done) : done(outcome)))
    }
    done(failure(runner.toError(error, { completedPrelude: Math.min(completedSteps, prelude.length) })))
  })
}

const openHeld = (runner: StatementRunner, call: DriverCall, done: DriverDone<DriverCursor>): void => {
  const { sender } = runner
  const name = `offloop_cursor_${++lastName}`
  const declare = `DECLARE ${name} NO SCROLL CURSOR WITH HOLD FOR ${call.sql}`
  const declaration = bindOnce(sender.statements, declare, call.parameters)
  let refusal: unknown
  sender.send(declaration, false, ({ error }) => {
    refusal = error
  })
  const described = bindOnce(sender.statements, `FETCH FORWARD 0 FROM ${name}`, [])
  sender.send(described, false, ({ error }) => {
    if (refusal === undefined && error === undefined) {
      runner.heldCursor(1)
      return done({ ok: true, value: new HeldCursor(runner, name, described.statement.names, call.bigints) })
    }
    if (!undeclarable.has(codeOf(refusal) as string) || !runner.isOpen) {
      return done(failure(runner.toError(refusal ?? error)))
    }
    buffer(runner, call, done)
  })
}

const buffer = (runner: StatementRunner, call: DriverCall, done: DriverDone<DriverCursor>): void => {
  const bound = bindOnce(runner.sender.statements, call.sql, call.parameters)
  runner.sender.send(bound, call.bigints, ({ error, cells }) =>
    done(
      error === undefined
        ? { ok: true, value: new BufferedCursor(bound.statement.names, cells) }
        : failure(runner.toError(error)),
    ),
  )
}
