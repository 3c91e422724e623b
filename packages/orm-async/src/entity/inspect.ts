import { requireState } from "./instance.ts"
import { changedColumns, type InstanceState, storedValue } from "./instance-state.ts"

/** The stage of its life that an object is in. */
export type LifeState = "transient" | "pending" | "persistent" | "deleted" | "detached"

/** A changed property: its value in the database, and the new one. Undefined where it was not loaded or set. */
export interface AttributeChange {
  readonly from: unknown
  readonly to: unknown
}

/**
 * The knowledge that a session has of an object, as it was when asked.
 *
 * @see SQLAlchemy `sqlalchemy.orm.InstanceState`
 */
export interface Inspection {
  /**
   * - `transient`: in no session, and no row
   * - `pending`: in a session, to be inserted by the next flush
   * - `persistent`: in a session, and stands for a row
   * - `deleted`: its row was deleted by a flush; the transaction is still open
   * - `detached`: stands for a row, or did, but is in no session
   */
  readonly state: LifeState
  /** The primary key's values as they are in the database, by column; undefined before the INSERT. */
  readonly identity: Readonly<Record<string, unknown>> | undefined
  /** The values of the columns that have one. */
  readonly values: Readonly<Record<string, unknown>>
  /** The changes of columns and references that the next flush would write. */
  readonly changes: Readonly<Record<string, AttributeChange>>
  /** Columns and references that cannot be read now. */
  readonly unloaded: ReadonlyArray<string>
  /** Its values have expired, and `refresh` loads them again. */
  readonly expired: boolean
}

const lifeStateOf = (state: InstanceState): LifeState => {
  if (state.key === undefined) return state.owner === undefined ? "transient" : "pending"
  if (state.owner === undefined) return "detached"
  return state.deleted ? "deleted" : "persistent"
}

const known = (values: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))

const changesOf = (state: InstanceState): Record<string, AttributeChange> => {
  const changes: Record<string, AttributeChange> = {}
  for (const key of changedColumns(state)) changes[key] = { from: storedValue(state, key), to: state.values[key] }
  for (const [name, from] of Object.entries(state.originalReferences ?? {})) {
    const to = state.references?.[name]
    if (from !== to) changes[name] = { from: typeof from === "symbol" ? undefined : from, to }
  }
  return changes
}

const canRead = (state: InstanceState, name: string): boolean => {
  try {
    return Reflect.get(state.entity, name) !== undefined
  } catch {
    return false
  }
}

/**
 * Tells where an object stands, what it holds and what has changed. Does no I/O.
 *
 * @example
 * ```ts
 * import { Entity, inspect, integer, table, text } from "@offloop/orm-async"
 *
 * const users = table("users", { id: integer().primaryKey(), name: text() })
 * class User extends Entity(users) {}
 * inspect(new User({ name: "Ann" })).state // "transient"
 * ```
 * @throws {InvalidRequestError} if it is no instance of a mapped class
 * @see SQLAlchemy `sqlalchemy.inspect`
 */
export const inspect = (entity: object): Inspection => {
  const state = requireState(entity, "inspect")
  const { mapper } = state
  const names = [...mapper.columns.map(({ key }) => key), ...mapper.references.map(({ name }) => name)]
  return {
    state: lifeStateOf(state),
    identity:
      state.key === undefined
        ? undefined
        : Object.fromEntries(mapper.primaryKey.map(({ key }) => [key, storedValue(state, key)])),
    values: known(state.values),
    changes: changesOf(state),
    unloaded: names.filter((name) => !canRead(state, name)),
    expired: state.expired,
  }
}
