/**
 * Objects of the runtime that are more than data: a URL, a Request, a WebAssembly module, a Blob. Each engine clones others
 * of them, and some clone them to an empty object without a word, so what crosses is decided here for all.
 */
import { moves } from "./moves.ts"
import { causeOf, ENDLESS, eachItem, entriesOf, itemsOf, parts } from "./parts.ts"
import type { Obstacle } from "./sendable.ts"

/** Classes whose instances every engine writes as bytes whole. */
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

/** What threads of one process can have in common beside that, on the runtimes that bring it there whole. */
const shared = new Set(["SharedArrayBuffer", "Blob"])

// Deno makes an empty object of one.
if (!("Deno" in globalThis)) shared.add("CryptoKey")

/** Namespaces of classes that have no name of their own on the global object. */
const namespaces = /^(WebAssembly|Intl|Temporal)\./

/** The kind of an object that cannot cross because it is the runtime's own, or `undefined` for others. */
export const platformKind = (value: object, toThread: boolean): string | undefined => {
  if (ArrayBuffer.isView(value)) {
    return toThread || !(value.buffer instanceof SharedArrayBuffer)
      ? undefined
      : `${nameOf(value)} on a SharedArrayBuffer`
  }
  // Node and Deno write one for a process as an Error without name and message.
  if (value instanceof DOMException) return toThread ? undefined : "DOMException"
  if (value instanceof Error) return undefined
  const name = platformName(value)
  return name === undefined || written.has(name) || (toThread && shared.has(name)) ? undefined : name
}

/** Prototypes are followed this far: a proxy may give new ones for ever. */
const MAX_PROTOTYPES = 100

/**
 * The name of the runtime's class that an object is of, or of the runtime's object that it is. The prototypes tell it: an
 * object, and a class of the program that extends one of the runtime's, may call itself anything.
 */
const platformName = (value: object): string | undefined => {
  let at: object | null = value
  for (let step = 0; at !== null && step < MAX_PROTOTYPES; step++) {
    const name: unknown = Object.getOwnPropertyDescriptor(at, Symbol.toStringTag)?.value
    if (typeof name === "string") {
      if (namespaces.test(name)) return name
      const platform = (globalThis as Record<string, unknown>)[name]
      // Math, and what belongs to URL. Not what the program has under that name.
      // Bun's File has the tag of a Blob.
      if (name === "Blob" && platform !== undefined && value instanceof File) return "File"
      if (platform === at || (typeof platform === "function" && platform.prototype === at)) return name
    }
    at = Object.getPrototypeOf(at) as object | null
  }
  // It has no name of its own on Node.
  return value === globalThis.navigator ? "Navigator" : undefined
}

const nameOf = (value: object): string => Object.prototype.toString.call(value).slice("[object ".length, -1)

/**
 * Finds the first part of a value that is the runtime's own. `path` is what to call the value itself; what is to move to a
 * thread is left out. Never throws: what cannot be read is refused by whoever reads it.
 */
export const platformObjectIn = (value: unknown, path: string, toThread: boolean): Obstacle | undefined => {
  if (typeof value !== "object" || value === null || isFree(value, toThread)) return undefined
  const seen = new Set<object>()
  const open = [{ value: value as object, path, depth: 0 }]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, path, depth } = next
    if (seen.has(value)) continue
    seen.add(value)
    if (toThread && moves(value)) continue
    if (depth === ENDLESS) return { path: shortened(path), kind: "object nested too deep" }
    try {
      const kind = platformKind(value, toThread)
      if (kind !== undefined) return { path, kind }
    } catch {
      continue
    }
    for (const [label, part] of parts(value)) {
      if (typeof part === "object" && part !== null) open.push({ value: part, path: path + label, depth: depth + 1 })
    }
  }
  return undefined
}

/** Whether there is none: the same search without paths, level by level. Nearly every value ends here. */
const isFree = (value: object, toThread: boolean): boolean => {
  const seen = new Set<object>()
  let level: object[] = [value]
  for (let depth = 0; level.length > 0; depth++) {
    if (depth === ENDLESS) return false
    const below: object[] = []
    for (const object of level) {
      if (seen.has(object) || (toThread && moves(object))) continue
      seen.add(object)
      try {
        if (platformKind(object, toThread) !== undefined) return false
        collect(object, below)
      } catch {
        // What throws is no platform object; whoever encodes the value meets it too.
      }
    }
    level = below
  }
  return true
}

/** Adds the objects that an object consists of. */
const collect = (object: object, to: object[]): void => {
  const add = (part: unknown): void => {
    if (typeof part === "object" && part !== null) to.push(part)
  }
  if (Array.isArray(object)) eachItem(object, add)
  else if (object instanceof Error) add(causeOf(object))
  else if (object instanceof Map) {
    for (const [key, item] of entriesOf(object) ?? []) {
      add(key)
      add(item)
    }
  } else if (object instanceof Set) for (const item of itemsOf(object) ?? []) add(item)
  else if (!ArrayBuffer.isView(object)) {
    for (const key of Object.keys(object)) add((object as Record<string, unknown>)[key])
  }
}

const shortened = (path: string): string => (path.length <= 200 ? path : `${path.slice(0, 200)}…`)

/** Searches a value that is to go to another process. */
export const boundIn = (value: unknown, path: string): Obstacle | undefined => platformObjectIn(value, path, false)
