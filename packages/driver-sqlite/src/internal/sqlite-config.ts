import { createRequire } from "node:module"

// Node makes a module of all that `node:fs` has when it is imported, which costs more than the whole driver.
const { realpathSync }: typeof import("node:fs") = createRequire(import.meta.url)("node:fs")

/** The settings of one connection, as they cross to the thread that opens it. */
export interface SqliteConfig {
  /** A file's path, or `:memory:`. */
  readonly path: string
  readonly readonly: boolean
  /** Creates a file that does not exist. */
  readonly create: boolean
  /** The time for which a statement waits for a lock that somebody else holds, in milliseconds. */
  readonly busyTimeout: number
  /** The number of prepared statements that are kept. */
  readonly statementCacheSize: number
  /** `PRAGMA name = value` for each, in this order, after opening. */
  readonly pragmas: ReadonlyArray<readonly [name: string, value: string | number]>
}

export const memoryPath = ":memory:"

/** The one name of a database's file, however it was spelled; undefined for a database in memory. */
export const databaseLocation = ({ path }: SqliteConfig): string | undefined =>
  path === memoryPath ? undefined : realpathSync.native(path)
