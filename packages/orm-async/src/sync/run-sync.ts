import { TaskError, UnsendableError } from "@offloop/runtime/tasks"
import type { ConnectionCore } from "../connection/connection-core.ts"
import type { SyncTask } from "../connection/sync-task.ts"
import type { BesideRequest, DriverConnection } from "../driver/driver.ts"
import { ArgumentError, type DriverError, InvalidRequestError } from "../errors/index.ts"
import { restoreError } from "../errors/restore-error.ts"
import { isTypedError } from "../errors/typed-error.ts"
import { CallbackCall, Left } from "../operation/call.ts"
import { type Procedure, settled } from "../operation/operation.ts"
import type { Done } from "../operation/outcome.ts"
import { shown } from "../options/check-options.ts"
import type { PooledConnection } from "../pool/pooled-connection.ts"
import { type BesideAnswer, type BesideContext, type BesideState, isBesideFailure } from "./beside-state.ts"

const checkTask = (task: unknown): void => {
  const { module, name } = (typeof task === "object" && task !== null ? task : {}) as Partial<
    SyncTask<never, [], unknown>
  >
  if (typeof module === "string" && typeof name === "string") return
  throw new ArgumentError({
    message: `runSync: the task must be a reference to an exported function, since it runs on another thread; got ${shown(task)}. Export the function from a module, and pass syncTasks<typeof import("./tasks.ts")>(new URL("./tasks.ts", import.meta.url)).name`,
  })
}

/** Takes over what became of the transaction. */
const takeOver = (core: ConnectionCore, pooled: PooledConnection, { levels, trouble }: BesideState): void => {
  core.levels.restore(levels)
  if (core.pooled !== pooled) return
  core.trouble = trouble
  core.answered(pooled, 0)
}

/** The error of a function, as the caller of `runSync` gets it. */
const thrownBy = (target: string, thrown: unknown): unknown => {
  const error = restoreError(thrown)
  return isTypedError(error) ? error : new TaskError({ target, cause: error })
}

/** Runs a function on this thread, with a connection that answers at once. Loads what that takes when a function needs it. */
const runHere = (
  driver: DriverConnection,
  core: ConnectionCore,
  request: BesideRequest,
  done: Done<BesideAnswer>,
): void => {
  import("./run-beside.ts").then(
    ({ callBeside, loadFunction }) =>
      loadFunction(request, (found) => {
        if (typeof found !== "function") return done({ ok: false, error: found })
        let answer: BesideAnswer
        try {
          answer = callBeside(driver, core.engine.driver, request.context as BesideContext, found, request.args)
        } catch (error) {
          return done({ ok: false, error })
        }
        done({ ok: true, value: answer })
      }),
    (error: unknown) => done({ ok: false, error }),
  )
}

const ignore = (): void => {}

/** Starts a function where it can have a connection that answers at once; the result tells that its caller has left. */
const start = (
  core: ConnectionCore,
  driver: DriverConnection,
  request: BesideRequest,
  done: Done<BesideAnswer>,
): (() => void) => {
  if (driver.answersAtOnce) runHere(driver, core, request, done)
  else if (driver.runBeside !== undefined) driver.runBeside(request, done as Done<unknown>)
  else return runElsewhere(core, driver, request, done)
  return ignore
}

/** Loads what starts a worker when the first function needs one, and runs the function there. */
const runElsewhere: typeof start = (core, driver, request, done) => {
  let hasLeft = false
  let stop = ignore
  import("./run-over-portal.ts").then(
    ({ runOverPortal }) => {
      stop = runOverPortal(driver, core.engine.driver, request, done)
      if (hasLeft) stop()
    },
    (error: unknown) => done({ ok: false, error }),
  )
  return () => {
    hasLeft = true
    stop()
  }
}

/**
 * Runs an exported function beside a connection.
 *
 * @param session options of the session that the function gets; undefined for a connection
 * @throws {SqlError | TaskError}
 */
export function* runSync<A>(
  core: ConnectionCore,
  task: SyncTask<never, never, A>,
  args: ReadonlyArray<unknown>,
  session?: Readonly<Record<string, unknown>>,
): Procedure<A> {
  checkTask(task)
  return yield* core.exclusively(function* (): Procedure<A> {
    const refusal = core.refusal()
    if (refusal !== undefined) throw refusal
    if (core.needsRepair) yield* core.repair()
    const pooled = core.pooled as PooledConnection
    const { module, name } = task
    const { url, hideParameters } = core.engine
    const context: BesideContext = {
      url: url.toString(),
      options: core.options,
      hideParameters,
      levels: core.levels.state(),
      session,
    }
    let stop = ignore
    const call = new CallbackCall<BesideAnswer>(
      (done) => {
        stop = start(core, pooled.driver, { module, name, args, context }, done)
      },
      "later",
      () => {
        stop()
        core.left(pooled, core.levels.depth)
      },
    )
    try {
      const answer = yield* settled(call)
      if (!answer.ok) throw failed(core, pooled, `${module}#${name}`, answer.error)
      takeOver(core, pooled, answer.value)
      return answer.value.value as A
    } catch (error) {
      if (error instanceof Left) {
        const { outcome } = error
        core.endedAfterLeaving(pooled, outcome?.ok === false ? (outcome.error as DriverError) : undefined)
      }
      throw error
    }
  })
}

const failed = (core: ConnectionCore, pooled: PooledConnection, target: string, error: unknown): unknown => {
  const cause = isBesideFailure(error) ? error : (error as DriverError).cause
  if (isBesideFailure(cause)) {
    takeOver(core, pooled, cause)
    return thrownBy(target, cause.cause)
  }
  const unsendable = [error, cause].find((one) => one instanceof UnsendableError)
  if (!(isTypedError(error) && error._tag === "DriverError")) return unsendable ? unsendableError(unsendable) : error
  const failure = core.failed(pooled, 0, error as DriverError, {})
  return unsendable ? unsendableError(unsendable) : failure
}

/** Explains a value that cannot be sent: an argument, or the function's result. */
const unsendableError = (error: UnsendableError): ArgumentError | InvalidRequestError => {
  const argument = /\bargs\[(\d+)\](?!.*\bargs\[)/.exec(error.path)?.[1]
  const cause = error
  return argument === undefined
    ? new InvalidRequestError({ message: `runSync: the function's result cannot be sent. ${error.message}`, cause })
    : new ArgumentError({
        message: `runSync: argument ${Number(argument) + 1} cannot be sent. ${error.message}`,
        cause,
      })
}
