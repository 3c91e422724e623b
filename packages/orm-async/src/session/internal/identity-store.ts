import type { IdentityKey } from "./identity-key.ts"
import type { InstanceState } from "./instance-state.ts"
import type { Mapper } from "./mapper.ts"

/** The states of a session that stand for rows, by class and primary key. */
export class IdentityStore {
  readonly #byMapper = new Map<Mapper, Map<IdentityKey, InstanceState>>()

  get(mapper: Mapper, key: IdentityKey): InstanceState | undefined {
    return this.#byMapper.get(mapper)?.get(key)
  }

  /** The states of one class; for a loop over rows that must not look the class up for each. */
  of(mapper: Mapper): Map<IdentityKey, InstanceState> {
    let states = this.#byMapper.get(mapper)
    if (states === undefined) {
      states = new Map()
      this.#byMapper.set(mapper, states)
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
    const states = this.#byMapper.get(state.mapper)
    if (state.key !== undefined && states?.get(state.key) === state) states.delete(state.key)
  }

  clear(): void {
    this.#byMapper.clear()
  }

  get size(): number {
    let size = 0
    for (const states of this.#byMapper.values()) size += states.size
    return size
  }

  *[Symbol.iterator](): Generator<InstanceState, void, undefined> {
    for (const states of this.#byMapper.values()) yield* states.values()
  }
}
