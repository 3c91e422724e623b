import { stateOf } from "../entity/instance.ts"
import {
  changedColumns,
  copyForeignKey,
  type InstanceState,
  pairsSetBy,
  putValue,
  restoreChanges,
  sameValue,
  storedValue,
  type TakenChanges,
  takeChanges,
} from "../entity/instance-state.ts"
import type { MappedColumn, Mapper } from "../entity/mapper.ts"
import type { Reference } from "../entity/reference.ts"
import { FlushError } from "../errors/index.ts"
import { keyParameter, valueParameter } from "./column-parameter.ts"

/** Objects that are to become rows by statements which have been prepared and not sent. */
export type Queued = ReadonlySet<InstanceState>

/** Nothing is queued: each statement was answered before the next is prepared. */
export const noneQueued: Queued = new Set()

/** Values for the parameters of one execution. */
type Parameters = Record<string, unknown>

/** Rows that one INSERT statement inserts. */
export interface InsertBatch {
  readonly states: ReadonlyArray<InstanceState>
  /** For each row the columns to which the flush gives a value. */
  readonly filled: ReadonlyArray<ReadonlyArray<MappedColumn>>
  /** The columns that the database fills in. */
  readonly returning: ReadonlyArray<MappedColumn>
}

/** Rows that one UPDATE statement changes. */
export interface UpdateBatch {
  readonly states: ReadonlyArray<InstanceState>
  readonly columns: ReadonlyArray<string>
  readonly parameters: ReadonlyArray<Parameters>
}

/** Rows that one DELETE statement deletes. */
export interface DeleteBatch {
  readonly states: ReadonlyArray<InstanceState>
  readonly changes: ReadonlyArray<TakenChanges>
  readonly parameters: ReadonlyArray<Parameters>
}

/** The state of the object that a reference was set to, which must be a row by then. */
const parentOf = (state: InstanceState, reference: Reference, queued: Queued): InstanceState | null | undefined => {
  const target = state.references?.[reference.name]
  if (target === undefined || target === null) return target
  const parent = stateOf(target)
  const isRow = (parent.key !== undefined || queued.has(parent)) && !parent.deleted
  if (isRow && reference.pairs.every(({ remote }) => parent.values[remote] !== undefined)) return parent
  throw unusableParent(state, reference, parent)
}

const unusableParent = (state: InstanceState, reference: Reference, parent: InstanceState): FlushError => {
  const what = `${state.mapper.describe(state.values)}.${reference.name} refers to ${parent.mapper.describe(parent.values)}`
  if (parent.key === undefined) {
    return new FlushError({ message: `${what}, which is not in the session. Add that object to the session too` })
  }
  if (parent.deleted) {
    return new FlushError({ message: `${what}, which was deleted. Set the reference to another object` })
  }
  return new FlushError({ message: `${what}, whose key is not loaded. Refresh that object first` })
}

/** Copies the keys of the objects that a new object refers to. */
const copyParentKeys = (state: InstanceState, queued: Queued): void => {
  for (const reference of state.mapper.references) {
    const parent = parentOf(state, reference, queued)
    if (parent === undefined) continue
    for (const { local, remote, column } of pairsSetBy(reference, parent)) {
      const value = parent === null ? null : parent.values[remote]
      if (column.references.length > 1) requireAgreement(state, { reference, column, value, queued })
      state.values[local] = value
    }
  }
}

/** A value that a reference gives to a column of its foreign key. */
interface Given {
  readonly reference: Reference
  readonly column: MappedColumn
  readonly value: unknown
  readonly queued: Queued
}

/** Two references over one column must lead to the same value. */
const requireAgreement = (state: InstanceState, { reference, column, value, queued }: Given): void => {
  for (const other of column.references) {
    if (other === reference) return
    const parent = parentOf(state, other, queued)
    const pair = parent === undefined ? undefined : pairsSetBy(other, parent).find((one) => one.column === column)
    if (pair === undefined || sameValue(parent?.values[pair.remote] ?? null, value)) continue
    throw new FlushError({
      message: `${state.mapper.describe(state.values)}: ${other.name} and ${reference.name} disagree on ${column.key}. Let both refer to objects with the same key`,
    })
  }
}

const requireValue = (state: InstanceState, column: MappedColumn): FlushError => {
  const names = [...column.references.map(({ name }) => name), column.key]
  return new FlushError({
    message: `${state.mapper.describe(state.values)} cannot be inserted: ${column.key} has no value. Set ${names.join(" or ")}`,
  })
}

/** The columns without a value. Rows are mostly alike, so the list of the row before is used again where it fits. */
const absentColumns = (state: InstanceState, like: ReadonlyArray<MappedColumn>): ReadonlyArray<MappedColumn> => {
  let found = 0
  let same = true
  for (const column of state.mapper.columns) {
    if (state.values[column.key] === undefined && like[found++] !== column) same = false
  }
  if (same && found === like.length) return like
  return state.mapper.columns.filter(({ key }) => state.values[key] === undefined)
}

const unfill = (state: InstanceState, filled: ReadonlyArray<MappedColumn>): void => {
  for (const { key } of filled) state.values[key] = undefined
}

/** Fills in the keys of parents and defaults, but not what is left to the database; fills in nothing if it fails. */
const fillIn = (state: InstanceState, absent: ReadonlyArray<MappedColumn>, queued: Queued): void => {
  try {
    if (state.references !== undefined) copyParentKeys(state, queued)
    for (const column of absent) {
      const { key } = column
      if (state.values[key] === undefined) state.values[key] = column.defaultValue?.()
      if (state.values[key] !== undefined) continue
      if (column.nullWhenUnset) state.values[key] = null
      else if (!column.generated) throw requireValue(state, column)
    }
  } catch (error) {
    unfill(state, absent)
    throw error
  }
}

type OpenBatch = InsertBatch & {
  readonly states: Array<InstanceState>
  readonly filled: Array<ReadonlyArray<MappedColumn>>
}

const sameColumns = (left: ReadonlyArray<MappedColumn>, right: ReadonlyArray<MappedColumn>): boolean =>
  left === right || (left.length === right.length && left.every((column, at) => column === right[at]))

/**
 * Prepares rows for INSERT: copies the keys of their parents, fills in defaults, and groups the rows by what the
 * database will fill in. Where the order counts, only neighbours are grouped.
 *
 * @throws {FlushError} if an object cannot be written as it is; no object has been filled in then
 */
export const prepareInserts = (
  states: ReadonlyArray<InstanceState>,
  ordered: boolean,
  queued: Queued = noneQueued,
): ReadonlyArray<InsertBatch> => {
  const batches: Array<OpenBatch> = []
  // Rows of one table that refer to each other stand in the order in which they can be inserted.
  const earlier = ordered ? new Set(queued) : undefined
  let absent: ReadonlyArray<MappedColumn> = []
  let returning: ReadonlyArray<MappedColumn> = []
  try {
    for (const state of states) {
      absent = absentColumns(state, absent)
      fillIn(state, absent, earlier ?? queued)
      earlier?.add(state)
      returning = absentColumns(state, returning)
      const isLike = (one: InsertBatch): boolean => sameColumns(one.returning, returning)
      let batch = ordered ? batches.slice(-1).find(isLike) : batches.find(isLike)
      if (batch === undefined) {
        batch = { states: [], filled: [], returning }
        batches.push(batch)
      }
      batch.states.push(state)
      batch.filled.push(absent)
    }
  } catch (error) {
    for (const { states: done, filled } of batches) {
      for (const [at, state] of done.entries()) unfill(state, filled[at] ?? [])
    }
    throw error
  }
  return batches
}

const keyParameters = (state: InstanceState): Parameters => {
  const parameters: Parameters = {}
  for (const { key } of state.mapper.primaryKey) parameters[keyParameter(key)] = storedValue(state, key)
  return parameters
}

/** Completes the changes of an object: the keys of new parents, and what is set on every update. */
const completeChanges = (state: InstanceState, queued: Queued): ReadonlySet<string> => {
  const { mapper } = state
  for (const reference of mapper.references) {
    if (state.originalReferences === undefined || !(reference.name in state.originalReferences)) continue
    const parent = parentOf(state, reference, queued)
    if (parent !== undefined) copyForeignKey(state, reference, parent)
  }
  const changed = new Set(changedColumns(state))
  if (changed.size === 0) return changed
  for (const { key, updateValue } of mapper.columns) {
    if (updateValue === undefined || changed.has(key)) continue
    putValue(state, key, updateValue())
    changed.add(key)
  }
  return changed
}

/**
 * Prepares changed rows for UPDATE: completes the changes and groups the rows by the columns that change. Rows without
 * a net change are in no batch. The changes are taken out of all states.
 *
 * @throws {FlushError} if an object cannot be written as it is; all states then have the values of the database
 */
export const prepareUpdates = (
  mapper: Mapper,
  states: ReadonlyArray<InstanceState>,
  queued: Queued = noneQueued,
): { readonly batches: ReadonlyArray<UpdateBatch>; readonly changes: ReadonlyArray<TakenChanges> } => {
  const batches = new Map<string, UpdateBatch & { states: Array<InstanceState>; parameters: Array<Parameters> }>()
  const changes: Array<TakenChanges> = []
  try {
    for (const state of states) {
      const changed = completeChanges(state, queued)
      const parameters = keyParameters(state)
      changes.push(takeChanges(state))
      if (changed.size === 0) continue
      const columns = mapper.columns.map(({ key }) => key).filter((key) => changed.has(key))
      for (const key of columns) parameters[valueParameter(key)] = state.values[key]
      const signature = columns.join()
      let batch = batches.get(signature)
      if (batch === undefined) {
        batch = { states: [], columns, parameters: [] }
        batches.set(signature, batch)
      }
      batch.states.push(state)
      batch.parameters.push(parameters)
    }
  } catch (error) {
    changes.forEach(restoreChanges)
    throw error
  }
  return { batches: [...batches.values()], changes }
}

/** Prepares rows for DELETE; changes of theirs that were not flushed are dropped. */
export const prepareDeletes = (states: ReadonlyArray<InstanceState>): DeleteBatch => {
  const parameters = states.map(keyParameters)
  return { states, changes: states.map(takeChanges), parameters }
}
