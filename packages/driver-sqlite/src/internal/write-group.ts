import type { DriverUnit } from "@offloop/orm-async/driver"
import { lockTimeout, nativeDriverError, rebuiltFailure } from "./driver-failure.ts"
import type { GroupMember } from "./group-member.ts"
import type { RemoteCalls } from "./remote-calls.ts"
import type { SqliteConfig } from "./sqlite-config.ts"
import * as Wire from "./wire.ts"
import type { Writer } from "./writer.ts"

/** A member that waits to be written. */
interface Waiting {
  readonly member: GroupMember
  /** When it began to wait, in milliseconds. */
  readonly since: number
}

/** Texts and bytes of more than this many units go by themselves, so that a group is always small enough to be sent. */
const largestMember = 64 * 1024

/** Says whether sets of values are small enough to be sent together with others, and of kinds that can be. */
export const isSmall = (sets: ReadonlyArray<ReadonlyArray<unknown>>): boolean => {
  let size = 0
  for (const values of sets) {
    for (const value of values) {
      if (typeof value === "string") size += value.length
      else if (typeof value === "object" && value !== null) {
        if (!(value instanceof Uint8Array) || !(value.buffer instanceof ArrayBuffer)) return false
        size += value.byteLength
      } else if (typeof value === "function" || typeof value === "symbol") return false
    }
    size += values.length
  }
  return size <= largestMember
}

/** Says whether a unit can be written together with others: it writes, as the ORM knows, and is in no hurry to be alone. */
export const isGroupable = ({ begin, calls }: DriverUnit): boolean =>
  begin === "BEGIN IMMEDIATE" &&
  calls.every(({ isWrite }) => isWrite !== undefined) &&
  calls.every((call) => isSmall("parameterSets" in call ? call.parameterSets : [call.parameters]))

/**
 * The changes and units of a connection that are a transaction each, and may be many at once.
 *
 * While one is written, or waits for the lock, those that come are gathered. Then they are written together, in one
 * transaction, each as if it were alone; all are acknowledged after its COMMIT. So nothing waits for company, and many
 * share what a COMMIT costs. Only a foreign key that is checked at the end is checked for all of them at once: one of them
 * may find its parent in another that came at the same time.
 */
export class WriteGroup {
  readonly #calls: RemoteCalls
  readonly #writer: Writer
  readonly #config: SqliteConfig
  #gathered: Array<Waiting> = []
  /** Something is written, or waits for the lock. */
  #isBusy = false
  #stopWaiting: (() => void) | undefined

  constructor(calls: RemoteCalls, writer: Writer, config: SqliteConfig) {
    this.#calls = calls
    this.#writer = writer
    this.#config = config
  }

  /** Writes a member, now or with others. */
  add(member: GroupMember): void {
    if (!this.#isBusy && this.#writer.tryBegin(false)) {
      this.#isBusy = true
      return this.#send([member])
    }
    const waiting = { member, since: performance.now() }
    this.#gathered.push(waiting)
    member.flight.leave = () => this.#remove(waiting)
    if (!this.#isBusy) this.#wait()
  }

  #remove(waiting: Waiting): void {
    this.#gathered = this.#gathered.filter((other) => other !== waiting)
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
    const expired = this.#gathered.filter((waiting) => waiting === first || now - waiting.since >= busyTimeout)
    this.#gathered = this.#gathered.filter((waiting) => !expired.includes(waiting))
    if (this.#gathered.length > 0) this.#wait()
    for (const { flight } of expired.map(({ member }) => member)) {
      flight.leave = undefined
      this.#calls.fail(flight, lockTimeout(busyTimeout, this.#config))
    }
  }

  #take(): ReadonlyArray<GroupMember> {
    const members = this.#gathered.map(({ member }) => member)
    this.#gathered = []
    for (const { flight } of members) flight.leave = undefined
    return members
  }

  /** Sends the next ones, when the lock allows it: the last have been answered. */
  readonly #next = (): void => {
    this.#isBusy = false
    if (this.#gathered.length === 0) return
    if (this.#calls.transaction !== "none") return this.#calls.refused(this.#take().map(({ flight }) => flight))
    if (!this.#writer.tryBegin(false)) return this.#wait()
    this.#isBusy = true
    this.#send(this.#take())
  }

  #send(members: ReadonlyArray<GroupMember>): void {
    const [first, ...others] = members
    if (first === undefined) return
    first.flight.onLanded = this.#next
    if (others.length === 0) return first.sendAlone(true)
    // A statement that is dropped for another one of the group would have its number taken.
    const pinned = members.map(({ texts }) => this.#calls.statements.pinAll(texts))
    const wire = members.map((member, index) => member.wire(pinned[index] ?? []))
    for (const statements of pinned) this.#calls.statements.unpin(statements)
    const flights = [first.flight, ...others.map(({ flight }) => flight)] as const
    this.#calls.sendGroup(flights, wire, (answers) => {
      for (const [index, answer] of answers.entries()) {
        const member = members[index] as GroupMember
        if (Wire.isFailure(answer)) {
          this.#calls.fail(member.flight, nativeDriverError(rebuiltFailure(answer), this.#config))
        } else member.answered(pinned[index] ?? [], answer)
      }
    })
  }
}
