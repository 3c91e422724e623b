import type { Mapper } from "../entity/mapper.ts"

/** Classes that must be written together, because their tables refer to each other in a circle or to themselves. */
export interface TableGroup {
  readonly mappers: ReadonlyArray<Mapper>
  readonly cyclic: boolean
}

/**
 * Puts classes in the order in which their rows can be inserted: those that others refer to first. Classes whose tables
 * form a circle are one group. Otherwise the order is that in which they were given.
 *
 * Tarjan's algorithm for strongly connected components.
 */
export const orderTables = (mappers: ReadonlyArray<Mapper>): ReadonlyArray<TableGroup> => {
  const dependencies = new Map(
    mappers.map((mapper) => {
      const targets = new Set(mapper.table.foreignKeys.map((key) => key.target))
      return [mapper, mappers.filter(({ table }) => targets.has(table))] as const
    }),
  )
  const groups: Array<TableGroup> = []
  const found = new Map<Mapper, number>()
  const open: Array<Mapper> = []
  const visit = (mapper: Mapper): number => {
    const index = found.size
    let low = index
    found.set(mapper, index)
    open.push(mapper)
    for (const dependency of dependencies.get(mapper) ?? []) {
      if (!found.has(dependency)) low = Math.min(low, visit(dependency))
      else if (open.includes(dependency)) low = Math.min(low, found.get(dependency) as number)
    }
    if (low === index) {
      const group = open.splice(open.indexOf(mapper))
      groups.push({ mappers: group, cyclic: group.length > 1 || (dependencies.get(mapper) ?? []).includes(mapper) })
    }
    return low
  }
  for (const mapper of mappers) if (!found.has(mapper)) visit(mapper)
  return groups
}
