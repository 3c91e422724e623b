import { loadBetterSqlite3, type NativeDatabase } from "./better-sqlite3.ts"
import type { SqliteConfig } from "./sqlite-config.ts"

/** SQLite keeps the journal that it has, without an error, where it cannot have the one that was asked for. */
const refusedJournal = (path: string, wanted: string | number, kept: unknown): Error =>
  Object.assign(
    new Error(`${path} cannot use the journal mode ${wanted} and keeps ${kept}; choose another with ?journal_mode=`),
    { code: "ERR_JOURNAL_MODE" },
  )

/** Opens a database on the calling thread. */
export const openDatabase = (config: SqliteConfig): NativeDatabase => {
  const Database = loadBetterSqlite3()
  const database = new Database(config.path, {
    readonly: config.readonly,
    fileMustExist: !config.create,
    timeout: config.busyTimeout,
  })
  try {
    // The library forbids changes while a query is being stepped. SQLite allows them, and so does Offloop: a program may
    // update the rows that it streams.
    database.unsafeMode(true)
    // The first read finds out whether the file is a database at all.
    database.pragma("schema_version")
    for (const [name, value] of config.pragmas) {
      const answer = database.pragma(`${name} = ${value}`, { simple: true })
      if (name === "journal_mode" && String(answer).toUpperCase() !== value)
        throw refusedJournal(config.path, value, answer)
    }
    return database
  } catch (error) {
    database.close()
    throw error
  }
}
