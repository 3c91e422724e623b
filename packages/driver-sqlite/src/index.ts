/**
 * SQLite for `@offloop/orm-async`, on better-sqlite3. Importing this package registers its driver for `sqlite://` URLs. It
 * loads no module of Effect; `@offloop/driver-sqlite/effect` has the Layer for programs with Effect.
 */
import { registerDriver } from "@offloop/orm-async/driver"
import { sqlite } from "./sqlite-driver.ts"

registerDriver(sqlite)

export { sqlite } from "./sqlite-driver.ts"
