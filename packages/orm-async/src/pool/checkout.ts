import { InvalidRequestError, QueueFullError, TimeoutError } from "../errors/index.ts"
import { type Call, type Leaving, Left } from "../operation/call.ts"
import { Operation } from "../operation/operation.ts"
import type { Done } from "../operation/outcome.ts"
import { checkConnection } from "./check-connection.ts"
import type { ConnectError } from "./connect-error.ts"
import type { ConnectionPool } from "./connection-pool.ts"
import type { Impatient } from "./deadlines.ts"
import type { PoolSettings } from "./pool-settings.ts"
import type { PooledConnection } from "./pooled-connection.ts"
import type { Waiter } from "./slots.ts"

/** A caller has waited for a connection as long as it may. */
export const timeoutError = ({ size, maxOverflow, timeout, onlyConnection }: PoolSettings): TimeoutError =>
  new TimeoutError({
    message:
      onlyConnection !== undefined
        ? `The only connection was in use for ${timeout} ms (poolTimeout): ${onlyConnection}. End the block, session or connection that holds it before asking for another`
        : `No connection became free: all ${size + maxOverflow} (poolSize ${size}, maxOverflow ${maxOverflow}) were in use for ` +
          `${timeout} ms (poolTimeout). Give connections back sooner, look for ones that are never closed, or raise poolSize, ` +
          "maxOverflow or poolTimeout",
  })

/** As many callers wait for a connection as may. */
export const queueFullError = ({ maxWaiting }: PoolSettings): QueueFullError =>
  new QueueFullError({
    message:
      `No connection is free, and ${maxWaiting} callers wait for one already (maxWaiting); nothing was sent. ` +
      "Let fewer calls in at once, or raise poolSize or maxWaiting",
  })

const stillBorrowedError = (takenAt: Error | undefined) =>
  new InvalidRequestError({
    message:
      "The connection is in use already, and a pool of the class assertion lends it to one at a time: close the connection, or end its block, before asking again",
    cause: takenAt,
  })

/** Taking a connection from a pool: one that is idle, that is opened for it, or that somebody gives back. */
export class Checkout implements Call<PooledConnection>, Waiter<PooledConnection, ConnectError>, Impatient {
  readonly #pool: ConnectionPool
  #done: Done<PooledConnection> | undefined
  #check: Operation<PooledConnection> | undefined
  #timed = false

  constructor(pool: ConnectionPool) {
    this.#pool = pool
  }

  start(done: Done<PooledConnection>): void {
    this.#done = done
    const pool = this.#pool
    const refusal = pool.refusal() ?? this.#assertFree()
    if (refusal !== undefined) return this.#fail(refusal)
    const idle = pool.takeIdle()
    if (idle === undefined) this.#wait()
    else this.#take(idle)
  }

  leave(): Leaving {
    if (this.#check !== undefined) return this.#check.leave()
    this.#done = undefined
    this.#pool.slots.cancel(this)
    if (this.#timed) this.#pool.deadlines.remove(this)
    return "gone"
  }

  granted(connection: PooledConnection): void {
    if (this.#timed) this.#pool.deadlines.remove(this)
    this.#take(connection)
  }

  failed(error: ConnectError): void {
    if (this.#timed) this.#pool.deadlines.remove(this)
    this.#fail(error)
  }

  giveUp(): void {
    this.#pool.slots.cancel(this)
    this.#fail(timeoutError(this.#pool.settings))
  }

  #assertFree(): InvalidRequestError | undefined {
    const pool = this.#pool
    if (pool.settings.poolClass !== "assertion") return undefined
    if (pool.slots.borrowed + pool.slots.connecting > 0) return stillBorrowedError(pool.takenAt)
    pool.takenAt = new Error("The connection was taken here")
    return undefined
  }

  #wait(): void {
    const { settings, slots, deadlines } = this.#pool
    if (slots.waiting >= settings.maxWaiting && slots.isFull) return this.#fail(queueFullError(settings))
    // Set before, since a connection may be granted before `wait` returns.
    this.#timed = false
    const prospect = slots.wait(this)
    if (this.#done === undefined || this.#check !== undefined) return
    if (prospect === "opening" || settings.timeout === Number.POSITIVE_INFINITY) return
    if (settings.timeout === 0) {
      if (prospect === "full") this.giveUp()
      return
    }
    this.#timed = true
    deadlines.add(this)
    if (settings.onlyConnection !== undefined) this.#pool.warnOfOnlyConnection(settings.onlyConnection)
  }

  #take(connection: PooledConnection): void {
    if (!this.#pool.checksIdle) return this.#succeed(connection)
    this.#check = new Operation(() => checkConnection(this.#pool, connection))
    this.#check.start((outcome) => {
      if (outcome.ok) this.#succeed(outcome.value)
      else if (outcome.error instanceof Left) this.#done?.(outcome)
      else this.#fail(outcome.error as ConnectError)
    })
  }

  #succeed(connection: PooledConnection): void {
    this.#pool.lent(connection)
    this.#tell({ ok: true, value: connection })
  }

  #fail(error: ConnectError): void {
    this.#tell({ ok: false, error })
  }

  #tell(outcome: Parameters<Done<PooledConnection>>[0]): void {
    const done = this.#done
    this.#done = undefined
    done?.(outcome)
  }
}
