import type { ConnectAttempt, DriverConnection, DriverDone } from "../driver/driver.ts"
import type { DriverError } from "../errors/driver-error.ts"
import {
  type DbapiError,
  DisconnectionError,
  fromDriverError,
  type InvalidRequestError,
  type QueueFullError,
  ResourceClosedError,
  type TimeoutError,
} from "../errors/index.ts"
import { type Call, CallbackCall, Left } from "../operation/call.ts"
import type { Log } from "../operation/log.ts"
import { type Procedure, settled, wait } from "../operation/operation.ts"
import type { Timer } from "../operation/timer.ts"
import { Checkout } from "./checkout.ts"
import { Deadlines } from "./deadlines.ts"
import type { Pool, PoolStatistics } from "./pool.ts"
import type { PoolHooks } from "./pool-hooks.ts"
import type { PoolSettings } from "./pool-settings.ts"
import { type PoolTask, PoolTasks } from "./pool-tasks.ts"
import { PooledConnection, type ReturnState } from "./pooled-connection.ts"
import { Slots } from "./slots.ts"

/** Every error of taking a connection from a pool. */
export type ConnectError =
  | DbapiError
  | DisconnectionError
  | InvalidRequestError
  | QueueFullError
  | ResourceClosedError
  | TimeoutError

/** The pool's state machine. */
export type PoolSlots = Slots<PooledConnection, ConnectError>

/** Opens a connection. */
export type Connect = (done: DriverDone<DriverConnection>) => ConnectAttempt

/** The number of times that a connection which does not answer is replaced before the pool gives up. */
export const pingTries = 3

/** After how many milliseconds of a reset those that wait for its connection get another, if there is room. */
const promptReset = 100

/** The part of an engine that its pool needs. */
export interface PoolSurroundings {
  readonly connect: Connect
  readonly timer: Timer
  readonly log: Log
  readonly hooks?: PoolHooks | undefined
}

const closedError = () =>
  new ResourceClosedError({
    message:
      "The engine is closed: the scope or block that it was made in has ended; connect before that, or make another engine",
  })

const disposedError = () =>
  new ResourceClosedError({
    message: "The engine was disposed of while this connection was being opened; connect again",
  })

/** A pool of connections: {@link Slots} decides, this opens, pings, resets and closes. */
export class ConnectionPool implements Pool {
  readonly settings: PoolSettings
  readonly deadlines: Deadlines
  /** An idle connection may be too old, or dead. */
  readonly checksIdle: boolean
  /** Where the connection of a pool of the class `assertion` was taken last. */
  takenAt: Error | undefined
  readonly #connect: Connect
  readonly #timer: Timer
  readonly #log: Log
  readonly #hooks: PoolHooks
  readonly #tasks: PoolTasks
  #slots: PoolSlots
  #generation = 0
  #opened = 0
  #closed = 0
  #shut = false
  #callOffWarning: (() => void) | undefined

  constructor(settings: PoolSettings, { connect, timer, log, hooks = {} }: PoolSurroundings) {
    this.settings = settings
    this.#connect = connect
    this.#timer = timer
    this.#log = log
    this.#hooks = hooks
    this.#tasks = new PoolTasks(timer)
    this.deadlines = new Deadlines(timer, settings.timeout)
    this.checksIdle = settings.prePing || settings.recycle !== Number.POSITIVE_INFINITY
    this.#slots = this.#makeSlots()
  }

  /** The state machine in use: another one after each `dispose`. */
  get slots(): PoolSlots {
    return this.#slots
  }

  /** A connection for the caller, which must hand it to `release` in the end. */
  checkout(): Call<PooledConnection> {
    return new Checkout(this)
  }

  /** Why no connection can be had, if so. */
  refusal(): ResourceClosedError | undefined {
    return this.#shut ? closedError() : undefined
  }

  /** An idle connection that can be used as it is, if there is one: what most checkouts need. */
  takeIdle(): PooledConnection | undefined {
    return this.#usable(() => this.#slots.take())
  }

  /** {@link takeIdle} for the connection that was used last, whose caches are warm and whose thread is awake. */
  takeNewest(): PooledConnection | undefined {
    return this.#usable(() => this.#slots.takeNewest())
  }

  #usable(take: () => PooledConnection | undefined): PooledConnection | undefined {
    for (;;) {
      const idle = take()
      if (idle === undefined || idle.driver.isOpen) return idle
      this.#discard(idle, "terminate")
    }
  }

  /** Says in the log why a caller waits, once it has waited for a second: most often it holds the connection itself. */
  warnOfOnlyConnection(reason: string): void {
    this.#callOffWarning ??= this.#timer.later(() => {
      this.#callOffWarning = undefined
      this.#log(
        "warning",
        `A caller waits for the only connection: ${reason}. If it is the caller itself that holds it, it waits in vain: end the block, session or connection first`,
      )
    }, 1_000)
  }

  /** A connection is handed to a borrower. */
  lent(connection: PooledConnection): void {
    if (this.#callOffWarning !== undefined && this.#slots.waiting === 0) {
      this.#callOffWarning()
      this.#callOffWarning = undefined
    }
    this.#hooks.checkout?.(connection)
  }

  /** Takes a connection back. Returns at once; what the connection needs is done in the background. */
  release(connection: PooledConnection, state: ReturnState): void {
    connection.fresh = false
    connection.leftOpen = false
    this.#hooks.checkin?.(connection)
    if (state === "dead" || connection.broken || !connection.driver.isOpen) this.#discard(connection, "terminate")
    else if (state === "usable" && (this.settings.resetOnReturn === null || connection.isClean)) {
      connection.leftOpen = connection.driver.transaction !== "none"
      this.putBack(connection)
    } else if (state === "usable" && this.#canResetAhead(connection)) this.#resetAhead(connection)
    else this.#reset(connection, state === "usable")
  }

  /**
   * A connection comes back, by {@link release}, as soon as something on it has ended: `dispose` waits for that. The result
   * is to be called then.
   *
   * @param force ends it soon
   */
  returning({ home }: PooledConnection, force: () => void): () => void {
    const task: PoolTask = { home, force }
    this.#tasks.begin(task)
    return () => this.#tasks.end(task)
  }

  /** Replaces all connections: idle ones now, others when they come back. After the database was lost. */
  invalidateAll(): void {
    this.#generation++
    for (const connection of this.#slots.takeAllIdle()) this.#discard(connection, "terminate")
  }

  /**
   * Closes what is not in use, and what is in use when it comes back. Waits for what is being opened, returned or closed,
   * then ends the rest by force. The pool can be used again afterwards.
   *
   * @param close false forgets the connections that are not in use instead of closing them
   */
  dispose(close: boolean, done: () => void): void {
    const before = this.#slots
    this.#generation++
    const idle = before.takeAllIdle()
    if (close) for (const connection of idle) this.#discard(connection, "close")
    const waiting = before.takeAllWaiting()
    this.#slots = this.#makeSlots()
    for (const waiter of waiting) {
      if (this.#shut) waiter.failed(closedError())
      else this.#slots.wait(waiter)
    }
    this.#tasks.endOthers(() => this.#slots, done)
  }

  /** Disposes for good: who asks for a connection afterwards gets `ResourceClosedError`. */
  shutDown(done: () => void): void {
    this.#shut = true
    this.dispose(true, done)
  }

  size(): number {
    return this.settings.size
  }

  checkedIn(): number {
    return this.#slots.idle
  }

  checkedOut(): number {
    return this.#slots.borrowed
  }

  overflow(): number {
    return Math.max(0, this.#slots.total - this.settings.size)
  }

  timeout(): number {
    return this.settings.timeout
  }

  statistics(): PoolStatistics {
    const { poolClass, size, maxOverflow } = this.settings
    const { idle, borrowed, connecting, waiting } = this.#slots
    return {
      poolClass,
      size,
      maxOverflow,
      checkedIn: idle,
      checkedOut: borrowed,
      connecting,
      waiting,
      overflow: this.overflow(),
      opened: this.#opened,
      closed: this.#closed,
    }
  }

  status(): string {
    const now = this.statistics()
    return (
      `Pool size: ${now.size}, connections in pool: ${now.checkedIn}, overflow: ${now.overflow}, ` +
      `checked out: ${now.checkedOut}, connecting: ${now.connecting}, waiting: ${now.waiting}`
    )
  }

  /**
   * The connection if it is young and alive, else one that takes its place.
   *
   * @throws {ConnectError}
   */
  *check(connection: PooledConnection): Procedure<PooledConnection> {
    const { prePing, recycle } = this.settings
    if (connection.fresh) return connection
    if (this.#timer.now() - connection.openedAt > recycle) return yield* this.#replace(connection, "close")
    if (!prePing) return connection
    for (let current = connection, tries = pingTries; ; tries--) {
      const error = yield* this.#ping(current)
      if (error === undefined) return current
      if (error.isDisconnect) this.invalidateAll()
      if (tries === 1) {
        this.release(current, "dead")
        throw new DisconnectionError({
          message: `The database did not answer on ${pingTries} connections, new ones included; is it up, and does it let clients stay?`,
          cause: error,
        })
      }
      current = yield* this.#replace(current, "terminate")
    }
  }

  *#ping(connection: PooledConnection): Procedure<DriverError | undefined> {
    const { driver } = connection
    try {
      const answer = yield* settled(
        new CallbackCall<void>(
          (done) => driver.ping(done),
          "later",
          () => driver.cancel(),
        ),
      )
      return answer.ok ? undefined : (answer.error as DriverError)
    } catch (error) {
      this.release(connection, "unknown")
      throw error
    }
  }

  /** Closes a borrowed connection and opens another in the same slot. */
  *#replace(old: PooledConnection, how: "close" | "terminate"): Procedure<PooledConnection> {
    const home = old.home as PoolSlots
    const replaced = new CallbackCall<PooledConnection>(
      (done) =>
        this.#end(old, how, () =>
          this.#open(
            home,
            (connection) => done({ ok: true, value: connection }),
            (error) => {
              home.lost()
              done({ ok: false, error })
            },
          ),
        ),
      "later",
    )
    try {
      return yield* wait(replaced)
    } catch (error) {
      if (error instanceof Left && error.outcome?.ok === true) this.putBack(error.outcome.value as PooledConnection)
      throw error
    }
  }

  #makeSlots(): PoolSlots {
    const { size, maxOverflow, lifo } = this.settings
    const slots: PoolSlots = new Slots(
      { size, maxOverflow, lifo },
      {
        open: () =>
          this.#open(
            slots,
            (connection) => {
              slots.opened(connection)
              // Disposed of meanwhile: nobody will come for it.
              if (slots !== this.#slots) for (const idle of slots.takeAllIdle()) this.#discard(idle, "close")
            },
            (error) => slots.failed(error),
          ),
        close: (connection) => this.#discard(connection, "close"),
      },
    )
    return slots
  }

  #open(home: PoolSlots, opened: (connection: PooledConnection) => void, failed: (error: ConnectError) => void): void {
    const generation = this.#generation
    let given = false
    const task: PoolTask = {
      home,
      force: () => {
        given = true
        attempt?.cancel()
      },
    }
    this.#tasks.begin(task)
    const attempt: ConnectAttempt | undefined = this.#connect((outcome) => {
      if (outcome.ok) {
        this.#opened++
        const connection = new PooledConnection(outcome.value, home, generation, this.#timer.now())
        this.#hooks.connect?.(connection)
        opened(connection)
      } else failed(given ? disposedError() : fromDriverError(outcome.error))
      this.#tasks.end(task)
    })
  }

  #reset(connection: PooledConnection, soon: boolean): void {
    const { driver } = connection
    const home = connection.home as PoolSlots
    // A statement that was interrupted may run on for long; a mere rollback is quicker than opening another connection.
    let returning = soon
    let callOff = (): void => {}
    if (returning) {
      home.returning()
      callOff = this.#timer.later(() => {
        returning = false
        home.delayed()
      }, promptReset)
    }
    const task: PoolTask = { home, force: () => driver.terminate() }
    this.#tasks.begin(task)
    const end = (error: DriverError | undefined): void => {
      callOff()
      if (returning) home.returned()
      if (error === undefined && driver.transaction === "none") this.putBack(connection)
      else {
        if (error !== undefined) this.#log("warning", "A connection that could not be reset is replaced", error)
        if (error?.isDisconnect) this.invalidateAll()
        this.#discard(connection, "terminate")
      }
      this.#tasks.end(task)
    }
    const reset = (): void => driver.reset((outcome) => end(outcome.ok ? undefined : outcome.error))
    this.#hooks.reset?.(connection)
    if (!soon || this.settings.resetOnReturn !== "commit" || driver.transaction !== "open") reset()
    else {
      driver.commit((outcome) => {
        if (outcome.ok) reset()
        else end(outcome.error)
      })
    }
  }

  #canResetAhead(connection: PooledConnection): boolean {
    const { driver } = connection
    return (
      driver.resetAhead !== undefined &&
      driver.transaction !== "unknown" &&
      this.settings.resetOnReturn === "rollback" &&
      this.#isWanted(connection)
    )
  }

  /** Lends the connection again at once: what is called on it next travels behind the reset. */
  #resetAhead(connection: PooledConnection): void {
    this.#hooks.reset?.(connection)
    connection.driver.resetAhead?.((outcome) => {
      if (outcome.ok || connection.ended) return
      connection.broken = true
      this.#log("warning", "A connection that could not be reset is replaced", outcome.error)
      if (outcome.error.isDisconnect) this.invalidateAll()
      // Its borrower finds out with the first call, and takes another.
      const home = connection.home as PoolSlots
      if (home.takeThis(connection)) this.#discard(connection, "terminate")
    })
    this.putBack(connection)
  }

  /** Lends a connection to whoever waits longest, or keeps it. */
  putBack(connection: PooledConnection): void {
    if (this.#isWanted(connection)) this.#slots.give(connection)
    else this.#discard(connection, "close")
  }

  /** Tells if it can be lent again. */
  #isWanted({ home, generation }: PooledConnection): boolean {
    return home === this.#slots && generation === this.#generation && !this.#shut && this.settings.poolClass !== "null"
  }

  #discard(connection: PooledConnection, how: "close" | "terminate"): void {
    this.#end(connection, how, () => (connection.home as PoolSlots).lost())
  }

  #end(connection: PooledConnection, how: "close" | "terminate", ended: () => void): void {
    const { driver } = connection
    const task: PoolTask = { home: connection.home, force: () => driver.terminate() }
    this.#tasks.begin(task)
    connection.ended = true
    this.#hooks.close?.(connection)
    const done = (): void => {
      this.#closed++
      ended()
      this.#tasks.end(task)
    }
    if (how === "close") driver.close(done)
    else {
      driver.terminate()
      done()
    }
  }
}
