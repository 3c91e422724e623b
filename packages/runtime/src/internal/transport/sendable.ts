/** What can cross to another thread, and what in a value cannot. */

import { isGone } from "./built-in.ts"
import { moves, movesIn } from "./moves.ts"
import { causeOf, entriesOf, isVast, parts, placesOf, Unreadable, unreadableObject } from "./parts.ts"
import { platformKind, platformObjectIn } from "./platform-object.ts"

/** Where and what. */
export interface Obstacle {
  readonly path: string
  readonly kind: string
}

/** Whether the engine clones a value. */
export const clones = (value: unknown): boolean => {
  try {
    structuredClone(value)
    return true
  } catch {
    return false
  }
}

/** Follows values this deep; deeper ones are taken as a whole. */
const MAX_DEPTH = 200

/** Whether a value can cross, without making a copy of the memory in it. */
export const crosses = (value: unknown): boolean => {
  try {
    return check(value, new Set(), 0)
  } catch {
    // An accessor threw.
    return false
  }
}

const check = (value: unknown, seen: Set<object>, depth: number): boolean => {
  if (typeof value !== "object" || value === null) return typeof value !== "function" && typeof value !== "symbol"
  if (Array.isArray(value) && isFlat(value)) return true
  if (seen.has(value)) return true
  seen.add(value)
  const memory = memoryOf(value)
  if (memory !== undefined) return !gone(value, memory)
  if (moves(value)) return true
  if (depth === MAX_DEPTH) return clonesWhole(value)
  if (Array.isArray(value)) {
    for (const place of placesOf(value)) if (!check(value[place], seen, depth + 1)) return false
    return true
  }
  const prototype: unknown = Object.getPrototypeOf(value)
  const entries = prototype === Map.prototype ? entriesOf(value) : undefined
  if (entries !== undefined) {
    for (const [key, item] of entries) {
      if (!check(key, seen, depth + 1) || !check(item, seen, depth + 1)) return false
    }
    return true
  }
  // Bun clones an error without a cause that it cannot clone.
  if (value instanceof Error && !check(causeOf(value), seen, depth + 1)) return false
  // Arguments objects, module namespaces and the like pass for plain objects but are not.
  if (prototype !== Object.prototype || Symbol.toStringTag in value || Symbol.iterator in value)
    return clonesWhole(value)
  for (const key of Object.keys(value)) {
    if (!check((value as Record<string, unknown>)[key], seen, depth + 1)) return false
  }
  return true
}

const clonesWhole = (value: object): boolean => clones(value) && platformObjectIn(value, "", true) === undefined

/** Whether nothing in an array has to be looked into: parameters and rows, which can be long. */
const isFlat = (array: ReadonlyArray<unknown>): boolean => {
  for (let index = 0; index < array.length; index++) {
    const item = array[index]
    // One with holes may be billions long.
    if (item === undefined && !(index in array)) return false
    const type = typeof item
    if ((type === "object" && item !== null) || type === "function" || type === "symbol") return false
  }
  return true
}

/**
 * Finds the first part of `value` that cannot cross. `path` is what to call the value itself. Only for values that were
 * refused: it is slow and exact.
 */
export const findObstacle = (value: unknown, path: string): Obstacle =>
  obstacleIn(value, path) ?? immovableIn(value, path) ?? { path, kind: kindOf(value) }

/** The first part that cannot be cloned, apart from what is to move. */
export const obstacleIn = (value: unknown, path: string): Obstacle | undefined => {
  const seen = new Set<object>()
  const search = (current: unknown, at: string, depth: number): Obstacle | undefined => {
    if (typeof current === "function") return { path: at, kind: functionKind(current) }
    if (typeof current === "symbol") return { path: at, kind: "symbol" }
    if (typeof current !== "object" || current === null || seen.has(current)) return undefined
    seen.add(current)
    try {
      return inspect(current, at, depth)
    } catch {
      return { path: at, kind: unreadableObject }
    }
  }
  const inspect = (current: object, at: string, depth: number): Obstacle | undefined => {
    if (current instanceof Unreadable) return { path: at, kind: current.kind }
    const memory = memoryOf(current)
    if (memory !== undefined)
      return gone(current, memory)
        ? { path: at, kind: `${detached(memory) ? "detached" : "out-of-bounds"} ${objectKind(current)}` }
        : undefined
    if (moves(current)) return undefined
    if (Array.isArray(current) && isVast(current)) return { path: at, kind: "array with too many holes" }
    const platform = platformKind(current, true)
    if (platform !== undefined) return { path: at, kind: platform }
    if (depth < MAX_DEPTH) {
      for (const [label, part] of parts(current)) {
        const found = search(part, `${at}${label}`, depth + 1)
        if (found !== undefined) return found
      }
    }
    return movesIn(current) !== undefined || clones(current) ? undefined : { path: at, kind: objectKind(current) }
  }
  return search(value, path, 0)
}

/** The first part that is to move and that no runtime is known to move, or only some: for a value the engine refused. */
export const immovableIn = (value: unknown, path: string): Obstacle | undefined => {
  const seen = new Set<object>()
  const search = (current: unknown, at: string): Obstacle | undefined => {
    if (typeof current !== "object" || current === null || seen.has(current)) return undefined
    seen.add(current)
    try {
      return inspect(current, at)
    } catch {
      return { path: at, kind: unreadableObject }
    }
  }
  const inspect = (current: object, at: string): Obstacle | undefined => {
    if (moves(current)) return memoryOf(current) === undefined ? immovable(current, at) : undefined
    // A view's own type does not matter: of its memory some cannot move, as that of Node's pool of small buffers.
    if (ArrayBuffer.isView(current))
      return moves(current.buffer) && pooled(current) ? immovable(current, at) : undefined
    for (const [label, part] of parts(current)) {
      const found = search(part, `${at}${label}`)
      if (found !== undefined) return found
    }
    return undefined
  }
  return search(value, path)
}

const immovable = (object: object, path: string): Obstacle => ({ path, kind: `untransferable ${objectKind(object)}` })

const pooled = (view: ArrayBufferView): boolean => view.byteLength < view.buffer.byteLength

/** The memory that a value is, or looks at. */
const memoryOf = (value: object): ArrayBufferLike | undefined => {
  if (ArrayBuffer.isView(value)) return value.buffer
  return value instanceof ArrayBuffer || value instanceof SharedArrayBuffer ? value : undefined
}

/** Whether memory has moved away, or has become too small for the view that looks at it. */
const gone = (value: object, memory: ArrayBufferLike): boolean =>
  memory instanceof ArrayBuffer && (ArrayBuffer.isView(value) ? isGone(value, memory) : memory.detached)

/** Whether memory has moved away. */
const detached = (memory: ArrayBufferLike): boolean => memory instanceof ArrayBuffer && memory.detached

const functionKind = (value: object): string => {
  const source = sourceOf(value)
  return source.startsWith("class") ? "class" : source.startsWith("async") ? "async function" : "function"
}

// A function behind a proxy has none.
const sourceOf = (value: object): string => {
  try {
    return Function.prototype.toString.call(value)
  } catch {
    return ""
  }
}

const objectKind = (value: object): string => {
  try {
    const name: unknown = value.constructor?.name
    return typeof name === "string" && name !== "" && name !== "Object" ? name : Object.prototype.toString.call(value)
  } catch {
    return unreadableObject
  }
}

const kindOf = (value: unknown): string =>
  typeof value === "object" && value !== null ? objectKind(value) : typeof value
