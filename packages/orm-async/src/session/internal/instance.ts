import { InvalidRequestError } from "../../errors/index.ts"
import type { InstanceState } from "./instance-state.ts"

/** Returns what it is given, so that a subclass puts its private field on that object. */
class Given {
  constructor(object: object) {
    // biome-ignore lint/correctness/noConstructorReturn: this is how a private field comes to an object made elsewhere
    return object
  }
}

/**
 * Keeps an entity's state in a private field: not seen by `Object.keys`, JSON, spread or a comparison of objects, and
 * read as fast as any property. A field can be put on an object without calling the constructor of its class, which is
 * how loading a row makes an entity.
 */
class StateField extends Given {
  readonly #state: InstanceState

  constructor(object: object, state: InstanceState) {
    super(object)
    this.#state = state
  }

  static has(object: object): boolean {
    return #state in object
  }

  static of(object: object): InstanceState {
    return (object as StateField).#state
  }
}

/** Makes an object an entity. */
export const attachState = (state: InstanceState): void => {
  new StateField(state.entity, state)
}

/** Whether a value is an entity. */
export const isEntity = (value: unknown): value is object =>
  typeof value === "object" && value !== null && StateField.has(value)

/** The state of an entity; for a place where the value is known to be one. */
export const stateOf = (entity: object): InstanceState => StateField.of(entity)

/**
 * The state of what a program says is an entity.
 *
 * @throws {InvalidRequestError} if it is none
 */
export const requireState = (value: unknown, method: string): InstanceState => {
  if (isEntity(value)) return stateOf(value)
  const given =
    typeof value === "object" && value !== null
      ? `an object of ${value.constructor?.name ?? "no class"}`
      : String(value)
  throw new InvalidRequestError({
    message: `${method}() takes an instance of a mapped class (class User extends Entity(users) {}); got ${given}.`,
  })
}
