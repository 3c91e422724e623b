import { InvalidRequestError } from "../errors/index.ts"
import type { InstanceState } from "./instance-state.ts"

/** Returns what it is given, so that a subclass puts its fields on that object. */
class Given {
  constructor(object: object) {
    // biome-ignore lint/correctness/noConstructorReturn: this is how fields come to an object made elsewhere
    return object
  }
}

/**
 * The fields of every entity: its state in a private field, read as fast as any property, and its columns' values in
 * a property that comparisons, copies and debuggers see. Fields can be put on an object without calling the constructor of
 * its class, which is how loading a row makes an entity.
 *
 * The properties of the columns are accessors of the prototype, where comparisons and copies do not look; see
 * docs/decisions/0010-entities-told-apart.md.
 */
class EntityFields extends Given {
  $values: Record<string, unknown>
  readonly #state: InstanceState

  constructor(object: object, state: InstanceState) {
    super(object)
    this.$values = state.values
    this.#state = state
  }

  static has(object: object): boolean {
    return #state in object
  }

  static of(object: object): InstanceState {
    return (object as EntityFields).#state
  }

  static find(object: object): InstanceState | undefined {
    return #state in object ? object.#state : undefined
  }
}

/** The property of an entity that holds its columns' values, for comparisons and copies. */
export const valuesProperty = "$values" satisfies keyof EntityFields

/** Makes an object an entity. */
export const attachState = (state: InstanceState): void => {
  new EntityFields(state.entity, state)
}

/** Gives an entity other values, all at once. */
export const replaceValues = (state: InstanceState, values: Record<string, unknown>): void => {
  state.values = values
  ;(state.entity as EntityFields).$values = values
}

/** True if a value is an entity. */
export const isEntity = (value: unknown): value is object =>
  typeof value === "object" && value !== null && EntityFields.has(value)

/** The state of an entity; for a place where the value is known to be one. */
export const stateOf = (entity: object): InstanceState => EntityFields.of(entity)

/** The state of what may be a copy that has an entity's prototype, as tools make one to compare; undefined then. */
export const findState = (object: object): InstanceState | undefined => EntityFields.find(object)

/** The values of a copy. */
export const copiedValues = (copy: object): Readonly<Record<string, unknown>> =>
  (copy as Partial<EntityFields>).$values ?? {}

/**
 * The state of what a program says is an entity.
 *
 * @throws {InvalidRequestError} if it is none
 */
export const requireState = (value: unknown, method: string): InstanceState => {
  if (isEntity(value)) return stateOf(value)
  throw new InvalidRequestError({
    message: `${method}() takes an instance of a mapped class (class User extends Entity(users) {}); got ${described(value)}`,
  })
}

const described = (value: unknown): string => {
  if (typeof value !== "object" || value === null) return String(value)
  if (Object.hasOwn(value, valuesProperty)) {
    return "a copy of one, as {...entity} or structuredClone(entity) make it: pass the entity itself, or make another with new User(inspect(entity).values)"
  }
  const name: unknown = value.constructor?.name
  return typeof name !== "string" || name === "Object" ? "a plain object" : `an object of ${name}`
}
