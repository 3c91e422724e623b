import type { BindNode } from "../expression/node.ts"

const areDistinct = (binds: ReadonlyArray<BindNode>): boolean => {
  if (binds.length > 8) return new Set(binds).size === binds.length
  for (let i = 1; i < binds.length; i++) if (binds.indexOf(binds[i]!) < i) return false
  return true
}

/**
 * The places that share a value node, as those of a CTE that is drawn from twice do. Part of the
 * cache's key: such a statement fills several places from one value where another of equal shape has several.
 */
export const sharedValues = (binds: ReadonlyArray<BindNode>): string => {
  if (areDistinct(binds)) return ""
  const first = new Map<BindNode, number>()
  const pattern = binds.map((bind, i) => {
    const known = first.get(bind)
    if (known === undefined) first.set(bind, i)
    return known ?? i
  })
  return `|shared ${pattern.join()}`
}
