/**
 * The fiber refs that cross, by their keys. They hang on the global object and not on a module, because a program may come
 * to load this module twice, bundled and not.
 */
import type * as FiberRef from "effect/FiberRef"

/** A fiber ref that crosses. */
export interface Crossing {
  readonly ref: FiberRef.FiberRef<unknown>
  /** What it has where nothing was set: that does not have to cross. */
  readonly initial: unknown
  readonly encode: (value: unknown) => unknown
  readonly decode: (value: unknown) => unknown
}

const key = Symbol.for("@offloop/runtime/crossing")
const holder = globalThis as { [key]?: Map<string, Crossing> }
holder[key] ??= new Map()

/** All that were made in this thread. */
export const crossings: Map<string, Crossing> = holder[key]
