import type { DriverConnection } from "../../driver/driver.ts"

/** A driver's connection with what the pool knows of it. */
export class PooledConnection {
  readonly driver: DriverConnection
  /** The state machine that counts it: a pool gets a new one when it is disposed of. */
  readonly home: object
  /** The pool's generation when opening began; one of an older generation is not used again. */
  readonly generation: number
  /** When it was opened, in milliseconds of the clock. */
  readonly openedAt: number
  /** The users' notes. */
  readonly info: Record<string, unknown> = {}
  /** Nobody has used it yet, so that there is no doubt whether it still works. */
  fresh = true
  /** A reset that later calls were sent behind has failed: none of them has run, nor can any other. */
  broken = false

  constructor(driver: DriverConnection, home: object, generation: number, openedAt: number) {
    this.driver = driver
    this.home = home
    this.generation = generation
    this.openedAt = openedAt
  }
}

/** In which state a connection is given back. */
export type ReturnState =
  /** No transaction has begun: it may be used again as it is. */
  | "clean"
  /** A transaction is open. */
  | "open"
  /** A call was interrupted or rolling back failed: nobody knows what goes on in it. */
  | "unknown"
  /** It is of no more use. */
  | "dead"
