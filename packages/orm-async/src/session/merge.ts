import { attachState, stateOf } from "../entity/instance.ts"
import { InstanceState, sameValue, setReference, setValue } from "../entity/instance-state.ts"
import type { Mapper } from "../entity/mapper.ts"
import type { Procedure } from "../operation/operation.ts"
import type { SessionState } from "./session-state.ts"

/** Gives the session's object for a primary key, from the database if need be. */
export type Find = (mapper: Mapper, values: ReadonlyArray<unknown>) => Procedure<InstanceState | undefined>

/** A new object of a class, without its constructor being called. */
const blank = (mapper: Mapper): InstanceState => {
  const state = new InstanceState(mapper, Object.create(mapper.entity.prototype) as object, mapper.emptyValues())
  attachState(state)
  return state
}

/** Copies what is known of one object onto another. */
const copyColumns = (source: InstanceState, target: InstanceState): void => {
  for (const column of source.mapper.columns) {
    const value = source.values[column.key]
    if (value !== undefined && !sameValue(value, target.values[column.key])) setValue(target, column, value)
  }
}

/** The session's objects for those that are to be merged, and for those that they refer to. */
function* findTargets(
  session: SessionState,
  first: InstanceState,
  find: Find,
): Procedure<Map<InstanceState, InstanceState>> {
  const merged = new Map<InstanceState, InstanceState>()
  const waiting = [first]
  for (let source = waiting.pop(); source !== undefined; source = waiting.pop()) {
    if (merged.has(source)) continue
    const { mapper, values } = source
    if (source.owner === session) {
      merged.set(source, source)
      continue
    }
    const known = mapper.keyOf(values) !== undefined
    const key = mapper.primaryKeys.map((name) => values[name])
    merged.set(source, (known ? yield* find(mapper, key) : undefined) ?? blank(mapper))
    for (const name in source.references) {
      const target = source.references[name]
      if (target !== null && target !== undefined) waiting.push(stateOf(target))
    }
  }
  return merged
}

/**
 * Copies an object and those it refers to onto the session's objects with the same keys. Goes from object to object
 * with a list, not by recursion, since chains of references may be long or circular.
 */
export function* mergeInto(session: SessionState, first: InstanceState, find: Find): Procedure<InstanceState> {
  const merged = yield* findTargets(session, first, find)
  for (const [source, target] of merged) {
    if (source === target) continue
    copyColumns(source, target)
    if (target.owner === undefined) session.add(target.entity)
  }
  for (const [source, target] of merged) {
    if (source === target) continue
    for (const reference of source.mapper.references) {
      const value = source.references?.[reference.name]
      if (value === undefined) continue
      const copy = value === null ? null : (merged.get(stateOf(value))?.entity ?? null)
      setReference(target, reference, copy)
    }
  }
  return merged.get(first) as InstanceState
}
