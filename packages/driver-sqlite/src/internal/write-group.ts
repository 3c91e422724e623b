import type { DriverCall, DriverResult } from "@offloop/orm-async/driver"
import { lockTimeout, nativeDriverError, rebuiltFailure } from "./driver-failure.ts"
import type { Flight } from "./flight.ts"
import type { KnownStatement } from "./known-statements.ts"
import type { RemoteCalls } from "./remote-calls.ts"
import type { SqliteConfig } from "./sqlite-config.ts"
import * as Wire from "./wire.ts"
import type { Writer } from "./writer.ts"

/** A change that is a transaction of its own. */
interface Member {
  readonly call: DriverCall
  readonly flight: Flight<DriverResult>
  /** When it began to wait, in milliseconds. */
  readonly since: number
}

/** Texts and bytes of more than this many units go by themselves, so that a group is always small enough to be sent. */
const largestMember = 64 * 1024

/**
 * The changes of a connection that are a transaction each, and may be many at once.
 *
 * While one is written, or waits for the lock, those that come are gathered. Then they are written together, in one
 * transaction, each as if it were alone; all are acknowledged after its COMMIT. So nothing waits for company, and many
 * share what a COMMIT costs.
 */
export class WriteGroup {
  readonly #calls: RemoteCalls
  readonly #writer: Writer
  readonly #config: SqliteConfig
  #gathered: Array<Member> = []
  /** Something is written, or waits for the lock. */
  #isBusy = false
  #stopWaiting: (() => void) | undefined

  constructor(calls: RemoteCalls, writer: Writer, config: SqliteConfig) {
    this.#calls = calls
    this.#writer = writer
    this.#config = config
  }

  /** Says whether a change can be sent together with others. */
  takes(parameters: ReadonlyArray<unknown>): boolean {
    let size = 0
    for (const value of parameters) {
      if (typeof value === "string") size += value.length
      else if (typeof value === "object" && value !== null) {
        if (!(value instanceof Uint8Array) || !(value.buffer instanceof ArrayBuffer)) return false
        size += value.byteLength
      } else if (typeof value === "function" || typeof value === "symbol") return false
    }
    return size <= largestMember
  }

  /** Writes a change, now or with others. */
  add(call: DriverCall, flight: Flight<DriverResult>): void {
    if (!this.#isBusy && this.#writer.tryBegin(false)) {
      this.#isBusy = true
      return this.#send([{ call, flight, since: 0 }])
    }
    const member = { call, flight, since: performance.now() }
    this.#gathered.push(member)
    flight.leave = () => this.#remove(member)
    if (!this.#isBusy) this.#wait()
  }

  #remove(member: Member): void {
    this.#gathered = this.#gathered.filter((other) => other !== member)
    if (this.#gathered.length > 0 || this.#stopWaiting === undefined) return
    this.#stopWaiting()
    this.#stopWaiting = undefined
    this.#isBusy = false
  }

  #wait(): void {
    this.#isBusy = true
    this.#stopWaiting = this.#writer.wait(
      () => {
        this.#stopWaiting = undefined
        this.#send(this.#take())
      },
      () => {
        this.#stopWaiting = undefined
        this.#isBusy = false
        this.#timedOut()
      },
    )
  }

  /** Those that joined later have not waited as long yet. */
  #timedOut(): void {
    const { busyTimeout } = this.#config
    const [first] = this.#gathered
    const now = performance.now()
    const expired = this.#gathered.filter((member) => member === first || now - member.since >= busyTimeout)
    this.#gathered = this.#gathered.filter((member) => !expired.includes(member))
    if (this.#gathered.length > 0) this.#wait()
    for (const { flight } of expired) {
      flight.leave = undefined
      this.#calls.fail(flight, lockTimeout(busyTimeout, this.#config))
    }
  }

  #take(): ReadonlyArray<Member> {
    const members = this.#gathered
    this.#gathered = []
    for (const { flight } of members) flight.leave = undefined
    return members
  }

  /** What was written is answered: the next ones follow, when the lock allows it. */
  readonly #next = (): void => {
    this.#isBusy = false
    if (this.#gathered.length === 0) return
    if (this.#calls.transaction !== "none") return this.#calls.refused(this.#take().map(({ flight }) => flight))
    if (!this.#writer.tryBegin(false)) return this.#wait()
    this.#isBusy = true
    this.#send(this.#take())
  }

  #send(members: ReadonlyArray<Member>): void {
    const [first] = members
    if (first === undefined) return
    first.flight.onLanded = this.#next
    if (members.length === 1) return this.#calls.execute(first.call, first.flight, true)
    // A statement that is dropped for another one of the group would have its number taken.
    const statements = members.map(({ call }) => this.#calls.statements.pin(call.sql))
    const steps = members.map(({ call }, index) => this.#step(call, statements[index]))
    for (const statement of statements) if (statement !== undefined) statement.pinned = false
    const others = members.slice(1).map(({ flight }) => flight)
    this.#calls.sendGroup(first.flight, others, steps, (answers) => {
      for (const [index, answer] of answers.entries()) {
        const { flight } = members[index] as Member
        if (Wire.isFailure(answer)) {
          this.#calls.fail(flight, nativeDriverError(rebuiltFailure(answer), this.#config))
        } else this.#calls.result(flight, statements[index], answer)
      }
    })
  }

  #step(call: DriverCall, statement: KnownStatement | undefined): Wire.WireChange {
    return [this.#calls.code(statement, call), statement === undefined ? call.sql : undefined, call.parameters]
  }
}
