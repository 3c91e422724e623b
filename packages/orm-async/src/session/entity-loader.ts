import { attachState, replaceValues } from "../entity/instance.ts"
import { InstanceState, takeChanges } from "../entity/instance-state.ts"
import type { Mapper } from "../entity/mapper.ts"
import { InvalidRequestError } from "../errors/index.ts"
import { endedError, type SessionState } from "./session-state.ts"

/** A row as a statement gives it. */
export type LoadedRow = Record<string, unknown>

/** Options of reading rows into a session. */
export interface LoadOptions {
  /** Overwrite the values of objects that are loaded already, and drop their changes. */
  readonly populateExisting: boolean
  /** Rows may show what the transaction has changed behind the session's back. */
  readonly afterOwnStatements: boolean
}

/** Takes over the row's values for the columns that have none. */
const fillUnknown = (state: InstanceState, row: LoadedRow): void => {
  for (const { key } of state.mapper.columns) {
    const changed = state.originalValues !== undefined && key in state.originalValues
    if (state.values[key] === undefined && !changed) state.values[key] = row[key]
  }
  state.expired = false
}

/** Takes over all values of a row; what was changed and not flushed is lost. */
export const overwrite = (session: SessionState, state: InstanceState, row: LoadedRow): void => {
  takeChanges(state)
  session.modified.delete(state)
  replaceValues(state, row)
  state.references = undefined
  state.expired = false
}

/** Takes over a row's values of some columns. */
export const overwriteColumns = (
  session: SessionState,
  state: InstanceState,
  row: LoadedRow,
  keys: ReadonlyArray<string>,
): void => {
  for (const key of keys) {
    if (state.originalValues !== undefined) delete state.originalValues[key]
    state.values[key] = row[key]
    for (const { name } of state.mapper.column(key).references) {
      if (state.references !== undefined) delete state.references[name]
      if (state.originalReferences !== undefined) delete state.originalReferences[name]
    }
  }
  if (state.originalValues !== undefined && Object.keys(state.originalValues).length === 0) {
    takeChanges(state)
    session.modified.delete(state)
  }
}

/**
 * Makes the function that turns rows of a class into entities: the object that the session already has for a row's key,
 * or a new one, whose class's constructor is not called. Both throw `InvalidRequestError` where a row cannot be an object.
 *
 * A loaded object keeps its values, as in SQLAlchemy: within one session a row is one object, and what a program has
 * read from it does not change under its hands.
 */
export const entityLoader = (
  session: SessionState,
  mapper: Mapper,
  options: LoadOptions,
): ((row: LoadedRow) => object) => {
  if (session.ended) throw endedError()
  const known = session.identities.of(mapper)
  const prototype = mapper.entity.prototype
  return (row) => {
    const key = mapper.keyOf(row)
    if (key === undefined) {
      const columns = mapper.primaryKey.map((column) => column.key).join(", ")
      throw new InvalidRequestError({
        message: `A row of ${mapper.name} has NULL in its primary key (${columns}), so no object can stand for it. Select the columns instead`,
      })
    }
    let state = known.get(key)
    if (state === undefined) {
      state = new InstanceState(mapper, Object.create(prototype) as object, row)
      attachState(state)
      state.key = key
      state.owner = session
      known.set(key, state)
    } else {
      if (state.mapper !== mapper) mapper.requireInstance(state)
      if (options.populateExisting) overwrite(session, state, row)
      else if (state.expired) fillUnknown(state, row)
      else return state.entity
    }
    if (options.afterOwnStatements) session.log.push({ kind: "read", state })
    return state.entity
  }
}
