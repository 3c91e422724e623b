import type { AnyEntity, PropertyOf } from "../entity/entity-types.ts"
import type { IdentityMap } from "./identity-map.ts"
import type { SessionCore } from "./session-core.ts"

/** The members of a session that do no I/O, which are the same in all styles. */
export abstract class BaseSession {
  protected readonly core: SessionCore

  constructor(core: SessionCore) {
    this.core = core
  }

  get identityMap(): IdentityMap {
    return this.core.identityMap
  }

  get new(): ReadonlySet<AnyEntity> {
    return this.core.new
  }

  get dirty(): ReadonlySet<AnyEntity> {
    return this.core.dirty
  }

  get deleted(): ReadonlySet<AnyEntity> {
    return this.core.deleted
  }

  get info(): Record<string, unknown> {
    return this.core.info
  }

  get autoflush(): boolean {
    return this.core.autoflush
  }

  set autoflush(autoflush: boolean) {
    this.core.autoflush = autoflush
  }

  get isActive(): boolean {
    return this.core.isActive
  }

  add(entity: AnyEntity): void {
    this.core.add(entity)
  }

  addAll(entities: Iterable<AnyEntity>): void {
    this.core.addAll(entities)
  }

  delete(entity: AnyEntity): void {
    this.core.delete(entity)
  }

  expunge(entity: AnyEntity): void {
    this.core.expunge(entity)
  }

  expungeAll(): void {
    this.core.expungeAll()
  }

  contains(entity: AnyEntity): boolean {
    return this.core.contains(entity)
  }

  isModified(entity: AnyEntity): boolean {
    return this.core.isModified(entity)
  }

  expire<E extends AnyEntity>(entity: E, names?: ReadonlyArray<PropertyOf<E>>): void {
    this.core.expire(entity, names)
  }

  expireAll(): void {
    this.core.expireAll()
  }

  inTransaction(): boolean {
    return this.core.inTransaction()
  }

  inNestedTransaction(): boolean {
    return this.core.inNestedTransaction()
  }
}
