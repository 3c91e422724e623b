import type { DriverConnection, StatementNature } from "../driver/driver.ts"
import type { DriverError } from "../errors/driver-error.ts"
import type { Call, Leaving } from "../operation/call.ts"
import type { Done, Outcome } from "../operation/outcome.ts"
import type { Impatient } from "../pool/deadlines.ts"
import type { Lane } from "./one-shot-lane.ts"

/** The part of a dispatcher that its calls need. */
export interface LaneCallOwner<C> {
  /** Sends a call as soon as there is a connection for it. */
  submit(call: C): void
  /** Takes a call out that has not been sent. */
  remove(call: C): void
  /** A call has waited for a connection for too long. */
  expired(call: C): void
  /** The caller of something that is under way on a connection has left. */
  left(lane: Lane): void
}

/** Any call that is a transaction of its own. */
export type AnyLaneCall = LaneCall<unknown, unknown>

/**
 * A transaction of its own on its way to a connection, which it may share with others, and back. Leaving takes it out of the
 * queue while it waits.
 *
 * @typeParam A what its caller gets
 * @typeParam Answer what the driver gives
 */
export abstract class LaneCall<A, Answer> implements Call<A>, Impatient {
  /** The name under which it is remembered how long such calls take. */
  abstract readonly key: string
  /** It changes data; undefined where only the database can tell. */
  abstract readonly isWrite: boolean | undefined
  /** Others may be under way beside it on the same connection. */
  abstract readonly mayShare: boolean
  /** Its expected time in milliseconds when it was sent. */
  expected = 0
  protected readonly owner: LaneCallOwner<AnyLaneCall>
  protected lane: Lane | undefined
  #done: Done<A> | undefined
  #left = false

  constructor(owner: LaneCallOwner<AnyLaneCall>) {
    this.owner = owner
  }

  /** Its caller has gone. */
  get isLeft(): boolean {
    return this.#left
  }

  start(done: Done<A>): void {
    this.#done = done
    this.owner.submit(this as unknown as AnyLaneCall)
  }

  leave(): Leaving {
    if (this.lane !== undefined) return this.leaveSent(this.lane)
    this.owner.remove(this as unknown as AnyLaneCall)
    this.#done = undefined
    return "gone"
  }

  /** It has waited for a connection for too long. */
  giveUp(): void {
    this.owner.expired(this as unknown as AnyLaneCall)
  }

  /** It is sent, or was taken back. */
  onLane(lane: Lane | undefined): void {
    this.lane = lane
  }

  /** It ended without an answer of a database. */
  fail(error: unknown): void {
    this.tell({ ok: false, error })
  }

  /** Sends it over a connection. */
  abstract send(driver: DriverConnection, done: (outcome: Outcome<Answer, DriverError>) => void): void

  /** The driver has answered. */
  abstract answered(outcome: Outcome<Answer, DriverError>, hideParameters: boolean): void

  /** The nature of SQL of the program's own, as the database said. */
  natureIn(_answer: Answer): StatementNature | undefined {
    return undefined
  }

  /** Its caller leaves while it is under way. */
  protected abstract leaveSent(lane: Lane): Leaving

  /** Its caller has left, and does not wait for it. */
  protected goneFrom(lane: Lane): void {
    this.#left = true
    this.owner.left(lane)
  }

  /** Tells its caller how it ended. */
  protected tell(outcome: Outcome<A>): void {
    const done = this.#done
    this.#done = undefined
    done?.(outcome)
  }
}
