import { loadTask } from "@offloop/runtime/tasks"
import type { ConnectionCore } from "../connection/connection-core.ts"
import type { BesideRequest, DriverConnection } from "../driver/driver.ts"
import { InvalidRequestError } from "../errors/index.ts"
import type { SessionOptions } from "../session/session-options.ts"
import type { Level } from "../transaction/levels.ts"
import { BesideConnection, type BesideDriver, besideCore } from "./beside-connection.ts"
import { type BesideAnswer, type BesideContext, BesideFailure, type BesideState } from "./beside-state.ts"
import { runProcedure } from "./run-call.ts"
import { Session } from "./sync-session.ts"

/** A function as {@link syncTasks} refers to one. */
export type BesideFunction = (subject: unknown, ...args: ReadonlyArray<unknown>) => unknown

/** Gives the function that a request names, or why it cannot be had. */
export const loadFunction = (
  { module, name }: Pick<BesideRequest, "module" | "name">,
  done: (found: BesideFunction | InvalidRequestError) => void,
): void =>
  loadTask<Array<unknown>, unknown>({ module, name }, (exit) => {
    if (exit.ok) return done(exit.value)
    done(new InvalidRequestError({ message: `runSync: ${exit.error.message}`, cause: exit.error }))
  })

const stateOf = ({ levels, trouble }: ConnectionCore): BesideState => ({ levels: levels.state(), trouble })

const isPromise = (value: unknown): boolean =>
  typeof value === "object" && value !== null && "then" in value && typeof value.then === "function"

const asyncError = () =>
  new InvalidRequestError({
    message:
      "runSync: the function returned a promise, and it must end when it returns: make it synchronous, or call it with the connection of the program",
  })

const leftOpenError = () =>
  new InvalidRequestError({
    message:
      "runSync: the function ended while a savepoint that it had begun was open; it was rolled back. End savepoints where they begin, as beginNested(block) does",
  })

/** Rolls back savepoints that the function began and did not end; says whether there were any. */
const endSavepoints = (core: ConnectionCore, known: ReadonlySet<number>): boolean => {
  const isLeft = (level: Level | undefined): level is Level =>
    level?.savepoint !== undefined && !known.has(level.id) && core.trouble === undefined
  let found = false
  for (let level = core.levels.innermost; isLeft(level); level = core.levels.innermost) {
    const left = level
    found = true
    runProcedure(core.engine.log, () => core.exclusively(() => core.rollback(left)))
  }
  return found
}

/** Runs a function with a session on a connection; what the session holds is written when the function has ended. */
const runWithSession = (
  connection: BesideConnection,
  options: SessionOptions,
  run: BesideFunction,
  args: ReadonlyArray<unknown>,
): unknown => {
  const session = Session.make(connection, options)
  try {
    const value = run(session, ...args)
    if (!isPromise(value)) session.commit()
    return value
  } finally {
    session.close()
  }
}

/**
 * Runs a function with a connection that answers at once.
 *
 * @throws {BesideFailure} with what the function threw
 */
export const callBeside = (
  connection: DriverConnection,
  driver: BesideDriver,
  context: BesideContext,
  run: BesideFunction,
  args: ReadonlyArray<unknown>,
): BesideAnswer => {
  const core = besideCore(connection, driver, context)
  // A session works in a savepoint, so that the transaction stays the program's.
  if (context.session !== undefined && core.levels.root === undefined) core.levels.begin(true)
  const known = new Set(core.levels.state().open.map(({ id }) => id))
  let value: unknown
  try {
    const subject = new BesideConnection(core)
    value = context.session === undefined ? run(subject, ...args) : runWithSession(subject, context.session, run, args)
    if (isPromise(value)) throw asyncError()
    if (endSavepoints(core, known)) throw leftOpenError()
  } catch (error) {
    endSavepoints(core, known)
    const state = stateOf(core)
    core.closed = true
    throw new BesideFailure(error, state)
  }
  const state = stateOf(core)
  // A callback that the function left behind must not use the connection.
  core.closed = true
  return { value, ...state }
}

/**
 * Serves a driver's `runBeside` on the thread where its connection lives: loads the function and runs it with a
 * synchronous connection.
 *
 * ```ts
 * import type { BesideRequest, Driver, DriverConnection } from "@offloop/orm-async/driver"
 * import { runBeside } from "@offloop/orm-async/sync"
 *
 * const serve = (connection: DriverConnection, driver: Driver, request: BesideRequest) =>
 *   runBeside(connection, driver, request)
 * ```
 *
 * @param connection answers every call before it returns
 * @param driver what the connection's driver is and can do
 * @returns what `done` of the driver's `runBeside` is to be told; rejects with what the function threw
 */
export const runBeside = (
  connection: DriverConnection,
  driver: BesideDriver,
  { args, context, ...task }: BesideRequest,
): Promise<unknown> =>
  new Promise((resolve, reject) => {
    loadFunction(task, (found) => {
      const state = context as BesideContext
      try {
        if (found instanceof InvalidRequestError) {
          throw new BesideFailure(found, { levels: state.levels, trouble: undefined })
        }
        resolve(callBeside(connection, driver, state, found, args))
      } catch (error) {
        reject(error)
      }
    })
  })
