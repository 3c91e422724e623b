import { ArgumentError, InvalidRequestError } from "../errors/index.ts"
import type { IdentityKey } from "./identity-key.ts"
import type { MappedColumn, Mapper } from "./mapper.ts"
import type { ForeignKeyPair, Reference } from "./reference.ts"

/** Remembered in place of a value where there was none: the attribute had not been set or loaded. */
export const unset: unique symbol = Symbol("unset")

/** The session that owns a state, as far as the state knows it. */
export interface StateOwner {
  /** The first change since the last flush was recorded. */
  readonly changed: (state: InstanceState) => void
  /** An object became reachable from one that is in the session. */
  readonly cascade: (entity: object) => void
  /** The object of a key, if it has been loaded. */
  readonly lookUp: (mapper: Mapper, values: ReadonlyArray<unknown>) => InstanceState | undefined
}

/**
 * The knowledge that a session has of one entity: its values, what has changed since the last flush, and where it stands.
 *
 * `values` has every column's key from the beginning, with `undefined` for what is not known, so that all objects of a
 * class keep one hidden class. The first value that a change replaces is kept in `originalValues`, so a flush costs
 * what changed and not what is loaded.
 */
export class InstanceState {
  readonly mapper: Mapper
  readonly entity: object
  values: Record<string, unknown>
  references: Record<string, object | null> | undefined = undefined
  /** The values in the database of the columns that have changed; undefined when none has. */
  originalValues: Record<string, unknown> | undefined = undefined
  originalReferences: Record<string, object | null | typeof unset> | undefined = undefined
  owner: StateOwner | undefined = undefined
  /** Set while the object stands for a row, undefined before it is inserted. */
  key: IdentityKey | undefined = undefined
  /** Its row was deleted by a flush. */
  deleted = false
  /** Its values were forgotten, to be loaded again. */
  expired = false

  constructor(mapper: Mapper, entity: object, values: Record<string, unknown>) {
    this.mapper = mapper
    this.entity = entity
    this.values = values
  }

  get hasChanges(): boolean {
    return this.originalValues !== undefined || this.originalReferences !== undefined
  }
}

/** True if two values of a column are the same in the database. */
export const sameValue = (left: unknown, right: unknown): boolean => {
  if (left === right) return true
  if (left instanceof Date && right instanceof Date) return left.getTime() === right.getTime()
  if (left instanceof Uint8Array && right instanceof Uint8Array) {
    return left.length === right.length && left.every((byte, index) => byte === right[index])
  }
  return Number.isNaN(left) && Number.isNaN(right)
}

/** The value that the column has in the database: what it was before the changes that are not flushed. */
export const storedValue = (state: InstanceState, key: string): unknown => {
  const original = state.originalValues
  if (original === undefined || !(key in original)) return state.values[key]
  return original[key] === unset ? undefined : original[key]
}

const recordChange = (state: InstanceState): void => {
  if (!state.hasChanges) state.owner?.changed(state)
}

const recordValue = (state: InstanceState, key: string): void => {
  if (state.key === undefined || state.deleted) return
  recordChange(state)
  state.originalValues ??= {}
  if (!(key in state.originalValues)) {
    const value = state.values[key]
    state.originalValues[key] = value === undefined ? unset : value
  }
}

const recordReference = (state: InstanceState, name: string): void => {
  if (state.key === undefined || state.deleted) return
  recordChange(state)
  state.originalReferences ??= {}
  if (!(name in state.originalReferences)) {
    const value = state.references?.[name]
    state.originalReferences[name] = value === undefined ? unset : value
  }
}

/** Records a value without a look at the references that rest on it. */
export const putValue = (state: InstanceState, key: string, value: unknown): void => {
  const old = state.values[key]
  if (old === value) return
  recordValue(state, key)
  state.values[key] = value
}

/** Sets a column's property. The references that rest on the column are forgotten: the last write wins. */
export const setValue = (state: InstanceState, column: MappedColumn, value: unknown): void => {
  if (value === undefined) {
    throw new ArgumentError({
      message:
        `${state.mapper.name}.${column.key} was set to undefined, which is no value. ` +
        (column.nullable ? "Use null for NULL" : "Give it a value of the column's type"),
    })
  }
  if (state.values[column.key] === value) return
  putValue(state, column.key, value)
  forgetReferences(state, column, undefined)
}

/** Forgets the references whose foreign key has changed, but for the one that changed it. */
const forgetReferences = (state: InstanceState, column: MappedColumn, except: Reference | undefined): void => {
  for (const reference of column.references) {
    if (reference === except || state.references?.[reference.name] === undefined) continue
    recordReference(state, reference.name)
    delete state.references[reference.name]
  }
}

const valueWithout = (state: InstanceState, column: MappedColumn): never => {
  const name = `${state.mapper.name}.${column.key}`
  if (state.key !== undefined) {
    const inFlush = state.originalValues !== undefined && column.key in state.originalValues
    if (inFlush) {
      throw new InvalidRequestError({
        message: `${name} is not known yet: it comes from an object that has not been inserted. Flush the session first`,
      })
    }
    throw new InvalidRequestError({
      message:
        `${name} ${state.expired ? "has expired" : "has not been loaded"}. ` +
        (state.owner === undefined
          ? "The object belongs to no session: add it to one and refresh it there"
          : "Load it with `session.refresh(entity)`: a property cannot wait for the database"),
    })
  }
  throw new InvalidRequestError({
    message:
      `${name} has no value yet. ` +
      (column.generated || column.defaultValue !== undefined
        ? "It is filled in when the object is inserted: add the object to a session and flush"
        : "Set it"),
  })
}

/**
 * Reads a column's property: gives a value of the column's type, or an error that says how to get one.
 * A nullable column that has no default and was not set will be NULL, so it is null from the beginning.
 */
export const getValue = (state: InstanceState, column: MappedColumn): unknown => {
  const value = state.values[column.key]
  if (value !== undefined) return value
  if (state.key === undefined && column.nullWhenUnset && !awaitsParent(state, column)) return null
  return valueWithout(state, column)
}

const awaitsParent = (state: InstanceState, column: MappedColumn): boolean =>
  column.references.some((reference) => isObject(state.references?.[reference.name]))

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null

/**
 * The columns of a foreign key that a reference sets. Without a parent those are the ones that may be NULL: one is
 * enough for no foreign key to hold, and the others may belong to another one as well.
 */
export const pairsSetBy = (reference: Reference, parent: InstanceState | null): ReadonlyArray<ForeignKeyPair> =>
  parent === null ? reference.nullablePairs : reference.pairs

/** Copies the parent's key into the foreign key of a child, and forgets other references over columns that change. */
export const copyForeignKey = (state: InstanceState, reference: Reference, parent: InstanceState | null): void => {
  for (const { local, remote, column } of pairsSetBy(reference, parent)) {
    const value = parent === null ? null : parent.values[remote]
    if (state.values[local] === value) continue
    putValue(state, local, value)
    forgetReferences(state, column, reference)
  }
}

/**
 * Sets a reference's property. A key that the parent already has is copied at once, one that the database
 * will generate on flush; in between the foreign key's columns cannot be read.
 */
export const setReference = (state: InstanceState, reference: Reference, value: object | null): void => {
  const parent = value === null ? null : reference.stateOfTarget(value)
  if (parent === null && !reference.nullable) {
    throw new ArgumentError({
      message: `${state.mapper.name}.${reference.name} cannot be null: its foreign key is NOT NULL. Give it a ${reference.target.name}`,
    })
  }
  if (state.references?.[reference.name] === value) return
  recordReference(state, reference.name)
  copyForeignKey(state, reference, parent)
  state.references ??= {}
  state.references[reference.name] = value
  if (value !== null) state.owner?.cascade(value)
}

/**
 * Reads a reference's property: gives the object, null where the foreign key is NULL, or an error that says how
 * to load it. An object that the session already holds is found without asking the database.
 */
export const getReference = (state: InstanceState, reference: Reference): object | null => {
  const value = state.references?.[reference.name]
  if (value !== undefined) return value
  const keys = reference.pairs.map(({ local }) => state.values[local])
  const name = `${state.mapper.name}.${reference.name}`
  if (keys.includes(null)) return null
  if (keys.includes(undefined)) {
    if (state.key === undefined && reference.nullable) return null
    if (state.key === undefined) {
      throw new InvalidRequestError({ message: `${name} has no value yet. Set it` })
    }
  } else if (reference.targetsPrimaryKey) {
    const parent = state.owner?.lookUp(reference.target, reference.inKeyOrder(keys))
    if (parent !== undefined && !parent.deleted) {
      state.references ??= {}
      state.references[reference.name] = parent.entity
      return parent.entity
    }
  }
  throw new InvalidRequestError({
    message:
      `${name} has not been loaded. ` +
      (state.owner === undefined
        ? "The object belongs to no session: add it to one and load the reference there"
        : `Load it with \`session.refresh(entity, ["${reference.name}"])\`: a property cannot wait for the database`),
  })
}

/** Columns whose value differs from the database's. */
export const changedColumns = (state: InstanceState): ReadonlyArray<string> => {
  const original = state.originalValues
  if (original === undefined) return []
  return Object.keys(original).filter((key) => !sameValue(state.values[key], original[key]))
}

/** The changes since the last flush, as they were taken out of a state by {@link takeChanges}. */
export interface TakenChanges {
  readonly state: InstanceState
  readonly values: Record<string, unknown> | undefined
  readonly references: Record<string, object | null | typeof unset> | undefined
}

/** Declares the present values to be the database's; what they replaced is given back, for a rollback. */
export const takeChanges = (state: InstanceState): TakenChanges => {
  const taken = { state, values: state.originalValues, references: state.originalReferences }
  state.originalValues = undefined
  state.originalReferences = undefined
  return taken
}

/** Puts back what {@link takeChanges} took. */
export const restoreChanges = ({ state, values, references }: TakenChanges): void => {
  for (const key in values) state.values[key] = values[key] === unset ? undefined : values[key]
  for (const name in references) {
    const old = references[name]
    state.references ??= {}
    if (old === unset || old === undefined) delete state.references[name]
    else state.references[name] = old
  }
}

/** Forgets all values but the primary key, or those named; what was changed in them and not flushed is lost. */
export const expireState = (state: InstanceState, names?: ReadonlyArray<string>): void => {
  const { mapper } = state
  const chosen = names === undefined ? undefined : new Set(names)
  for (const column of mapper.columns) {
    if (chosen !== undefined && !chosen.has(column.key)) continue
    const stored = storedValue(state, column.key)
    if (state.originalValues !== undefined) delete state.originalValues[column.key]
    state.values[column.key] = column.primaryKey ? stored : undefined
  }
  for (const reference of mapper.references) {
    const forget =
      chosen === undefined || chosen.has(reference.name) || reference.pairs.some(({ local }) => chosen.has(local))
    if (!forget) continue
    if (state.originalReferences !== undefined) delete state.originalReferences[reference.name]
    if (state.references !== undefined) delete state.references[reference.name]
  }
  if (isEmpty(state.originalValues)) state.originalValues = undefined
  if (isEmpty(state.originalReferences)) state.originalReferences = undefined
  state.expired = true
}

const isEmpty = (record: object | undefined): boolean => record !== undefined && Object.keys(record).length === 0
