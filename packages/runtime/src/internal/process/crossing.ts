/** What cannot cross to another process, beyond what cannot cross to another thread. */
import { parts } from "../transport/parts.ts"
import { type Obstacle, obstacleIn } from "../transport/sendable.ts"

/** Classes whose instances the engine writes as bytes whole. */
const written = new Set([
  "Object",
  "Array",
  "Map",
  "Set",
  "Date",
  "RegExp",
  "Boolean",
  "Number",
  "String",
  "BigInt",
  "ArrayBuffer",
  "DataView",
  "Error",
])

/** The kind of an object that is more than its bytes, such as shared memory, a port or a Blob. */
const boundKind = (value: object): string | undefined => {
  if (value instanceof SharedArrayBuffer) return "SharedArrayBuffer"
  if (ArrayBuffer.isView(value)) {
    return value.buffer instanceof SharedArrayBuffer ? `${nameOf(value)} on a SharedArrayBuffer` : undefined
  }
  const name = nameOf(value)
  if (written.has(name) || value instanceof Error) return undefined
  const platform: unknown = (globalThis as Record<string, unknown>)[name]
  // The runtime's own class, not one of the program with the same name.
  return typeof platform === "function" && value instanceof platform ? name : undefined
}

const nameOf = (value: object): string => Object.prototype.toString.call(value).slice("[object ".length, -1)

/** The first part of a value that is bound to its process. `path` is what to call the value itself. */
export const boundIn = (value: unknown, path: string): Obstacle | undefined => {
  const seen = new Set<object>()
  const open: Array<{ readonly value: unknown; readonly path: string }> = [{ value, path }]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, path } = next
    if (typeof value !== "object" || value === null || seen.has(value)) continue
    seen.add(value)
    const kind = boundKind(value)
    if (kind !== undefined) return { path, kind }
    for (const [label, part] of parts(value)) open.push({ value: part, path: path + label })
  }
  return undefined
}

/** What in a value that was refused cannot cross. */
export const obstacle = (value: unknown, path: string): Obstacle =>
  boundIn(value, path) ?? obstacleIn(value, path) ?? { path, kind: "value" }
