import { type DriverCall, type DriverCursor, type DriverDone, failure } from "@offloop/orm-async/driver"
import { BufferedCursor, HeldCursor, PortalCursor } from "./pg-driver-cursor.ts"
import { needsNewPlan } from "./pg-failure.ts"
import type { StatementRunner } from "./statement-runner.ts"
import type { BoundStatement } from "./statement-sender.ts"

let lastName = 0

/** The server cannot declare a cursor for a statement: it is no query, or changes or locks something. */
const undeclarable = new Set(["42601", "42P11", "0A000"])

const codeOf = (error: unknown): unknown => (error instanceof Error && "code" in error ? error.code : undefined)

/** Opens a cursor: a portal within a transaction, a cursor WITH HOLD outside of one, where the server can. */
export const openCursor = (runner: StatementRunner, call: DriverCall, done: DriverDone<DriverCursor>): void => {
  const { sender } = runner
  try {
    if (sender.inTransaction || call.prelude.length > 0) {
      openPortal(runner, call, sender.bind(call.sql, call.parameters), !sender.inTransaction, done)
    } else if (call.isWrite === true) buffer(runner, call, done)
    else declare(runner, call, done)
  } catch (error) {
    done(failure(runner.toError(error)))
  }
}

const openPortal = (
  runner: StatementRunner,
  call: DriverCall,
  { statement, values }: BoundStatement,
  mayTryAgain: boolean,
  done: DriverDone<DriverCursor>,
): void => {
  const { sender } = runner
  const { prelude, bigints } = call
  const portal = `offloop_portal_${++lastName}`
  const group = sender.group(true)
  for (const sql of prelude) group.addCommand(sql)
  // A first row has the statement run, be it one that nothing is fetched from.
  group.addPortal(statement, values, portal, 1)
  group.send(bigints, (request) => {
    const { error, completedSteps, cells, isSuspended } = request
    if (error === undefined) {
      const cursor = new PortalCursor(runner, { portal, statement, bigints, first: isSuspended ? cells : [] })
      return done({ ok: true, value: isSuspended ? cursor : new BufferedCursor(statement.names, cells) })
    }
    if (needsNewPlan(error)) {
      sender.distrustFailed(request)
      if (mayTryAgain && runner.isOpen) {
        return runner.rollbackNow((outcome) =>
          outcome.ok ? openPortal(runner, call, { statement, values }, false, done) : done(outcome),
        )
      }
    }
    done(failure(runner.toError(error, { completedPrelude: Math.min(completedSteps, prelude.length) })))
  })
}

const declare = (runner: StatementRunner, call: DriverCall, done: DriverDone<DriverCursor>): void => {
  const { sender } = runner
  const name = `offloop_cursor_${++lastName}`
  const declaration = sender.bindOnce(`DECLARE ${name} NO SCROLL CURSOR WITH HOLD FOR ${call.sql}`, call.parameters)
  let refusal: unknown
  sender.send(declaration, false, ({ error }) => {
    refusal = error
  })
  const described = sender.bindOnce(`FETCH FORWARD 0 FROM ${name}`, [])
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
  const bound = runner.sender.bindOnce(call.sql, call.parameters)
  runner.sender.send(bound, call.bigints, ({ error, cells }) =>
    done(
      error === undefined
        ? { ok: true, value: new BufferedCursor(bound.statement.names, cells) }
        : failure(runner.toError(error)),
    ),
  )
}
