/**
 * What is to move to the other thread with the next message that holds it, instead of being copied. The marks are on
 * the transferable objects themselves, so that it does not matter how deep in a value they are, or what else is built
 * around them before they are sent.
 */
import { ENDLESS, parts } from "./parts.ts"

interface Marks {
  /** How many were marked and not sent yet. While there are none, nobody looks for them. */
  waiting: number
  readonly marked: WeakSet<object>
}

// By a global symbol, because a bundle can have this module twice: with the worker's entry and with the task.
const key = Symbol.for("@offloop/runtime/moves")
const holder = globalThis as { [key]?: Marks }
holder[key] ??= { waiting: 0, marked: new WeakSet() }
const marks = holder[key]

/**
 * Makes parts of a value move with the next call, result or stream item that holds them, instead of being copied: they
 * are gone on this side then. Gives the value itself. Does no I/O.
 *
 * What can move: `ArrayBuffer` (list `view.buffer` of a view) and `MessagePort` on all runtimes; the streams
 * `ReadableStream`, `WritableStream` and `TransformStream` on Node and Deno. A `SharedArrayBuffer` is shared without
 * this. Inline nothing moves, and nothing is copied either. A part that moved before, or that this runtime cannot move,
 * fails the call with `UnsendableError`, which says where it is. A task that is interrupted before it began has lost
 * what moved to its thread.
 *
 * ```ts
 * // grey.ts
 * import { transfer } from "@offloop/runtime/worker"
 *
 * export const grey = (pixels: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> => transfer(pixels.fill(128), [pixels.buffer])
 * ```
 *
 * ```ts
 * // main.ts
 * import { OffLoop, Task } from "@offloop/runtime"
 *
 * const tasks = Task.fromModule<typeof import("./grey.ts")>(new URL("./grey.ts", import.meta.url))
 * const pixels = new Uint8Array(64 * 1024 * 1024)
 *
 * const program = OffLoop.runSync(tasks.grey, Task.transfer(pixels, [pixels.buffer]))
 * ```
 *
 * @param list the parts to move, wherever in the value they are; what is plain data is a `TypeError`
 */
export const transfer = <A>(value: A, list: ReadonlyArray<object>): A => {
  for (const object of list) {
    if (isData(object)) throw new TypeError("transfer takes a list of what can move, such as an ArrayBuffer, not data")
    // Both threads have it without moving it.
    if (object instanceof SharedArrayBuffer || marks.marked.has(object)) continue
    marks.marked.add(object)
    marks.waiting++
  }
  return value
}

const isData = (value: unknown): boolean => {
  if (typeof value !== "object" || value === null || Array.isArray(value) || ArrayBuffer.isView(value)) return true
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

/** Whether an object moves with the next message that holds it. */
export const moves = (object: object): boolean => marks.waiting > 0 && marks.marked.has(object)

/** What in a value is to move, or `undefined` where nothing is. */
export const movesIn = (value: unknown): ReadonlyArray<object> | undefined => {
  if (marks.waiting === 0) return undefined
  const seen = new Set<object>()
  const found: object[] = []
  let level: unknown[] = [value]
  for (let depth = 0; level.length > 0 && depth < ENDLESS; depth++) {
    const below: unknown[] = []
    for (const part of level) {
      if (typeof part !== "object" || part === null) continue
      const object = memoryOf(part) ?? part
      if (seen.has(object)) continue
      seen.add(object)
      if (marks.marked.has(object)) found.push(object)
      else for (const [, inner] of parts(object)) below.push(inner)
    }
    level = below
  }
  return found.length === 0 ? undefined : found
}

// What a view says of itself may throw.
const memoryOf = (part: object): object | undefined => {
  try {
    return ArrayBuffer.isView(part) ? part.buffer : undefined
  } catch {
    return undefined
  }
}

/** A value that was to be sent was not: what in it was to move is copied when it is sent again. */
export const stay = (value: unknown): void => {
  const moving = movesIn(value)
  if (moving !== undefined) moved(moving)
}

/** They have moved. */
export const moved = (objects: ReadonlyArray<object>): void => {
  for (const object of objects) if (marks.marked.delete(object)) marks.waiting--
}
