import type { DriverError } from "../errors/driver-error.ts"
import type { Outcome } from "../operation/outcome.ts"
import type { PooledConnection } from "../pool/pooled-connection.ts"
import type { AnyLaneCall } from "./lane-call.ts"

/** The part of a dispatcher that its lanes call. */
export interface LaneOwner {
  /** A statement was answered: the lane may take another, or be given back. */
  answered(lane: Lane, call: AnyLaneCall, outcome: Outcome<unknown, DriverError>): void
}

/** A connection that is borrowed for statements which are a transaction each, and what is under way on it, in order. */
export class Lane {
  readonly pooled: PooledConnection
  /** Writes go over a lane of their own where the database lets one connection write at a time. */
  readonly writes: boolean
  /** The sum of the expected times of what is under way, in milliseconds. */
  load = 0
  /** A statement is under way that nothing may be sent behind: it is slow, or not known. */
  exclusive = false
  /** Nothing more may be sent: the connection is lost, or in doubt. */
  closing = false
  /** Something was answered since the last patrol. */
  moved = false
  /** When the statement that runs now began, as far as can be told. */
  since = 0
  readonly #owner: LaneOwner
  /** Tells the pool that the connection has come back, which it was told to wait for. */
  #returned: (() => void) | undefined
  readonly #underWay = new Set<AnyLaneCall>()

  constructor(pooled: PooledConnection, writes: boolean, owner: LaneOwner) {
    this.pooled = pooled
    this.writes = writes
    this.#owner = owner
  }

  get length(): number {
    return this.#underWay.size
  }

  /** Another statement may be sent now. */
  get hasRoom(): boolean {
    return !this.exclusive && !this.closing && this.length < this.pooled.driver.pipelineDepth
  }

  /** A caller of something that is under way has left. */
  left(returning: (force: () => void) => () => void): void {
    if (this.#returned !== undefined) return
    for (const call of this.#underWay) if (!call.isLeft) return
    this.#returned = returning(() => this.pooled.driver.terminate())
  }

  /** The connection has been given back. */
  ended(): void {
    this.#returned?.()
  }

  send(call: AnyLaneCall): void {
    this.#returned?.()
    this.#returned = undefined
    this.#underWay.add(call)
    call.send(this.pooled.driver, (outcome) => {
      this.#underWay.delete(call)
      this.moved = true
      this.#owner.answered(this, call, outcome)
    })
  }
}
