import type { DriverConnection } from "../driver/driver.ts"
import type { ConnectionPool } from "../pool/connection-pool.ts"
import type { PooledConnection } from "../pool/pooled-connection.ts"
import type { RawConnection } from "./engine.ts"

/** A driver's own connection, borrowed from a pool. */
export class BaseRawConnection implements RawConnection {
  readonly #pool: ConnectionPool
  readonly #pooled: PooledConnection
  #isBorrowed = true

  constructor(pool: ConnectionPool, pooled: PooledConnection) {
    this.#pool = pool
    this.#pooled = pooled
  }

  get connection(): DriverConnection {
    return this.#pooled.driver
  }

  get driverConnection(): unknown {
    return this.#pooled.driver.driverConnection
  }

  get info(): Record<string, unknown> {
    return this.#pooled.info
  }

  /** Gives it back; a second time does nothing. */
  giveBack(): void {
    // Nobody has kept an account of what was done with it.
    if (this.#isBorrowed) this.#pool.release(this.#pooled, "unknown")
    this.#isBorrowed = false
  }
}
