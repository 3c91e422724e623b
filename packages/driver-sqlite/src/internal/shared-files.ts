import { WaitQueue } from "@offloop/orm-async/driver"
import type { SchemaEpoch } from "./schema-epoch.ts"
import { WriteLock } from "./write-lock.ts"

/** The connections of this process to one file share this. */
export interface SharedFile {
  readonly lock: WriteLock
  /** Held by the connection that is closing. */
  readonly closing: WaitQueue
  readonly schema: SchemaEpoch
}

interface Entry extends SharedFile {
  users: number
}

const key: unique symbol = Symbol.for("@offloop/driver-sqlite/sharedFiles") as never

const globals = globalThis as { [key]?: Map<string, Entry> }

// One map for all copies of this module that a program may have loaded.
globals[key] ??= new Map()
const files = globals[key]

/** Gives what is shared of a database file, by its one true path. Every call needs one {@link returnFile}. */
export const shareFile = (location: string): SharedFile => {
  const known = files.get(location)
  if (known !== undefined) {
    known.users++
    return known
  }
  const entry: Entry = { lock: new WriteLock(), closing: new WaitQueue(), schema: { epoch: 0 }, users: 1 }
  files.set(location, entry)
  return entry
}

/** Forgets a file once no connection uses it. */
export const returnFile = (location: string): void => {
  const entry = files.get(location)
  if (entry !== undefined && --entry.users === 0) files.delete(location)
}
