import type { DriverConnection } from "../driver/driver.ts"

/** A driver's connection with what the pool knows of it. */
export class PooledConnection {
  readonly driver: DriverConnection
  /** The slots that count it: a pool gets new ones when it is disposed of. */
  readonly home: object
  /** The pool's generation when opening began; one of an older generation is not used again. */
  readonly generation: number
  /** When it was opened, in milliseconds of the timer. */
  readonly openedAt: number
  /** The program's notes. */
  readonly info: Record<string, unknown> = {}
  /** Nobody has used it yet, so that there is no doubt whether it still works. */
  fresh = true
  /** The pool is ending it, or has. */
  ended = false
  /** Its last borrower has left a transaction open, in which the next one goes on. */
  leftOpen = false
  /** A reset that later calls were sent behind has failed: none of them has run, nor can any other. */
  broken = false

  constructor(driver: DriverConnection, home: object, generation: number, openedAt: number) {
    this.driver = driver
    this.home = home
    this.generation = generation
    this.openedAt = openedAt
  }

  /** It may be lent as it is: no transaction is open, and the session is as it was after connecting. */
  get isClean(): boolean {
    return this.driver.transaction === "none" && !this.driver.sessionChanged
  }
}

/** The state in which a connection is given back. */
export type ReturnState =
  /** All its calls have been answered; what it needs before it is lent again, its driver says. */
  | "usable"
  /** Nobody knows what goes on in it. */
  | "unknown"
  /** It is of no more use. */
  | "dead"
