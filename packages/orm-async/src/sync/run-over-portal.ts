import { type CallExit, type HandlerExit, openResident, type ResidentHandle } from "@offloop/runtime/callback"
import { locate, Task } from "@offloop/runtime/tasks"
import type { BesideRequest, Driver, DriverConnection, DriverCursor, DriverDone } from "../driver/driver.ts"
import { DriverError } from "../errors/driver-error.ts"
import { InvalidRequestError } from "../errors/index.ts"
import type { Done } from "../operation/outcome.ts"
import type { BesideAnswer, BesideContext } from "./beside-state.ts"
import { isKnownDialect } from "./portal-dialects.ts"
import type { PortalReply, PortalRequest } from "./portal-messages.ts"
import type { PortalDriver, PortalWorker } from "./portal-worker.ts"

// Sources run as .ts and the build as .js; the module has this one's extension.
const extension = import.meta.url.endsWith(".ts") ? ".ts" : ".js"
const module = new URL(`./portal-worker${extension}`, import.meta.url)
const tasks = () => Task.fromModule<typeof import("./portal-worker.ts")>(locate("@offloop/orm-async/worker", module))

/** The number of workers that are kept when no function runs. */
const kept = 2

const leftError = () =>
  new DriverError({
    kind: "OperationalError",
    message: "The caller of runSync has left: its function can run no more statements",
    code: undefined,
    constraint: undefined,
    isDisconnect: false,
    isRetryable: false,
    completedPrelude: 0,
    cause: undefined,
  })

/** Serves the calls of one function with the loop's connection. */
class PortalServer {
  readonly #driver: DriverConnection
  readonly #cursors = new Map<number, DriverCursor>()
  #lastCursor = 0
  /** The caller has left: nothing more is sent for it. */
  left = false

  constructor(driver: DriverConnection) {
    this.#driver = driver
  }

  serve(request: PortalRequest, respond: (exit: HandlerExit<PortalReply>) => void): void {
    const done: DriverDone<unknown> = (outcome) => respond({ ok: true, value: this.#reply(outcome) })
    if (this.left && request.method !== "rollback") return done({ ok: false, error: leftError() })
    const driver = this.#driver
    if (request.method === "execute") driver.execute(request.call, done)
    else if (request.method === "executeMany") driver.executeMany(request.call, done)
    else if (request.method === "openCursor") this.#openCursor(request, done)
    else if (request.method === "fetch") this.#cursor(request.id).fetch(request.size, done)
    else if (request.method === "closeCursor") this.#cursor(request.id).close(done)
    else driver[request.method](done)
  }

  #openCursor(
    { call }: Extract<PortalRequest, { readonly method: "execute" | "openCursor" }>,
    done: DriverDone<unknown>,
  ): void {
    this.#driver.openCursor(call, (opened) => {
      if (!opened.ok) return done(opened)
      const id = ++this.#lastCursor
      this.#cursors.set(id, opened.value)
      done({ ok: true, value: { id, columns: opened.value.columns } })
    })
  }

  #cursor(id: number): DriverCursor {
    return this.#cursors.get(id) as DriverCursor
  }

  #reply(outcome: Parameters<DriverDone<unknown>>[0]): PortalReply {
    const { transaction, sessionChanged } = this.#driver
    if (outcome.ok) return { value: outcome.value, error: undefined, transaction, sessionChanged }
    const { kind, message, code, constraint, isDisconnect, isRetryable, completedPrelude, failedCall } = outcome.error
    const error = {
      kind,
      message,
      code,
      constraint,
      isDisconnect,
      isRetryable,
      completedPrelude,
      failedCall,
      cause: undefined,
    }
    return { value: undefined, error, transaction, sessionChanged }
  }
}

/** A worker for functions, and the server of the one that runs. */
class PortalThread {
  server: PortalServer | undefined
  remote: ResidentHandle<PortalWorker> | undefined

  open(done: (exit: CallExit<void, Error>) => void): void {
    const handlers = {
      call: ([request]: readonly [PortalRequest], respond: (exit: HandlerExit<PortalReply>) => void): void =>
        (this.server as PortalServer).serve(request, respond),
    }
    openResident(tasks().openPortalWorker, null, { name: "runSync", handlers }, (opened) => {
      if (!opened.ok) return done(opened)
      this.remote = opened.value
      done({ ok: true, value: undefined })
    })
  }
}

const idle: Array<PortalThread> = []

const giveBack = (thread: PortalThread): void => {
  thread.server = undefined
  if (thread.remote?.ended !== undefined) return
  if (idle.length < kept) idle.push(thread)
  else thread.remote?.close(() => {})
}

const takeThread = (done: (exit: CallExit<PortalThread, Error>) => void): void => {
  for (let thread = idle.pop(); thread !== undefined; thread = idle.pop()) {
    if (thread.remote?.ended === undefined) return done({ ok: true, value: thread })
  }
  const thread = new PortalThread()
  thread.open((exit) => done(exit.ok ? { ok: true, value: thread } : exit))
}

const errorOf = (error: unknown): unknown =>
  error instanceof Error && "_tag" in error && error._tag === "TaskError" ? error.cause : error

/**
 * Runs a function in a worker, whose statements come back to a connection that lives on the loop.
 *
 * @returns stops serving it: its caller has left
 */
export const runOverPortal = (
  driver: DriverConnection,
  { name, dialect, capabilities }: Pick<Driver, "name" | "dialect" | "capabilities">,
  request: BesideRequest,
  done: Done<BesideAnswer>,
): (() => void) => {
  const server = new PortalServer(driver)
  const portalDriver: PortalDriver = { name, dialect: dialect.name, capabilities }
  const context = request.context as BesideContext
  if (!isKnownDialect(dialect.name)) {
    const message = `runSync: functions cannot run for the dialect "${dialect.name}", whose code does not cross to a worker; its driver must implement runBeside`
    done({ ok: false, error: new InvalidRequestError({ message }) })
    return () => {}
  }
  takeThread((taken) => {
    if (!taken.ok)
      return done({
        ok: false,
        error: new InvalidRequestError({ message: `runSync: ${taken.error.message}`, cause: taken.error }),
      })
    const thread = taken.value
    const remote = thread.remote as ResidentHandle<PortalWorker>
    thread.server = server
    const end: Done<BesideAnswer> = (outcome) => {
      giveBack(thread)
      done(outcome)
    }
    const task = { module: request.module, name: request.name }
    remote.call("load", [task, context] as never, (loaded) => {
      if (!loaded.ok) return end({ ok: false, error: errorOf(loaded.error) })
      // An object, so that the path of an argument that cannot be sent ends as everywhere: `args[1]`.
      const args = [portalDriver, context, { args: request.args }, driver.transaction]
      remote.call("run", args as never, (exit) =>
        end(exit.ok ? { ok: true, value: exit.value as BesideAnswer } : { ok: false, error: errorOf(exit.error) }),
      )
    })
  })
  return () => {
    server.left = true
  }
}
