import type { DriverError } from "../errors/driver-error.ts"
import type { Log } from "../operation/log.ts"
import type { ConnectionPool } from "./connection-pool.ts"
import type { PoolSlots } from "./connector.ts"
import type { PoolTask, PoolTasks } from "./pool-tasks.ts"
import type { PooledConnection } from "./pooled-connection.ts"

/** After how many milliseconds of a reset those that wait for its connection get another, if there is room. */
const promptReset = 100

/** Makes connections that were given back as they were after connecting, in the background. */
export class Resets {
  readonly #pool: ConnectionPool
  readonly #tasks: PoolTasks
  readonly #log: Log

  constructor(pool: ConnectionPool, tasks: PoolTasks, log: Log) {
    this.#pool = pool
    this.#tasks = tasks
    this.#log = log
  }

  /** True if nobody can tell that the connection is lent again before it is reset. */
  canResetAhead({ driver }: PooledConnection): boolean {
    return (
      driver.resetAhead !== undefined &&
      driver.transaction !== "unknown" &&
      this.#pool.settings.resetOnReturn === "rollback"
    )
  }

  /** Lends the connection again at once: what is called on it next travels behind the reset. */
  resetAhead(connection: PooledConnection): void {
    connection.driver.resetAhead?.((outcome) => {
      if (outcome.ok || connection.ended) return
      connection.broken = true
      this.#failed(outcome.error)
      // Its borrower finds out with the first call, and takes another.
      const home = connection.home as PoolSlots
      if (home.takeThis(connection)) this.#pool.discard(connection, "terminate")
    })
    this.#pool.putBack(connection)
  }

  /** Resets the connection, then lends it again; one that cannot be reset is replaced. */
  reset(connection: PooledConnection, soon: boolean): void {
    const { driver } = connection
    const task: PoolTask = { home: connection.home, force: () => driver.terminate() }
    this.#tasks.begin(task)
    const announced = soon ? this.#announce(connection.home as PoolSlots) : undefined
    const end = (error: DriverError | undefined): void => {
      announced?.()
      if (error !== undefined) this.#failed(error)
      if (error === undefined && driver.transaction === "none") this.#pool.putBack(connection)
      else this.#pool.discard(connection, "terminate")
      this.#tasks.end(task)
    }
    const reset = (): void => driver.reset((outcome) => end(outcome.ok ? undefined : outcome.error))
    if (!soon || this.#pool.settings.resetOnReturn !== "commit" || driver.transaction !== "open") return reset()
    driver.commit((outcome) => {
      if (outcome.ok) reset()
      else end(outcome.error)
    })
  }

  /** Tells the slots that a connection comes back in a moment; the result tells that it has, or does not. */
  #announce(home: PoolSlots): () => void {
    // A statement that was interrupted may run on for long; a mere rollback is quicker than opening another connection.
    let returning = true
    home.returning()
    const callOff = this.#pool.timer.later(() => {
      returning = false
      home.delayed()
    }, promptReset)
    return () => {
      callOff()
      if (returning) home.returned()
    }
  }

  #failed(error: DriverError): void {
    this.#log("warning", "A connection that could not be reset is replaced", error)
    if (error.isDisconnect) this.#pool.invalidateAll()
  }
}
