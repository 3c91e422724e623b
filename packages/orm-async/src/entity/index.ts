export { Entity, type EntityBase, type References } from "./entity.ts"
export type { AnyEntity, EntityInit, EntityInstance, Identity, KeyValue, PropertyOf } from "./entity-types.ts"
export { type AttributeChange, type Inspection, inspect, type LifeState } from "./inspect.ts"
export { type AnyEntityClass, type EntityClass, ManyToOne, type ManyToOneOptions, manyToOne } from "./many-to-one.ts"
