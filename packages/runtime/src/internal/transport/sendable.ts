/** Finds what in a value cannot cross to another thread. Only for values that were refused: it is slow and exact. */

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

/** Follows values this deep; deeper ones are reported as a whole. */
const MAX_DEPTH = 200

/**
 * Finds the first part of `value` that cannot be cloned. `path` is what to call the value itself. */
export const findObstacle = (value: unknown, path: string): Obstacle => {
  const seen = new Set<object>()
  const search = (current: unknown, at: string, depth: number): Obstacle | undefined => {
    if (typeof current === "function") return { path: at, kind: functionKind(current) }
    if (typeof current === "symbol") return { path: at, kind: "symbol" }
    if (typeof current !== "object" || current === null || seen.has(current)) return undefined
    seen.add(current)
    if (depth < MAX_DEPTH) {
      for (const [label, part] of parts(current)) {
        const found = search(part, `${at}${label}`, depth + 1)
        if (found !== undefined) return found
      }
    }
    return clones(current) ? undefined : { path: at, kind: objectKind(current) }
  }
  return search(value, path, 0) ?? { path, kind: kindOf(value) }
}

const functionKind = (value: object): string => {
  const source = Function.prototype.toString.call(value)
  return source.startsWith("class") ? "class" : source.startsWith("async") ? "async function" : "function"
}

const objectKind = (value: object): string => {
  const name: unknown = value.constructor?.name
  return typeof name === "string" && name !== "" && name !== "Object" ? name : Object.prototype.toString.call(value)
}

const kindOf = (value: unknown): string =>
  typeof value === "object" && value !== null ? objectKind(value) : typeof value

function* parts(value: object): Generator<[label: string, part: unknown]> {
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) yield [`[${index}]`, value[index]]
  } else if (value instanceof Map) {
    let index = 0
    for (const [key, item] of value) {
      yield [`.keys[${index}]`, key]
      yield [typeof key === "string" ? `.get(${JSON.stringify(key)})` : `.values[${index}]`, item]
      index++
    }
  } else if (value instanceof Set) {
    let index = 0
    for (const item of value) yield [`.values[${index++}]`, item]
  } else if (!ArrayBuffer.isView(value)) {
    for (const key of Object.keys(value)) {
      let part: unknown
      try {
        part = (value as Record<string, unknown>)[key]
      } catch {
        continue
      }
      yield [/^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`, part]
    }
  }
}
