import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as DefaultServices from "effect/DefaultServices"
import * as Effect from "effect/Effect"
import * as FiberRefs from "effect/FiberRefs"
import * as Runtime from "effect/Runtime"
import type { DriverConnection } from "../../driver/driver.ts"
import type { DriverError } from "../../errors/driver-error.ts"
import {
  type DbapiError,
  DisconnectionError,
  fromDriverError,
  ResourceClosedError,
  TimeoutError,
} from "../../errors/index.ts"
import type { Pool, PoolStatistics } from "../pool.ts"
import type { PoolSettings } from "../pool-settings.ts"
import { Background } from "./background.ts"
import { Deadlines } from "./deadlines.ts"
import { Handoff } from "./handoff.ts"
import { PooledConnection, type ReturnState } from "./pooled-connection.ts"
import { Slots } from "./slots.ts"

/** Every error of taking a connection from a pool. */
export type ConnectError = DbapiError | DisconnectionError | ResourceClosedError | TimeoutError

type Restore = <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
type ConnectCause = Cause.Cause<ConnectError>
type PoolSlots = Slots<PooledConnection, ConnectCause>

const pingTries = 3

const timeoutError = ({ size, maxOverflow, timeout }: PoolSettings): TimeoutError =>
  new TimeoutError({
    message:
      `No connection became free: all ${size + maxOverflow} (poolSize ${size}, maxOverflow ${maxOverflow}) were in use for ` +
      `${timeout} ms (poolTimeout). Give connections back sooner, look for ones that are never closed, or raise poolSize, ` +
      "maxOverflow or poolTimeout",
  })

const clockOf = (runtime: Runtime.Runtime<never>): Clock.Clock =>
  Context.get(FiberRefs.getOrDefault(runtime.fiberRefs, DefaultServices.currentServices), Clock.Clock)

const closedError = () =>
  new ResourceClosedError({
    message: "The engine is closed: the scope in which it was created has ended; connect inside that scope",
  })

/**
 * The Effect shell of the pool: {@link Slots} decides, this opens, pings, resets and closes.
 *
 * Opening and returning run on fibers of the engine's own, so that no interruption of a user's fiber can lose a
 * connection or its slot.
 */
export class ConnectionPool implements Pool {
  readonly #settings: PoolSettings
  readonly #connect: Effect.Effect<DriverConnection, DriverError>
  readonly #background: Background
  readonly #deadlines: Deadlines
  readonly #checksIdle: boolean
  #slots: PoolSlots
  #generation = 0
  #opened = 0
  #closed = 0
  #shut = false

  constructor(
    settings: PoolSettings,
    connect: Effect.Effect<DriverConnection, DriverError>,
    runtime: Runtime.Runtime<never>,
  ) {
    this.#settings = settings
    this.#connect = connect
    const background = new Background(Runtime.runFork(runtime))
    const clock = clockOf(runtime)
    this.#background = background
    this.#deadlines = new Deadlines(
      {
        now: () => clock.unsafeCurrentTimeMillis(),
        later: (run, milliseconds) => background.later(run, milliseconds),
      },
      settings.timeout,
    )
    this.#checksIdle = settings.prePing || settings.recycle !== Number.POSITIVE_INFINITY
    this.#slots = this.#makeSlots()
  }

  /**
   * A connection for the calling fiber, which must hand it to `release` in the end. To be run uninterruptibly; waits,
   * connects and pings under `restore`.
   */
  checkout(restore: Restore): Effect.Effect<PooledConnection, ConnectError> {
    return Effect.suspend(() => {
      if (this.#shut) return Effect.fail(closedError())
      const idle = this.#slots.take()
      if (idle === undefined) return this.#waitForConnection(restore)
      return this.#checksIdle ? this.#check(idle, restore, pingTries) : Effect.succeed(idle)
    })
  }

  /** Takes a connection back. Returns at once; what the connection needs is done in the background. */
  release(connection: PooledConnection, state: ReturnState): void {
    connection.fresh = false
    if (state === "dead" || connection.broken) this.#discard(connection, connection.driver.terminate)
    else if (state === "clean") this.#putBack(connection)
    else if (state === "unknown" || !this.#canResetAhead(connection)) this.#reset(connection, state)
    else this.#resetAhead(connection)
  }

  /** Replaces all connections: idle ones now, others when they come back. After the database was lost. */
  invalidateAll(): void {
    this.#generation++
    for (const connection of this.#slots.takeAllIdle()) this.#discard(connection, connection.driver.terminate)
  }

  /**
   * Closes what is not in use, and what is in use when it comes back. Waits for what is being opened, returned or closed,
   * then ends the rest by force. The pool can be used again afterwards.
   */
  readonly dispose: Effect.Effect<void> = Effect.suspend(() => {
    const before = this.#slots
    this.#generation++
    for (const connection of before.takeAllIdle()) this.#discard(connection, connection.driver.close)
    const waiting = before.takeAllWaiting()
    this.#slots = this.#makeSlots()
    for (const waiter of waiting) {
      if (this.#shut) waiter.failed(Cause.fail(closedError()))
      else this.#slots.wait(waiter)
    }
    return this.#background.endOthers(() => this.#slots)
  }).pipe(Effect.uninterruptible)

  /** Disposes for good: who asks for a connection afterwards gets `ResourceClosedError`. */
  readonly shutDown: Effect.Effect<void> = Effect.suspend(() => {
    this.#shut = true
    return this.dispose
  })

  size(): number {
    return this.#settings.size
  }

  checkedIn(): number {
    return this.#slots.idle
  }

  checkedOut(): number {
    return this.#slots.borrowed
  }

  overflow(): number {
    return Math.max(0, this.#slots.total - this.#settings.size)
  }

  timeout(): number {
    return this.#settings.timeout
  }

  statistics(): PoolStatistics {
    const { poolClass, size, maxOverflow } = this.#settings
    const { idle, borrowed, connecting, waiting } = this.#slots
    const opened = this.#opened
    const closed = this.#closed
    const overflow = this.overflow()
    return {
      poolClass,
      size,
      maxOverflow,
      checkedIn: idle,
      checkedOut: borrowed,
      connecting,
      waiting,
      overflow,
      opened,
      closed,
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
    const { size, maxOverflow, lifo } = this.#settings
    const slots: PoolSlots = new Slots(
      { size, maxOverflow, lifo },
      {
        open: () =>
          this.#open(
            slots,
            (connection) => {
              slots.opened(connection)
              // Disposed of meanwhile: nobody will come for it.
              if (slots !== this.#slots) {
                for (const idle of slots.takeAllIdle()) this.#discard(idle, idle.driver.close)
              }
            },
            (cause) => slots.failed(cause),
          ),
        close: (connection) => this.#discard(connection, connection.driver.close),
      },
    )
    return slots
  }

  #open(
    home: PoolSlots,
    opened: (connection: PooledConnection) => void,
    failed: (cause: ConnectCause) => void,
    first: Effect.Effect<void> = Effect.void,
  ): void {
    this.#background.run(
      Effect.uninterruptibleMask((restore) =>
        Effect.zipRight(
          first,
          Effect.matchCauseEffect(restore(this.#connect), {
            onSuccess: (driver) =>
              Effect.map(Clock.currentTimeMillis, (now) => {
                this.#opened++
                opened(new PooledConnection(driver, home, this.#generation, now))
              }),
            onFailure: (cause) => Effect.sync(() => failed(connectCause(cause))),
          }),
        ),
      ),
      home,
    )
  }

  #waitForConnection(restore: Restore): Effect.Effect<PooledConnection, ConnectError> {
    const { timeout } = this.#settings
    const handoff = new Handoff<PooledConnection, ConnectCause>((connection) => this.#putBack(connection))
    const prospect = this.#slots.wait(handoff)
    const received = this.#receive(handoff, restore)
    if (prospect === "opening" || timeout === Number.POSITIVE_INFINITY) return received
    if (timeout === 0) {
      if (prospect === "full") handoff.giveUp()
      return received
    }
    // Not Effect.timeout, which has no effect inside an uninterruptible region, where resources are often acquired.
    this.#deadlines.add(handoff)
    return Effect.ensuring(
      received,
      Effect.sync(() => this.#deadlines.remove(handoff)),
    )
  }

  /** Waits, then takes what was handed over; if nothing was, the wait was too long. */
  #receive(
    handoff: Handoff<PooledConnection, ConnectCause>,
    restore: Restore,
  ): Effect.Effect<PooledConnection, ConnectError> {
    const leave = () => {
      this.#slots.cancel(handoff)
      handoff.abandon()
    }
    return Effect.matchCauseEffect(restore(handoff.settled), {
      onFailure: (cause) => {
        leave()
        return Effect.failCause(cause)
      },
      onSuccess: () =>
        handoff.outcome<Effect.Effect<PooledConnection, ConnectError>>({
          granted: (connection) =>
            this.#checksIdle ? this.#check(connection, restore, pingTries) : Effect.succeed(connection),
          failed: (cause) => Effect.failCause(cause),
          waiting: () => {
            leave()
            return Effect.fail(timeoutError(this.#settings))
          },
        }),
    })
  }

  /** The connection if it is young and alive, else one that takes its place. */
  #check(connection: PooledConnection, restore: Restore, tries: number): Effect.Effect<PooledConnection, ConnectError> {
    const { prePing, recycle } = this.#settings
    if (connection.fresh && tries === pingTries) return Effect.succeed(connection)
    return Effect.flatMap(Clock.currentTimeMillis, (now) => {
      if (now - connection.openedAt > recycle) return this.#replace(connection, connection.driver.close, restore)
      return prePing ? this.#ping(connection, restore, tries) : Effect.succeed(connection)
    })
  }

  #ping(connection: PooledConnection, restore: Restore, tries: number): Effect.Effect<PooledConnection, ConnectError> {
    return Effect.matchCauseEffect(restore(connection.driver.ping), {
      onSuccess: () => Effect.succeed(connection),
      onFailure: (cause): Effect.Effect<PooledConnection, ConnectError> => {
        if (Cause.isInterrupted(cause)) {
          this.release(connection, "unknown")
          return Effect.failCause(cause as Cause.Cause<never>)
        }
        if (disconnected(cause)) this.invalidateAll()
        if (tries > 1) {
          return Effect.flatMap(this.#replace(connection, connection.driver.terminate, restore), (next) =>
            this.#check(next, restore, tries - 1),
          )
        }
        this.release(connection, "dead")
        return Effect.fail(
          new DisconnectionError({
            message: `The database did not answer on ${pingTries} connections, new ones included; is it up, and does it let clients stay?`,
            cause: Cause.squash(cause),
          }),
        )
      },
    })
  }

  /** Closes a borrowed connection and opens another in the same slot. */
  #replace(
    old: PooledConnection,
    close: Effect.Effect<void>,
    restore: Restore,
  ): Effect.Effect<PooledConnection, ConnectError> {
    const home = old.home as PoolSlots
    const handoff = new Handoff<PooledConnection, ConnectCause>((connection) => this.#putBack(connection))
    this.#open(
      home,
      (connection) => handoff.granted(connection),
      (cause) => {
        home.lost()
        handoff.failed(cause)
      },
      this.#close(close),
    )
    return Effect.matchCauseEffect(restore(handoff.settled), {
      onFailure: (cause) => {
        handoff.abandon()
        return Effect.failCause(cause)
      },
      onSuccess: () =>
        handoff.outcome<Effect.Effect<PooledConnection, ConnectError>>({
          granted: (connection) => Effect.succeed(connection),
          failed: (cause) => Effect.failCause(cause),
          waiting: () => Effect.dieMessage("a handoff settled without an outcome"),
        }),
    })
  }

  #reset(connection: PooledConnection, state: "open" | "unknown"): void {
    const { commit, reset } = connection.driver
    const home = connection.home as PoolSlots
    // A statement that was interrupted may run on for long; a mere rollback is quicker than opening another connection.
    const soon = state === "open"
    if (soon) home.returning()
    const commits = soon && this.#settings.resetOnReturn === "commit"
    const work = Effect.matchCauseEffect(commits ? Effect.zipRight(commit, reset) : reset, {
      onSuccess: () =>
        Effect.sync(() => {
          if (soon) home.returned()
          this.#putBack(connection)
        }),
      onFailure: (cause) =>
        Effect.zipRight(
          Effect.logWarning("A connection that could not be reset is replaced", cause),
          Effect.sync(() => {
            if (disconnected(cause)) this.invalidateAll()
            if (soon) home.returned()
            this.#discard(connection, connection.driver.terminate)
          }),
        ),
    })
    this.#background.run(work, connection.home, connection)
  }

  #canResetAhead(connection: PooledConnection): boolean {
    const { resetAhead } = connection.driver
    return resetAhead !== undefined && this.#settings.resetOnReturn === "rollback" && this.#isWanted(connection)
  }

  /** Lends the connection again at once: what is called on it next travels behind the reset. */
  #resetAhead(connection: PooledConnection): void {
    connection.driver.resetAhead?.((error) => {
      if (error === undefined) return
      connection.broken = true
      this.#background.run(Effect.logWarning("A connection that could not be reset is replaced", error), this.#slots)
      if (error.isDisconnect) this.invalidateAll()
      // Who borrows it finds out with the first call, and takes another.
      const home = connection.home as PoolSlots
      if (home.takeThis(connection)) this.#discard(connection, connection.driver.terminate)
    })
    this.#putBack(connection)
  }

  #putBack(connection: PooledConnection): void {
    if (this.#isWanted(connection)) this.#slots.give(connection)
    else this.#discard(connection, connection.driver.close)
  }

  /** Whether it can be lent again. */
  #isWanted({ home, generation }: PooledConnection): boolean {
    return home === this.#slots && generation === this.#generation && !this.#shut && this.#settings.poolClass !== "null"
  }

  #discard(connection: PooledConnection, close: Effect.Effect<void>): void {
    const freed = Effect.sync(() => (connection.home as PoolSlots).lost())
    this.#background.run(Effect.zipRight(this.#close(close), freed), connection.home, connection)
  }

  #close(close: Effect.Effect<void>): Effect.Effect<void> {
    return Effect.zipRight(
      Effect.catchAllCause(close, (cause) => Effect.logWarning("A connection did not close in order", cause)),
      Effect.sync(() => {
        this.#closed++
      }),
    )
  }
}

/** Why connecting failed. Only disposing interrupts it, which for the fiber that waits is no interruption. */
const connectCause = (cause: Cause.Cause<DriverError>): ConnectCause =>
  Cause.isInterruptedOnly(cause) ? Cause.fail(disposedError()) : Cause.map(cause, (error) => fromDriverError(error))

const disposedError = () =>
  new ResourceClosedError({
    message: "The engine was disposed of while this connection was being opened; connect again",
  })

const disconnected = (cause: Cause.Cause<DriverError>): boolean => {
  const failure = Cause.failureOption(cause)
  return failure._tag === "Some" && failure.value.isDisconnect
}
