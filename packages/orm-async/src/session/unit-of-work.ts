import { type InstanceState, storedValue } from "../entity/instance-state.ts"
import type { Mapper } from "../entity/mapper.ts"
import { orderRows, type RowLevel } from "./row-order.ts"
import { orderTables, type TableGroup } from "./table-order.ts"

/** The objects that a session wants written. */
export interface FlushWork {
  readonly inserts: Iterable<InstanceState>
  readonly updates: Iterable<InstanceState>
  readonly deletes: Iterable<InstanceState>
}

/** Rows of one class that are written in one go; steps follow each other. */
export interface FlushStep {
  readonly kind: "insert" | "update" | "delete"
  readonly mapper: Mapper
  readonly states: ReadonlyArray<InstanceState>
  /** Rows refer to rows of the same step, which stand before them: the order must be kept. */
  readonly ordered: boolean
}

interface MapperWork {
  readonly inserts: Array<InstanceState>
  readonly updates: Array<InstanceState>
  readonly deletes: Array<InstanceState>
}

const byMapper = (work: FlushWork): Map<Mapper, MapperWork> => {
  const groups = new Map<Mapper, MapperWork>()
  for (const kind of ["inserts", "updates", "deletes"] as const) {
    // Objects of a class mostly come in a row.
    let mapper: Mapper | undefined
    let states: Array<InstanceState> = []
    for (const state of work[kind]) {
      if (state.mapper !== mapper) {
        mapper = state.mapper
        let group = groups.get(mapper)
        if (group === undefined) {
          group = { inserts: [], updates: [], deletes: [] }
          groups.set(mapper, group)
        }
        states = group[kind]
      }
      states.push(state)
    }
  }
  return groups
}

const compareKeys = (left: InstanceState, right: InstanceState): number => {
  const [a, b] = [left.key, right.key]
  if (a === b || a === undefined || b === undefined) return 0
  return a < b ? -1 : 1
}

/** Rows in the order of their keys, so that sessions that change the same rows lock them in the same order. */
const inKeyOrder = (states: ReadonlyArray<InstanceState>): ReadonlyArray<InstanceState> => {
  const inOrder = states.every((state, at) => at === 0 || compareKeys(states[at - 1] as InstanceState, state) <= 0)
  return inOrder ? states : states.toSorted(compareKeys)
}

/** All rows of a kind in a group. */
const statesOf = (
  group: TableGroup,
  works: Map<Mapper, MapperWork>,
  kind: keyof MapperWork,
): ReadonlyArray<InstanceState> => {
  const [first, ...others] = group.mappers.map((mapper) => works.get(mapper)?.[kind] ?? [])
  return others.length === 0 ? (first ?? []) : [first ?? [], ...others].flat()
}

/**
 * The rows of a group of tables that refer to each other. Levels of one table are joined to one step where no row waits
 * for a generated key.
 */
const levelSteps = (kind: "insert" | "delete", levels: ReadonlyArray<RowLevel>): ReadonlyArray<FlushStep> => {
  const steps: Array<FlushStep & { states: Array<InstanceState> }> = []
  for (const level of levels) {
    let joinable = !level.needsKeys
    const byTable = Map.groupBy(level.states, (state) => state.mapper)
    for (const [mapper, states] of byTable) {
      const last = steps.at(-1)
      if (joinable && byTable.size === 1 && last?.mapper === mapper) for (const state of states) last.states.push(state)
      else steps.push({ kind, mapper, states, ordered: true })
      joinable = false
    }
  }
  return steps
}

const insertSteps = (group: TableGroup, works: Map<Mapper, MapperWork>): ReadonlyArray<FlushStep> => {
  const inserts = statesOf(group, works, "inserts")
  if (group.cyclic)
    return levelSteps(
      "insert",
      orderRows(inserts, (state, key) => state.values[key]),
    )
  return group.mappers.map((mapper) => ({ kind: "insert", mapper, states: inserts, ordered: false }))
}

const updateSteps = (group: TableGroup, works: Map<Mapper, MapperWork>): ReadonlyArray<FlushStep> =>
  group.mappers.map((mapper) => ({
    kind: "update",
    mapper,
    states: inKeyOrder(works.get(mapper)?.updates ?? []),
    ordered: false,
  }))

const deleteSteps = (group: TableGroup, works: Map<Mapper, MapperWork>): ReadonlyArray<FlushStep> => {
  const deletes = inKeyOrder(statesOf(group, works, "deletes"))
  if (!group.cyclic) return group.mappers.map((mapper) => ({ kind: "delete", mapper, states: deletes, ordered: false }))
  const levels = orderRows(deletes, storedValue).map((level) => ({ ...level, needsKeys: false }))
  return levelSteps("delete", levels.reverse())
}

/**
 * Plans a flush: in which order which rows are inserted, updated and deleted, so that every row that a foreign key
 * refers to is there when it is needed. Does no I/O and changes nothing; takes time in proportion to the rows.
 *
 * - tables in the order of their foreign keys; rows of tables that refer to themselves or to each other in the order of
 *   those rows
 * - for each table inserts, in the order in which objects were added, then updates in the order of keys
 * - then deletes, in the reverse order of tables
 *
 * @throws {CircularDependencyError} if rows depend on each other in a circle
 * @see SQLAlchemy `sqlalchemy.orm.unitofwork.UOWTransaction`
 */
export const planFlush = (work: FlushWork): ReadonlyArray<FlushStep> => {
  const works = byMapper(work)
  const groups = orderTables([...works.keys()])
  const steps = [
    ...groups.flatMap((group) => [...insertSteps(group, works), ...updateSteps(group, works)]),
    ...groups.toReversed().flatMap((group) => deleteSteps(group, works)),
  ]
  return steps.filter((step) => step.states.length > 0)
}
