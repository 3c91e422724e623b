import { makeIdentityKey } from "../entity/identity-key.ts"
import { stateOf } from "../entity/instance.ts"
import type { InstanceState } from "../entity/instance-state.ts"
import type { Mapper } from "../entity/mapper.ts"
import { CircularDependencyError } from "../errors/index.ts"

/** Reads a column's value of a row: the one to be written, or the one that is stored. */
export type ReadValue = (state: InstanceState, key: string) => unknown

/** Rows with the same distance from those that depend on none, and whether they wait for keys yet to be generated. */
export interface RowLevel {
  readonly states: ReadonlyArray<InstanceState>
  readonly needsKeys: boolean
}

interface Dependencies {
  readonly of: Map<InstanceState, Set<InstanceState>>
  /** Rows with a foreign key that cannot be read before the row that it refers to has been inserted. */
  readonly needKeys: Set<InstanceState>
}

/** Finds rows by the columns that foreign keys refer to. */
class RowIndex {
  readonly #states: ReadonlyArray<InstanceState>
  readonly #read: ReadValue
  readonly #indexes = new Map<string, Map<unknown, InstanceState>>()

  constructor(states: ReadonlyArray<InstanceState>, read: ReadValue) {
    this.#states = states
    this.#read = read
  }

  find(foreignKey: Mapper["table"]["foreignKeys"][number], values: ReadonlyArray<unknown>): InstanceState | undefined {
    const toKey = makeIdentityKey(foreignKey.targets.map((column) => column.type))
    const name = foreignKey.targets.map((column) => column.node.shape).join()
    let index = this.#indexes.get(name)
    if (index === undefined) {
      index = new Map()
      for (const state of this.#states) {
        if (state.mapper.table !== foreignKey.target) continue
        const own = foreignKey.targets.map((column) => this.#read(state, column.key))
        if (isKnown(own)) index.set(toKey(own), state)
      }
      this.#indexes.set(name, index)
    }
    return index.get(toKey(values))
  }
}

const isKnown = (values: ReadonlyArray<unknown>): boolean =>
  !values.some((value) => value === undefined || value === null)

const findDependencies = (states: ReadonlyArray<InstanceState>, read: ReadValue): Dependencies => {
  const present = new Set(states)
  const index = new RowIndex(states, read)
  const of = new Map<InstanceState, Set<InstanceState>>()
  const needKeys = new Set<InstanceState>()
  for (const state of states) {
    const own = new Set<InstanceState>()
    for (const reference of state.mapper.references) {
      const target = state.references?.[reference.name]
      if (target === undefined || target === null) continue
      const parent = stateOf(target)
      if (!present.has(parent)) continue
      const known = isKnown(reference.pairs.map(({ remote }) => parent.values[remote]))
      if (!known) needKeys.add(state)
      // A row may refer to itself, if it has its key.
      if (parent !== state || !known) own.add(parent)
    }
    for (const foreignKey of state.mapper.table.foreignKeys) {
      const values = foreignKey.columns.map((column) => read(state, column.key))
      if (!isKnown(values)) continue
      const parent = index.find(foreignKey, values)
      if (parent !== undefined && parent !== state) own.add(parent)
    }
    of.set(state, own)
  }
  return { of, needKeys }
}

/** A circle among rows that wait for each other, for the message. */
const circleText = (waiting: ReadonlySet<InstanceState>, dependencies: Dependencies): string => {
  const path: Array<InstanceState> = []
  let state = [...waiting][0]
  while (state !== undefined && !path.includes(state) && path.length < 20) {
    path.push(state)
    state = [...(dependencies.of.get(state) ?? [])].find((one) => waiting.has(one))
  }
  const circle = state === undefined ? path : [...path.slice(path.indexOf(state)), state]
  return circle.map((one) => one.mapper.describe(one.values)).join(" -> ")
}

/**
 * Puts rows whose tables refer to each other in levels: a row depends on rows of earlier levels only. Within a level
 * the order is that in which they were given. Takes time in proportion to rows and references.
 *
 * @throws {CircularDependencyError} if rows depend on each other in a circle
 */
export const orderRows = (states: ReadonlyArray<InstanceState>, read: ReadValue): ReadonlyArray<RowLevel> => {
  const dependencies = findDependencies(states, read)
  const dependents = new Map<InstanceState, Array<InstanceState>>()
  const waitingFor = new Map<InstanceState, number>()
  for (const [state, parents] of dependencies.of) {
    waitingFor.set(state, parents.size)
    for (const parent of parents) {
      const list = dependents.get(parent)
      if (list === undefined) dependents.set(parent, [state])
      else list.push(state)
    }
  }
  const levels: Array<RowLevel> = []
  let done = 0
  let level = states.filter((state) => waitingFor.get(state) === 0)
  while (level.length > 0) {
    levels.push({ states: level, needsKeys: level.some((state) => dependencies.needKeys.has(state)) })
    done += level.length
    const next: Array<InstanceState> = []
    for (const state of level) {
      for (const dependent of dependents.get(state) ?? []) {
        const left = (waitingFor.get(dependent) as number) - 1
        waitingFor.set(dependent, left)
        if (left === 0) next.push(dependent)
      }
    }
    level = next
  }
  if (done < states.length) {
    const waiting = new Set(states.filter((state) => waitingFor.get(state) !== 0))
    throw new CircularDependencyError({
      message:
        `Circular dependency: ${circleText(waiting, dependencies)}. None of these rows can be written first. ` +
        "Leave one reference null, flush, then set it",
    })
  }
  return levels
}
