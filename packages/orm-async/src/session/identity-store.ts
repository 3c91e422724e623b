import type { IdentityKey } from "../entity/identity-key.ts"
import type { InstanceState } from "../entity/instance-state.ts"
import type { Mapper } from "../entity/mapper.ts"
import type { AnyTable } from "../schema/index.ts"

/** The states of a session that stand for rows, by table and primary key: a row is one object, whatever its class. */
export class IdentityStore {
  readonly #byTable = new Map<AnyTable, Map<IdentityKey, InstanceState>>()

  /** The state of a key, which may be of another class over the same table. */
  get(mapper: Mapper, key: IdentityKey): InstanceState | undefined {
    return this.#byTable.get(mapper.table)?.get(key)
  }

  /** The states of one table; for a loop over rows that must not look the table up for each. */
  of(mapper: Mapper): Map<IdentityKey, InstanceState> {
    let states = this.#byTable.get(mapper.table)
    if (states === undefined) {
      states = new Map()
      this.#byTable.set(mapper.table, states)
    }
    return states
  }

  /** Adds a state under its key and gives the one that was there before it, if that is another one. */
  add(state: InstanceState): InstanceState | undefined {
    const states = this.of(state.mapper)
    const key = state.key as IdentityKey
    const present = states.get(key)
    if (present !== undefined && present !== state) return present
    states.set(key, state)
    return undefined
  }

  remove(state: InstanceState): void {
    const states = this.#byTable.get(state.mapper.table)
    if (state.key !== undefined && states?.get(state.key) === state) states.delete(state.key)
  }

  clear(): void {
    this.#byTable.clear()
  }

  get size(): number {
    let size = 0
    for (const states of this.#byTable.values()) size += states.size
    return size
  }

  *[Symbol.iterator](): Generator<InstanceState, void, undefined> {
    for (const states of this.#byTable.values()) yield* states.values()
  }
}
