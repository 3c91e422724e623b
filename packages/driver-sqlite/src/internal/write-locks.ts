import { GlobalValue } from "effect"
import { WriteLock } from "./write-lock.ts"

interface Shared {
  readonly lock: WriteLock
  users: number
}

/** One lock for each file that is open, also where this module was loaded twice. */
const locks = GlobalValue.globalValue("@offloop/driver-sqlite/writeLocks", () => new Map<string, Shared>())

/** The lock of a database file by its one true path. Every call needs one {@link returnWriteLock}. */
export const shareWriteLock = (location: string): WriteLock => {
  const known = locks.get(location)
  if (known !== undefined) {
    known.users++
    return known.lock
  }
  const shared: Shared = { lock: new WriteLock(), users: 1 }
  locks.set(location, shared)
  return shared.lock
}

/** Forgets a file's lock once no connection uses it. */
export const returnWriteLock = (location: string): void => {
  const shared = locks.get(location)
  if (shared !== undefined && --shared.users === 0) locks.delete(location)
}
