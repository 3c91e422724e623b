import { withdrawn } from "../driver/withdrawn.ts"
import type { DriverError } from "../errors/driver-error.ts"
import { InvalidRequestError, QueueFullError, TimeoutError } from "../errors/index.ts"
import { type Call, Left } from "../operation/call.ts"
import { Deque } from "../operation/deque.ts"
import type { Outcome } from "../operation/outcome.ts"
import type { Timer } from "../operation/timer.ts"
import { queueFullError, timeoutError } from "../pool/checkout.ts"
import type { ConnectionPool } from "../pool/connection-pool.ts"
import type { PooledConnection } from "../pool/pooled-connection.ts"
import type { AnyLaneCall, LaneCallOwner } from "./lane-call.ts"
import { Lane, type LaneOwner } from "./one-shot-lane.ts"
import { StatementTimes } from "./statement-times.ts"

/** The time between two patrols for statements that wait behind another, in milliseconds. */
const patrolInterval = 2

/** After how many patrols a statement that still waits gets another connection opened. */
const growthRounds = 3

/** The work that may be under way on a connection before another one is used as well, in milliseconds. */
const enoughLoad = 0.25

/** Up to this time, in milliseconds, a statement is quick: others may be sent behind it. */
const quick = 0.5

/** The part of an engine that its dispatcher needs. */
export interface OneShotSurroundings {
  readonly pool: ConnectionPool
  readonly timer: Timer
  readonly hideParameters: boolean
  /** Several connections may write at once. */
  readonly concurrentWriters: boolean
}

/**
 * Sends statements that are each a transaction of their own, without checking a connection out for every one: many may be
 * under way on one connection at a time.
 *
 * A statement goes to the connection where it is expected to run soonest. Nothing is sent behind a statement that is known
 * to be slow, or is not known yet. What was sent behind one that turns out to be slow is taken back where the driver can,
 * and goes to a connection that is free.
 */
export class OneShotDispatcher implements LaneOwner, LaneCallOwner<AnyLaneCall> {
  readonly surroundings: OneShotSurroundings
  readonly #times = new StatementTimes()
  readonly #lanes = new Set<Lane>()
  /** In order of arrival; a statement that is taken back goes to the front. */
  readonly #waiting = new Deque<AnyLaneCall>()
  readonly #checkouts = new Set<Call<PooledConnection>>()
  #callOffPatrol: (() => void) | undefined
  #draining = false
  /** For how many patrols statements have waited. */
  #rounds = 0

  constructor(surroundings: OneShotSurroundings) {
    this.surroundings = surroundings
  }

  /** The number of statements that wait for a connection. */
  get waiting(): number {
    return this.#waiting.length
  }

  /** Sends a statement as soon as there is a connection for it. */
  submit(call: AnyLaneCall): void {
    if (this.#waiting.length === 0 && this.#place(call)) return
    const { settings, deadlines } = this.surroundings.pool
    const { prospects } = this.surroundings.pool.slots
    const over = this.#waiting.length - prospects
    if (over >= settings.maxWaiting) return call.fail(queueFullError(settings))
    if (over >= 0 && settings.timeout === 0) return call.fail(timeoutError(settings))
    this.#waiting.push(call)
    if (settings.timeout > 0 && settings.timeout !== Number.POSITIVE_INFINITY) deadlines.add(call)
    this.#connect()
  }

  /** Takes a statement out that has not been sent. */
  remove(call: AnyLaneCall): void {
    this.#waiting.remove(call)
    this.surroundings.pool.deadlines.remove(call)
    this.#stopConnecting()
  }

  /** A statement has waited for a connection for too long. */
  expired(call: AnyLaneCall): void {
    this.#waiting.remove(call)
    this.#stopConnecting()
    call.fail(timeoutError(this.surroundings.pool.settings))
  }

  /** A caller of something that is under way on a connection has left. */
  left(lane: Lane): void {
    const { pool } = this.surroundings
    lane.left((force) => pool.returning(lane.pooled, force))
  }

  answered(lane: Lane, call: AnyLaneCall, outcome: Outcome<unknown, DriverError>): void {
    const { driver } = lane.pooled
    lane.load = lane.length === 0 ? 0 : lane.load - call.expected
    if (lane.length === 0) lane.exclusive = false
    const notRun = !outcome.ok && (outcome.error === withdrawn || lane.pooled.broken)
    if (!notRun) this.#note(lane, call)
    const nature = outcome.ok ? call.natureIn(outcome.value) : undefined
    if (nature !== undefined) this.#times.noteNature(call.key, nature)
    // Read before the program is told, whose next statement may change it.
    if (driver.transaction !== "none" || driver.sessionChanged || !driver.isOpen || lane.pooled.broken)
      lane.closing = true
    if (!outcome.ok && outcome.error.isDisconnect && !lane.pooled.broken) this.#lost(lane)
    if (lane.length === 0) this.#idle(lane)
    if (notRun) this.#again(call)
    else call.answered(outcome, this.surroundings.hideParameters)
    this.#drain()
  }

  /** Sends a statement over a connection that has room for it, if there is one. */
  #place(call: AnyLaneCall): boolean {
    const lane = this.#laneFor(call)
    if (lane === undefined) return false
    this.#send(lane, call)
    return true
  }

  #laneFor(call: AnyLaneCall): Lane | undefined {
    const { pool } = this.surroundings
    const writes = this.#needsWriteLane(call)
    const expected = this.#times.expected(call.key)
    const shared = expected !== undefined && expected <= quick && this.#isShareable(call)
    let best: Lane | undefined
    let hasLane = false
    for (const lane of this.#lanes) {
      if (lane.writes !== writes) continue
      hasLane = true
      if (lane.length > 0 && !(shared && lane.hasRoom)) continue
      if (lane.closing) continue
      if (best === undefined || lane.load < best.load) best = lane
    }
    if (writes && hasLane) return best
    if (best !== undefined && best.load < enoughLoad) return best
    // Those who wait for a connection of their own come first.
    const idle =
      pool.checksIdle || pool.refusal() !== undefined || pool.slots.waiting > 0 ? undefined : pool.takeNewest()
    if (idle === undefined || this.#gaveBack(idle)) return best
    return this.#open(idle, writes)
  }

  /** A transaction that somebody left open is not that of the statement: the connection goes back to be reset. */
  #gaveBack(pooled: PooledConnection): boolean {
    if (!pooled.leftOpen) return false
    this.surroundings.pool.release(pooled, "unknown")
    return true
  }

  #needsWriteLane(call: AnyLaneCall): boolean {
    if (this.surroundings.concurrentWriters) return false
    return call.isWrite ?? this.#times.nature(call.key) === "change"
  }

  #open(pooled: PooledConnection, writes: boolean): Lane {
    this.surroundings.pool.lent(pooled)
    const lane = new Lane(pooled, writes, this)
    this.#lanes.add(lane)
    return lane
  }

  #send(lane: Lane, call: AnyLaneCall): void {
    const expected = this.#times.expected(call.key)
    call.expected = expected ?? quick
    if (expected === undefined || expected > quick || !this.#isShareable(call)) lane.exclusive = true
    if (lane.length === 0) lane.since = this.surroundings.timer.now()
    lane.load += call.expected
    call.onLane(lane)
    lane.send(call)
    if (lane.length > 1 && !lane.writes && lane.pooled.driver.withdraw !== undefined) this.#patrol()
  }

  /** Others may be under way beside it: SQL that the program wrote itself may do anything, until the database says it does not. */
  #isShareable(call: AnyLaneCall): boolean {
    return call.mayShare && (call.isWrite !== undefined || this.#times.nature(call.key) !== undefined)
  }

  /** The time of a statement runs from the end of the one before it on the same connection. */
  #note(lane: Lane, call: AnyLaneCall): void {
    const now = this.surroundings.timer.now()
    this.#times.note(call.key, now - lane.since)
    lane.since = now
  }

  /** A statement that has not run is sent again. */
  #again(call: AnyLaneCall): void {
    call.onLane(undefined)
    if (call.isLeft) call.answered({ ok: false, error: withdrawn }, false)
    else this.#waiting.unshift(call)
  }

  #lost(lane: Lane): void {
    if (lane.closing && !this.#lanes.has(lane)) return
    lane.closing = true
    this.surroundings.pool.invalidateAll()
  }

  /** Nothing is under way on a connection: it is kept only while statements wait for it. */
  #idle(lane: Lane): void {
    const next = this.#waiting.first
    const { pool } = this.surroundings
    const keep =
      !lane.closing && next !== undefined && pool.slots.waiting === 0 && this.#needsWriteLane(next) === lane.writes
    if (keep) return
    this.#lanes.delete(lane)
    pool.release(lane.pooled, lane.pooled.driver.isOpen ? "usable" : "dead")
    lane.ended()
  }

  #drain(): void {
    // A driver that answers before it returns comes back here: the loop that is under way goes on.
    if (this.#draining) return
    this.#draining = true
    try {
      for (let next = this.#waiting.first; next !== undefined; next = this.#waiting.first) {
        const lane = this.#laneFor(next)
        if (lane === undefined) break
        this.#waiting.shift()
        this.surroundings.pool.deadlines.remove(next)
        this.#send(lane, next)
      }
    } finally {
      this.#draining = false
    }
    if (this.#waiting.length > 0) return this.#connect()
    for (const lane of this.#lanes) if (lane.length === 0) this.#idle(lane)
    this.#stopConnecting()
  }

  /** Nothing waits for the connections that were asked for. */
  #stopConnecting(): void {
    if (this.#waiting.length > 0) return
    for (const checkout of this.#checkouts) if (checkout.leave() === "gone") this.#checkouts.delete(checkout)
  }

  /** Asks the pool for a connection, if nothing serves those that wait; the patrol asks for more while they still do. */
  #connect(): void {
    if (this.#waiting.length === 0) return
    this.#patrol()
    if (this.#checkouts.size > 0 || this.#isServed()) return
    this.#checkOut()
  }

  /** A connection is there that the first in the queue will get. */
  #isServed(): boolean {
    const next = this.#waiting.first
    const writes = next !== undefined && this.#needsWriteLane(next)
    for (const lane of this.#lanes) if (lane.writes === writes && !lane.closing) return true
    return false
  }

  #checkOut(): void {
    const checkout = this.surroundings.pool.checkout()
    this.#checkouts.add(checkout)
    checkout.start((outcome) => {
      this.#checkouts.delete(checkout)
      if (outcome.ok) return this.#connected(outcome.value)
      if (outcome.error instanceof Left) return
      if (!this.#mayWait(outcome.error)) this.#failFirst(outcome.error)
      this.#connect()
    })
  }

  /** No connection could be had for those that wait, and they may wait on nevertheless. */
  #mayWait(error: unknown): boolean {
    // Each statement has a time limit of its own, and may have come long after this began to wait.
    if (error instanceof TimeoutError && this.surroundings.pool.settings.timeout > 0) return true
    const refused =
      error instanceof TimeoutError || error instanceof QueueFullError || error instanceof InvalidRequestError
    // It was wanted besides the one that serves them.
    return refused && this.#isServed()
  }

  #failFirst(error: unknown): void {
    const next = this.#waiting.shift()
    if (next === undefined) return
    this.surroundings.pool.deadlines.remove(next)
    next.fail(error)
  }

  #connected(pooled: PooledConnection): void {
    if (this.#gaveBack(pooled)) return this.#connect()
    const next = this.#waiting.shift()
    if (next === undefined) return this.surroundings.pool.release(pooled, "usable")
    this.surroundings.pool.deadlines.remove(next)
    const lane = new Lane(pooled, this.#needsWriteLane(next), this)
    this.#lanes.add(lane)
    this.#send(lane, next)
    this.#drain()
  }

  /** The statement that runs on a connection is slow: those behind it go elsewhere. */
  #withdraw(lane: Lane): void {
    lane.exclusive = true
    lane.pooled.driver.withdraw?.()
  }

  /** Looks after statements that wait: behind a slow one, or for a connection. */
  #patrol(): void {
    this.#callOffPatrol ??= this.surroundings.timer.later(() => {
      this.#callOffPatrol = undefined
      let queued = false
      // A copy: statements that are taken back may open another.
      for (const lane of [...this.#lanes]) {
        if (lane.length > 1 && !lane.writes) {
          queued = true
          if (!lane.moved) this.#withdraw(lane)
        }
        lane.moved = false
      }
      this.#grow()
      if (queued || this.#waiting.length > 0) this.#patrol()
    }, patrolInterval)
  }

  /** Opens one more connection for statements that still wait, at most one at a time: opening may cost more than waiting. */
  #grow(): void {
    const next = this.#waiting.first
    this.#rounds = next === undefined ? 0 : this.#rounds + 1
    if (next === undefined || this.#rounds < growthRounds || this.#checkouts.size > 0) return
    this.#rounds = 0
    if (!(this.#needsWriteLane(next) && this.#isServed())) this.#checkOut()
  }
}
