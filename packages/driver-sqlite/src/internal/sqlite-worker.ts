/** Runs in the worker of a connection: a thread loads it by its URL. */
import { openDatabase } from "./open-database.ts"
import { ServedConnection } from "./served-connection.ts"
import type { SqliteConfig } from "./sqlite-config.ts"
import { SqliteConnection } from "./sqlite-connection.ts"

/** Opens a connection on the calling thread. This is the task that a worker runs. */
export const openConnection = (config: SqliteConfig): ServedConnection => {
  const schema = { epoch: 0 }
  return new ServedConnection(new SqliteConnection(openDatabase(config), config, schema), schema)
}
