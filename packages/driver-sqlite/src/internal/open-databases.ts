import { globalValue } from "effect/GlobalValue"
import type { NativeDatabase } from "./better-sqlite3.ts"

/**
 * The databases that are open on this thread, by their connection's number.
 *
 * An object of the library cannot cross threads, so the loop finds one here exactly when it lives on the loop's thread.
 */
const open = globalValue("@offloop/driver-sqlite/openDatabases", () => new Map<number, NativeDatabase>())

export const rememberDatabase = (connection: number, database: NativeDatabase): void => {
  open.set(connection, database)
}

export const forgetDatabase = (connection: number): void => {
  open.delete(connection)
}

export const databaseOnThisThread = (connection: number): NativeDatabase | undefined => open.get(connection)
