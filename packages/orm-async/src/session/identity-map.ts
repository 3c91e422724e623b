import type { AnyEntity, Identity } from "../entity/entity-types.ts"
import { identityValues } from "../entity/identity-values.ts"
import { stateOf } from "../entity/instance.ts"
import type { InstanceState } from "../entity/instance-state.ts"
import type { EntityClass } from "../entity/many-to-one.ts"
import { mapperOf } from "../entity/mapper-registry.ts"
import type { IdentityStore } from "./identity-store.ts"

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
export class IdentityMap implements Iterable<AnyEntity> {
  readonly #store: IdentityStore

  /** @internal */
  constructor(store: IdentityStore) {
    this.#store = store
  }

  /** The number of objects. */
  get size(): number {
    return this.#store.size
  }

  /**
   * The object of a key, if the session has loaded or written it. Does no I/O.
   *
   * @throws {InvalidRequestError} if the key does not fit the class's primary key, or its object is of another class
   */
  get<E extends AnyEntity>(entity: EntityClass<E>, id: Identity<E>): E | undefined {
    const mapper = mapperOf(entity)
    const state = this.#store.get(mapper, mapper.identityKey(identityValues(mapper, id)))
    return state === undefined ? undefined : (mapper.requireInstance(state).entity as E)
  }

  /** True if an object is in the map. */
  has(entity: AnyEntity): boolean {
    const state: InstanceState = stateOf(entity)
    return state.key !== undefined && this.#store.get(state.mapper, state.key) === state
  }

  /** The objects, class by class. */
  *[Symbol.iterator](): Generator<AnyEntity, void, undefined> {
    for (const state of this.#store) yield state.entity as AnyEntity
  }
}
