import type { SharedFile } from "./shared-files.ts"

/**
 * Closes a connection when no other of its file is closing. SQLite leaves it to the last one to bring the write-ahead log
 * into the file and to remove it; of two that close at the same time each takes the other for one that stays.
 */
export const closeInTurn = (file: SharedFile | undefined, close: (release: () => void) => void): void => {
  if (file === undefined) return close(() => {})
  file.closing.whenFree(() => close(() => file.closing.release()))
}
