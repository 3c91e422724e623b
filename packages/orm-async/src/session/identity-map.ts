import type { IdentityStore } from "./internal/identity-store.ts"
import { identityValues } from "./internal/identity-values.ts"
import { stateOf } from "./internal/instance.ts"
import type { InstanceState } from "./internal/instance-state.ts"
import { mapperOf } from "./internal/mapper-registry.ts"
import type { EntityClass } from "./many-to-one.ts"

/** A value that can be a primary key. */
export type KeyValue = string | number | bigint | boolean | Date | Uint8Array

/** A primary key: its value, or its values by their properties' names where it is composite. */
export type Identity<E> = Extract<E[keyof E], KeyValue> | { readonly [K in keyof E]?: E[K] }

/**
 * The objects of a session that stand for rows, one for each row, by class and primary key. A view: it changes with the
 * session.
 *
 * The session keeps them until `expunge`, `expungeAll`, `close`, or the commit that makes their deletion permanent;
 * SQLAlchemy lets unchanged ones go when nobody else refers to them. JavaScript's weak references cost more than the
 * objects themselves, so a session that writes very many rows is told which to let go.
 *
 * @see SQLAlchemy `sqlalchemy.orm.identity.IdentityMap`
 */
export class IdentityMap implements Iterable<object> {
  readonly #store: IdentityStore

  /** @internal */
  constructor(store: IdentityStore) {
    this.#store = store
  }

  /** How many objects there are. */
  get size(): number {
    return this.#store.size
  }

  /**
   * The object of a key, if the session has loaded or written it. Does no I/O.
   *
   * @throws {InvalidRequestError} if the key does not fit the class's primary key
   */
  get<E extends object>(entity: EntityClass<E>, id: Identity<E>): E | undefined {
    const mapper = mapperOf(entity)
    const state = this.#store.get(mapper, mapper.identityKey(identityValues(mapper, id)))
    return state?.entity as E | undefined
  }

  /** Whether an object is in the map. */
  has(entity: object): boolean {
    const state: InstanceState = stateOf(entity)
    return state.key !== undefined && this.#store.get(state.mapper, state.key) === state
  }

  /** The objects, class by class. */
  *[Symbol.iterator](): Generator<object, void, undefined> {
    for (const state of this.#store) yield state.entity
  }
}
