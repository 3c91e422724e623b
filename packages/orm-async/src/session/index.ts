export { Entity, type EntityBase, type References } from "./entity.ts"
export type { EntityInit, EntityInstance } from "./entity-types.ts"
export { type Identity, IdentityMap, type KeyValue } from "./identity-map.ts"
export { type AttributeChange, type Inspection, inspect, type LifeState } from "./inspect.ts"
export { type AnyEntityClass, type EntityClass, ManyToOne, type ManyToOneOptions, manyToOne } from "./many-to-one.ts"
export {
  AsyncSession,
  type GetOptions,
  type RefreshOptions,
  type ScalarOf,
  type Session,
  type SessionBind,
} from "./session.ts"
export type { GetOneError, SessionError } from "./session-error.ts"
export { type AsyncSessionMaker, asyncSessionMaker, type SessionMaker } from "./session-maker.ts"
export type { SessionOptions } from "./session-options.ts"
