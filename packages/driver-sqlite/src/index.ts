/**
 * SQLite for `@offloop/orm-async`, on better-sqlite3. Importing this package registers its driver for `sqlite://` URLs.
 */
import { registerDriver } from "@offloop/orm-async"
import { sqlite } from "./sqlite-driver.ts"

registerDriver(sqlite)

export { sqlite } from "./sqlite-driver.ts"
export * as SqliteEngine from "./sqlite-engine.ts"
