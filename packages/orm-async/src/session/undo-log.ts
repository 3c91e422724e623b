import {
  expireState,
  type InstanceState,
  restoreChanges,
  type StateOwner,
  type TakenChanges,
  takeChanges,
} from "../entity/instance-state.ts"
import type { MappedColumn } from "../entity/mapper.ts"
import type { IdentityStore } from "./identity-store.ts"

/** An effect of a flush or a query on objects, kept so that a rollback can take it back. */
export type UndoEntry =
  /** Objects became rows; `filled` are, for each, the columns to which the flush gave a value. */
  | {
      readonly kind: "inserted"
      readonly states: ReadonlyArray<InstanceState>
      readonly filled: ReadonlyArray<ReadonlyArray<MappedColumn>>
    }
  | { readonly kind: "updated"; readonly changes: ReadonlyArray<TakenChanges> }
  | { readonly kind: "deleted"; readonly changes: ReadonlyArray<TakenChanges> }
  /** Rows were read after a statement of the same transaction that changed rows behind the session's back. */
  | { readonly kind: "read"; readonly state: InstanceState }

/** The part of a session that taking back uses. */
export interface UndoTarget {
  readonly owner: StateOwner
  readonly identities: IdentityStore
  /** Values that were read meanwhile may be wrong now. */
  readonly expireRead: boolean
}

/** Gives a state its place in the identity map. Who has taken it meanwhile stands for a row that is gone. */
const reclaim = (state: InstanceState, { owner, identities }: UndoTarget): void => {
  if (state.owner !== owner) return
  const intruder = identities.add(state)
  if (intruder === undefined) return
  identities.remove(intruder)
  intruder.owner = undefined
  identities.add(state)
}

const undoInserted = (entry: UndoEntry & { kind: "inserted" }, { owner, identities }: UndoTarget): void => {
  entry.states.forEach((state, at) => {
    if (state.owner === owner) {
      identities.remove(state)
      state.owner = undefined
    }
    state.key = undefined
    takeChanges(state)
    for (const { key } of entry.filled[at] ?? []) state.values[key] = undefined
  })
}

const undoUpdated = (entry: UndoEntry & { kind: "updated" }, target: UndoTarget): void => {
  const moved: Array<InstanceState> = []
  for (const taken of entry.changes) {
    restoreChanges(taken)
    const { state } = taken
    const key = state.mapper.keyOf(state.values)
    if (key === undefined || key === state.key) continue
    if (state.owner === target.owner) target.identities.remove(state)
    state.key = key
    moved.push(state)
  }
  // All have left their places by now, since keys may have been swapped.
  for (const state of moved) reclaim(state, target)
}

const undoDeleted = (entry: UndoEntry & { kind: "deleted" }, target: UndoTarget): void => {
  for (const taken of entry.changes) {
    restoreChanges(taken)
    const { state } = taken
    state.deleted = false
    reclaim(state, target)
  }
}

/**
 * Everything that happened to the objects of a session since its transaction began, in order. A savepoint is a position in it.
 *
 * SQLAlchemy expires every object on rollback and loads it again when it is read. A property here cannot wait for the
 * database, so a rollback puts the values back instead. Only what may have been read from rows that the rolled-back
 * transaction had changed by statements of its own expires.
 */
export class UndoLog {
  #entries: Array<UndoEntry> = []

  get position(): number {
    return this.#entries.length
  }

  push(entry: UndoEntry): void {
    this.#entries.push(entry)
  }

  /** Takes back what happened since `position`, the last first. */
  undoTo(position: number, target: UndoTarget): void {
    for (const entry of this.#entries.splice(position).reverse()) {
      if (entry.kind === "inserted") undoInserted(entry, target)
      else if (entry.kind === "updated") undoUpdated(entry, target)
      else if (entry.kind === "deleted") undoDeleted(entry, target)
      else if (target.expireRead && entry.state.key !== undefined) expireState(entry.state)
    }
  }

  /** Forgets everything: it is permanent now. The objects that were deleted are given back. */
  commit(): ReadonlyArray<InstanceState> {
    const entries = this.#entries
    this.#entries = []
    return entries.flatMap((entry) => (entry.kind === "deleted" ? entry.changes.map(({ state }) => state) : []))
  }
}
