import type { AnyEntity } from "../entity/entity-types.ts"
import { isEntity, requireState, stateOf } from "../entity/instance.ts"
import { changedColumns, expireState, type InstanceState } from "../entity/instance-state.ts"
import type { Mapper } from "../entity/mapper.ts"
import { InvalidRequestError } from "../errors/index.ts"
import { IdentityMap } from "./identity-map.ts"
import type { SessionSettings } from "./session-options.ts"
import type { SessionState } from "./session-state.ts"
import type { SessionTransactions } from "./session-transactions.ts"

/** The half of a session that does no I/O: the objects that it holds, and those that it is given. */
export class SessionObjects {
  readonly transactions: SessionTransactions
  readonly identityMap: IdentityMap
  readonly info: Record<string, unknown>
  autoflush: boolean
  protected readonly state: SessionState

  constructor(transactions: SessionTransactions, settings: SessionSettings) {
    this.transactions = transactions
    this.state = transactions.state
    this.autoflush = settings.autoflush
    this.info = { ...settings.info }
    this.identityMap = new IdentityMap(this.state.identities)
  }

  get new(): ReadonlySet<AnyEntity> {
    return entitiesOf(this.state.pending)
  }

  get dirty(): ReadonlySet<AnyEntity> {
    return entitiesOf([...this.state.modified].filter((state) => !this.state.deleting.has(state)))
  }

  get deleted(): ReadonlySet<AnyEntity> {
    return entitiesOf(this.state.deleting)
  }

  get isActive(): boolean {
    return !this.state.ended && !this.transactions.failed
  }

  add(entity: AnyEntity): void {
    this.transactions.requireIdle("add")
    this.state.add(entity)
  }

  addAll(entities: Iterable<AnyEntity>): void {
    this.transactions.requireIdle("addAll")
    for (const entity of entities) this.state.add(entity)
  }

  delete(entity: AnyEntity): void {
    this.transactions.requireIdle("delete")
    this.state.delete(entity)
  }

  expunge(entity: AnyEntity): void {
    this.transactions.requireIdle("expunge")
    this.state.expunge(entity)
  }

  expungeAll(): void {
    this.transactions.requireIdle("expungeAll")
    this.state.expungeAll()
  }

  contains(entity: AnyEntity): boolean {
    return isEntity(entity) && this.state.has(stateOf(entity))
  }

  isModified(entity: AnyEntity): boolean {
    const state = requireState(entity, "isModified")
    if (state.key === undefined) return true
    if (changedColumns(state).length > 0) return true
    return Object.entries(state.originalReferences ?? {}).some(([name, from]) => state.references?.[name] !== from)
  }

  expire(entity: AnyEntity, names?: ReadonlyArray<string>): void {
    this.transactions.requireIdle("expire")
    const state = this.persistent(entity, "expire")
    requireNames(state.mapper, names, "expire")
    expireState(state, names)
    if (!state.hasChanges) this.state.modified.delete(state)
  }

  expireAll(): void {
    this.transactions.requireIdle("expireAll")
    this.state.expireAll()
  }

  inTransaction(): boolean {
    return this.transactions.depth > 0
  }

  inNestedTransaction(): boolean {
    return this.transactions.depth > 1
  }

  /** @throws {InvalidRequestError} if an object stands for no row in this session */
  protected persistent(entity: unknown, method: string): InstanceState {
    const state = requireState(entity, method)
    if (state.owner === this.state && state.key !== undefined && !state.deleted) return state
    throw new InvalidRequestError({
      message: `${method}(): ${state.mapper.describe(state.values)} is not persistent in this session: it stands for no row, or is in another session or none`,
    })
  }
}

const entitiesOf = (states: Iterable<InstanceState>): ReadonlySet<AnyEntity> => {
  const entities = new Set<AnyEntity>()
  for (const state of states) entities.add(state.entity as AnyEntity)
  return entities
}

/** @throws {InvalidRequestError} if a name is no mapped property */
export const requireNames = (mapper: Mapper, names: ReadonlyArray<string> | undefined, method: string): void => {
  const unknown = names?.find((name) => !mapper.hasColumn(name) && mapper.reference(name) === undefined)
  if (unknown === undefined) return
  const all = [...mapper.columns.map(({ key }) => key), ...mapper.references.map(({ name }) => name)]
  throw new InvalidRequestError({
    message: `${method}(): ${mapper.name} has no mapped property "${unknown}". It has: ${all.join(", ")}`,
  })
}
