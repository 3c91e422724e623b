/**
 * Prepares what is cloned by the engine: a view of memory brings its own bytes alone, as with the codec, and a `Buffer` is
 * bytes like any other. The engine would send all of the memory that a view looks at, which for Node's small buffers holds
 * those of others.
 */
import { isGone } from "./built-in.ts"
import { moves } from "./moves.ts"
import { eachItem, entriesOf, isVast, itemsOf } from "./parts.ts"

/** The same value, or a copy whose views have memory of their own where some of its views look at a part. */
export const withOwnBytes = (value: unknown): unknown => (hasForeignBytes(value) ? copy(value, new Map()) : value)

/** Whether a view would bring more than its bytes, or its class along. Memory that is shared or moves is another matter. */
const isForeign = (view: ArrayBufferView): boolean => {
  const { buffer } = view
  if (!(buffer instanceof ArrayBuffer) || moves(buffer)) return false
  // Not all engines refuse it.
  if (isGone(view, buffer)) throw new TypeError("the memory of a view has moved away, or is too small for it")
  return (
    view.byteLength < buffer.byteLength ||
    (view instanceof Uint8Array && Object.getPrototypeOf(view) !== Uint8Array.prototype)
  )
}

const hasForeignBytes = (value: unknown): boolean => {
  const seen = new Set<object>()
  const open: unknown[] = [value]
  while (open.length > 0) {
    const next = open.pop()
    if (typeof next !== "object" || next === null || seen.has(next)) continue
    seen.add(next)
    if (ArrayBuffer.isView(next)) {
      if (isForeign(next)) return true
    } else if (Array.isArray(next)) {
      refuseVast(next)
      eachItem(next, (item) => open.push(item))
    } else if (next instanceof Map) {
      for (const [key, item] of entriesOf(next) ?? []) open.push(key, item)
    } else if (next instanceof Set) {
      for (const item of itemsOf(next) ?? []) open.push(item)
    } else if (isRecord(next)) {
      for (const key of Object.keys(next)) open.push((next as Record<string, unknown>)[key])
    }
  }
  return false
}

/** Refuses an array that this engine would look at place by place, for minutes. */
const refuseVast = (array: ReadonlyArray<unknown>): void => {
  if (isVast(array)) throw new RangeError(`an array with holes has ${array.length} places, too many for Bun to clone`)
}

/** Plain objects, and instances of the program's classes, which arrive as plain objects. */
const isRecord = (value: object): boolean =>
  Object.prototype.toString.call(value) === "[object Object]" && !moves(value)

const copy = (value: unknown, copies: Map<object, unknown>): unknown => {
  if (typeof value !== "object" || value === null) return value
  if (copies.has(value)) return copies.get(value)
  const keep = <A>(made: A): A => {
    copies.set(value, made)
    return made
  }
  if (ArrayBuffer.isView(value)) return keep(isForeign(value) ? ownBytes(value) : value)
  if (Array.isArray(value)) {
    const items: unknown[] = keep(new Array(value.length))
    eachItem(value, (item, index) => {
      items[index] = copy(item, copies)
    })
    return items
  }
  const entries = value instanceof Map ? entriesOf(value) : undefined
  if (entries !== undefined) {
    const map = keep(new Map<unknown, unknown>())
    for (const [key, item] of entries) map.set(copy(key, copies), copy(item, copies))
    return map
  }
  const all = value instanceof Set ? itemsOf(value) : undefined
  if (all !== undefined) {
    const set = keep(new Set<unknown>())
    for (const item of all) set.add(copy(item, copies))
    return set
  }
  if (!isRecord(value)) return value
  const record = keep({})
  for (const key of Object.keys(value)) {
    const item = copy((value as Record<string, unknown>)[key], copies)
    Object.defineProperty(record, key, { value: item, writable: true, enumerable: true, configurable: true })
  }
  return record
}

const ownBytes = (view: ArrayBufferView): ArrayBufferView => {
  const { buffer, byteOffset, byteLength } = view
  const own = (buffer as ArrayBuffer).slice(byteOffset, byteOffset + byteLength)
  if (view instanceof DataView) return new DataView(own)
  if (view instanceof Uint8Array) return new Uint8Array(own)
  return new (view.constructor as new (buffer: ArrayBuffer) => ArrayBufferView)(own)
}
