import * as Effect from "effect/Effect"
import type { SessionError } from "../session-error.ts"
import { attempt } from "./attempt.ts"
import { attachState, stateOf } from "./instance.ts"
import { InstanceState, sameValue, setReference, setValue } from "./instance-state.ts"
import type { Mapper } from "./mapper.ts"
import type { SessionState } from "./session-state.ts"

/** Gives the session's object for a primary key, from the database if need be. */
type Find = (mapper: Mapper, values: ReadonlyArray<unknown>) => Effect.Effect<InstanceState | undefined, SessionError>

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

/**
 * Copies an object and those it refers to onto the session's objects with the same keys. Goes from object to object
 * with a list, not by recursion, since chains of references may be long or circular.
 */
export const mergeInto = (
  session: SessionState,
  first: InstanceState,
  find: Find,
): Effect.Effect<InstanceState, SessionError> =>
  Effect.gen(function* () {
    const merged = new Map<InstanceState, InstanceState>()
    const waiting = [first]
    for (let source = waiting.pop(); source !== undefined; source = waiting.pop()) {
      if (merged.has(source)) continue
      const { mapper, values } = source
      const own = source.owner === session
      const known = mapper.keyOf(values) !== undefined
      const found =
        own || !known
          ? undefined
          : yield* find(
              mapper,
              mapper.primaryKey.map(({ key }) => values[key]),
            )
      merged.set(source, own ? source : (found ?? blank(mapper)))
      if (own) continue
      for (const name in source.references) {
        const target = source.references[name]
        if (target !== null && target !== undefined) waiting.push(stateOf(target))
      }
    }
    yield* attempt(() => {
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
    })
    return merged.get(first) as InstanceState
  })
