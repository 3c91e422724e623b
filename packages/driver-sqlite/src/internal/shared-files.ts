import * as Effect from "effect/Effect"
import * as GlobalValue from "effect/GlobalValue"
import { WriteLock } from "./write-lock.ts"

/** What the connections of this process to one file share. */
export interface SharedFile {
  readonly lock: WriteLock
  /** Held by the connection that is closing. */
  readonly closing: Effect.Semaphore
}

interface Entry extends SharedFile {
  users: number
}

/** The files that are open, also where this module was loaded twice. */
const files = GlobalValue.globalValue("@offloop/driver-sqlite/sharedFiles", () => new Map<string, Entry>())

/** What is shared of a database file, by its one true path. Every call needs one {@link returnFile}. */
export const shareFile = (location: string): SharedFile => {
  const known = files.get(location)
  if (known !== undefined) {
    known.users++
    return known
  }
  const entry: Entry = { lock: new WriteLock(), closing: Effect.unsafeMakeSemaphore(1), users: 1 }
  files.set(location, entry)
  return entry
}

/** Forgets a file once no connection uses it. */
export const returnFile = (location: string): void => {
  const entry = files.get(location)
  if (entry !== undefined && --entry.users === 0) files.delete(location)
}
