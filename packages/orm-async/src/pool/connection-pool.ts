import { ResourceClosedError } from "../errors/index.ts"
import type { Call } from "../operation/call.ts"
import type { Log } from "../operation/log.ts"
import type { Timer } from "../operation/timer.ts"
import { Checkout } from "./checkout.ts"
import type { ConnectError } from "./connect-error.ts"
import { Connector, type EndingOf, type PoolSlots } from "./connector.ts"
import { Deadlines } from "./deadlines.ts"
import type { Connect } from "./open-connection.ts"
import type { Pool, PoolStatistics } from "./pool.ts"
import type { PoolHooks } from "./pool-hooks.ts"
import type { PoolSettings } from "./pool-settings.ts"
import { type PoolTask, PoolTasks } from "./pool-tasks.ts"
import type { PooledConnection, ReturnState } from "./pooled-connection.ts"
import { Resets } from "./resets.ts"
import { Slots } from "./slots.ts"

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

/**
 * A pool of connections: {@link Slots} decides who gets one, {@link Connector} opens and ends them, {@link Resets} makes
 * them good again.
 */
export class ConnectionPool implements Pool {
  readonly settings: PoolSettings
  readonly deadlines: Deadlines
  /** An idle connection may be too old, or dead. */
  readonly checksIdle: boolean
  /** Where the connection of a pool of the class `assertion` was taken last. */
  takenAt: Error | undefined
  readonly timer: Timer
  readonly connector: Connector
  readonly #log: Log
  readonly #hooks: PoolHooks
  readonly #tasks: PoolTasks
  readonly #resets: Resets
  #slots: PoolSlots
  #generation = 0
  #shut = false
  #callOffWarning: (() => void) | undefined

  constructor(settings: PoolSettings, { connect, timer, log, hooks = {} }: PoolSurroundings) {
    this.settings = settings
    this.timer = timer
    this.#log = log
    this.#hooks = hooks
    this.#tasks = new PoolTasks(timer)
    this.connector = new Connector(connect, timer, hooks, this.#tasks)
    this.#resets = new Resets(this, this.#tasks, log)
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
      this.discard(idle, "terminate")
    }
  }

  /** Says in the log why a caller waits, once it has waited for a second: most often it holds the connection itself. */
  warnOfOnlyConnection(reason: string): void {
    this.#callOffWarning ??= this.timer.later(() => {
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
    const { transaction, isOpen } = connection.driver
    const keepsState = this.settings.resetOnReturn === null && transaction !== "unknown"
    if (state === "dead" || connection.broken || !isOpen) this.discard(connection, "terminate")
    else if (state === "usable" && (keepsState || connection.isClean)) {
      connection.leftOpen = transaction !== "none"
      this.putBack(connection)
    } else {
      this.#hooks.reset?.(connection)
      const soon = state === "usable"
      if (soon && this.#isWanted(connection) && this.#resets.canResetAhead(connection)) {
        this.#resets.resetAhead(connection)
      } else this.#resets.reset(connection, soon)
    }
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
    for (const connection of this.#slots.takeAllIdle()) this.discard(connection, "terminate")
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
    if (close) for (const connection of idle) this.discard(connection, "close")
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
      opened: this.connector.opened,
      closed: this.connector.closed,
    }
  }

  status(): string {
    const now = this.statistics()
    return (
      `Pool size: ${now.size}, connections in pool: ${now.checkedIn}, overflow: ${now.overflow}, ` +
      `checked out: ${now.checkedOut}, connecting: ${now.connecting}, waiting: ${now.waiting}`
    )
  }

  #makeSlots(): PoolSlots {
    const { size, maxOverflow, lifo } = this.settings
    const slots: PoolSlots = new Slots(
      { size, maxOverflow, lifo },
      {
        open: () =>
          this.open(
            slots,
            (connection) => {
              slots.opened(connection)
              // Disposed of meanwhile: nobody will come for it.
              if (slots !== this.#slots) for (const idle of slots.takeAllIdle()) this.discard(idle, "close")
            },
            (error) => slots.failed(error),
          ),
        close: (connection) => this.discard(connection, "close"),
      },
    )
    return slots
  }

  /** Opens a connection for a slot; one of `opened` and `failed` is called, perhaps before this returns. */
  open(home: PoolSlots, opened: (connection: PooledConnection) => void, failed: (error: ConnectError) => void): void {
    this.connector.open(home, this.#generation, opened, failed)
  }

  /** Lends a connection to whoever waits longest, or keeps it. */
  putBack(connection: PooledConnection): void {
    if (this.#isWanted(connection)) this.#slots.give(connection)
    else this.discard(connection, "close")
  }

  /** Tells if it can be lent again. */
  #isWanted({ home, generation }: PooledConnection): boolean {
    return home === this.#slots && generation === this.#generation && !this.#shut && this.settings.poolClass !== "null"
  }

  /** Ends a borrowed connection; its slot is free afterwards. */
  discard(connection: PooledConnection, how: EndingOf): void {
    this.connector.end(connection, how, () => (connection.home as PoolSlots).lost())
  }
}
