/**
 * Where running code finds the call that it runs for, however many overlap. It hangs on the global object and not on a
 * module, because a program may come to load this module twice, bundled and not.
 */
import { AsyncLocalStorage } from "node:async_hooks"
import type { Scope } from "./scope.ts"

/** What code that runs for a call, maybe in a part of it, works with. */
export interface Here {
  readonly scope: Scope
  /** `undefined`: those of the caller. */
  readonly annotations: ReadonlyMap<string, unknown> | undefined
  /** The nearest first. `undefined`: those of the caller. */
  readonly logSpans: ReadonlyArray<readonly [label: string, startTime: number]> | undefined
  /** The nearest span of the code's own, or 0 for the caller's. */
  readonly span: number
}

interface Place {
  /** Follows code through its `await`s. There once something that asks for a call is loaded: nobody else pays for it. */
  storage: AsyncLocalStorage<Here> | undefined
  /** What code that runs now was entered with, as long as there is no storage. */
  now: Here | undefined
  /** What this thread's host knows of the call that runs, where nothing else does. */
  host: (() => Here | undefined) | undefined
  /** Is told when the storage is there. */
  onStorage: (() => void) | undefined
}

const key = Symbol.for("@offloop/runtime/context")
const holder = globalThis as { [key]?: Place }
holder[key] ??= { storage: undefined, now: undefined, host: undefined, onStorage: undefined }

/** This thread's place. */
export const place: Place = holder[key]

/** The call that the code which asks runs for. */
export const here = (): Here | undefined => place.storage?.getStore() ?? place.now ?? place.host?.()

/** From now on code is followed through its `await`s. To be called when a module that asks for calls is loaded. */
export const follow = (): void => {
  if (place.storage !== undefined) return
  place.storage = new AsyncLocalStorage()
  place.onStorage?.()
}

/** Runs a function, and everything that it starts, for a call. */
export const within = <A>(at: Here | undefined, run: () => A): A => {
  if (at === undefined) return run()
  if (place.storage !== undefined) return place.storage.run(at, run)
  const before = place.now
  place.now = at
  try {
    return run()
  } finally {
    place.now = before
  }
}
