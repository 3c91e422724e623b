import { requireState, stateOf } from "../entity/instance.ts"
import {
  expireState,
  type InstanceState,
  restoreChanges,
  type StateOwner,
  takeChanges,
} from "../entity/instance-state.ts"
import type { Mapper } from "../entity/mapper.ts"
import { InvalidRequestError, ResourceClosedError } from "../errors/index.ts"
import { IdentityStore } from "./identity-store.ts"
import { UndoLog } from "./undo-log.ts"

export const endedError = (): ResourceClosedError =>
  new ResourceClosedError({ message: "This session is closed: its scope or block has ended. Make another one" })

/**
 * The half of a session that does no I/O: which objects it holds, which are to be written, and how to take it back.
 */
export class SessionState implements StateOwner {
  readonly identities = new IdentityStore()
  /** To be inserted, in the order in which they were added. */
  readonly pending = new Set<InstanceState>()
  /** Persistent objects with recorded changes. */
  readonly modified = new Set<InstanceState>()
  /** To be deleted. */
  readonly deleting = new Set<InstanceState>()
  readonly log = new UndoLog()
  /** Closed for good: the scope of the session has ended. */
  ended = false
  /** Counts how often objects were put back: a call that waited for the database sees that it happened meanwhile. */
  rollbacks = 0
  /** Called whenever there is something new to be written, which begins a transaction. */
  readonly #touched: () => void
  readonly #checkedClasses = new WeakSet<Mapper>()

  constructor(touched: () => void) {
    this.#touched = touched
  }

  get hasWork(): boolean {
    return this.pending.size > 0 || this.modified.size > 0 || this.deleting.size > 0
  }

  changed(state: InstanceState): void {
    this.modified.add(state)
    this.#touched()
  }

  cascade(entity: object): void {
    this.#add(stateOf(entity))
  }

  lookUp(mapper: Mapper, values: ReadonlyArray<unknown>): InstanceState | undefined {
    const state = this.identities.get(mapper, mapper.identityKey(values))
    return state === undefined ? undefined : mapper.requireInstance(state)
  }

  has(state: InstanceState): boolean {
    return state.owner === this && !state.deleted
  }

  add(entity: unknown): void {
    this.#add(requireState(entity, "add"))
  }

  /** Takes in an object and those it refers to. */
  #add(state: InstanceState): void {
    if (this.#hasReferencesOf(state)) {
      this.#check(state)
      this.#enter(state)
    } else this.#addAll(state)
    this.#touched()
  }

  #hasReferencesOf(state: InstanceState): boolean {
    for (const name in state.references) {
      const target = state.references[name]
      if (target !== null && target !== undefined && stateOf(target).owner !== this) return false
    }
    return true
  }

  /** Without recursion, since chains of references may be long or circular. */
  #addAll(first: InstanceState): void {
    const waiting = [first]
    const entering = new Set<InstanceState>()
    for (let state = waiting.pop(); state !== undefined; state = waiting.pop()) {
      if (entering.has(state) || (state.owner === this && state !== first)) continue
      this.#check(state)
      entering.add(state)
      for (const name in state.references) {
        const target = state.references[name]
        if (target !== null && target !== undefined) waiting.push(stateOf(target))
      }
    }
    // Only now, when it is sure that all of them can come in, so that an error changes nothing.
    for (const state of [...entering].reverse()) this.#enter(state)
  }

  #check(state: InstanceState): void {
    const what = () => state.mapper.describe(state.values)
    if (state.owner !== undefined && state.owner !== this) {
      throw new InvalidRequestError({
        message: `${what()} is already attached to another session. Take it out of that one with expunge(), or merge() it into this one`,
      })
    }
    if (state.deleted) {
      throw new InvalidRequestError({
        message: `${what()} has been deleted: its row is gone. Make a new object to insert it again`,
      })
    }
    const present = state.key === undefined ? undefined : this.identities.get(state.mapper, state.key)
    if (present !== undefined && present !== state) {
      throw new InvalidRequestError({
        message: `Another object for ${what()} is already in this session. merge() copies the values into that one`,
      })
    }
    this.#checkClass(state)
  }

  /** A class field with a column's name would hide the column: a change of it would never be seen. */
  #checkClass(state: InstanceState): void {
    if (this.#checkedClasses.has(state.mapper)) return
    const names = [...state.mapper.columns.map(({ key }) => key), ...state.mapper.references.map(({ name }) => name)]
    const hidden = names.find((name) => Object.hasOwn(state.entity, name))
    if (hidden !== undefined) {
      throw new InvalidRequestError({
        message: `Class ${state.mapper.name} has a field "${hidden}", which hides the mapped property. Remove it, or write \`declare ${hidden}\` if it is there for its type`,
      })
    }
    this.#checkedClasses.add(state.mapper)
  }

  #enter(state: InstanceState): void {
    this.deleting.delete(state)
    state.owner = this
    if (state.key === undefined) {
      this.pending.add(state)
      return
    }
    this.identities.add(state)
    if (state.hasChanges) this.modified.add(state)
  }

  delete(entity: unknown): void {
    const state = requireState(entity, "delete")
    if (state.key === undefined) {
      throw new InvalidRequestError({
        message: `${state.mapper.describe(state.values)} has no row to delete: it has not been flushed. ${
          state.owner === this ? "Take it out of the session with expunge()" : "It is in no session"
        }`,
      })
    }
    if (state.owner === this && state.deleted) return
    if (state.owner !== this) this.#add(state)
    this.deleting.add(state)
    this.#touched()
  }

  /** Lets an object go: one that was to be inserted is transient again, one with a row is detached. */
  expunge(entity: unknown): void {
    const state = requireState(entity, "expunge")
    if (state.owner !== this) {
      throw new InvalidRequestError({
        message: `${state.mapper.describe(state.values)} is not in this session`,
      })
    }
    this.release(state)
  }

  /** Lets an object go. */
  release(state: InstanceState): void {
    this.identities.remove(state)
    this.pending.delete(state)
    this.modified.delete(state)
    this.deleting.delete(state)
    state.owner = undefined
  }

  expungeAll(): void {
    for (const state of this.identities) state.owner = undefined
    for (const state of this.pending) state.owner = undefined
    this.identities.clear()
    this.pending.clear()
    this.modified.clear()
    this.deleting.clear()
  }

  expireAll(): void {
    for (const state of this.identities) expireState(state)
    this.modified.clear()
  }

  /**
   * Puts the objects back to where they were at a position of the log, and drops what was not flushed.
   *
   * @param changedRows statements of the program's own have changed rows since: what was read may be wrong
   */
  rollbackTo(position: number, changedRows: boolean): void {
    this.rollbacks += 1
    for (const state of this.pending) state.owner = undefined
    this.pending.clear()
    for (const state of this.modified) restoreChanges(takeChanges(state))
    this.modified.clear()
    this.deleting.clear()
    this.log.undoTo(position, { owner: this, identities: this.identities, expireRead: changedRows })
  }

  /** Everything that was flushed is permanent. Objects whose rows were deleted leave the session. */
  commit(): void {
    for (const state of this.log.commit()) if (state.owner === this) state.owner = undefined
  }
}
