import type { PgConfig } from "./pg-config.ts"
import { PgConnection } from "./pg-connection.ts"

/** Opens a connection on the calling thread. This is the task that a worker, or the loop's own thread, runs. */
export const openConnection = async (config: PgConfig): Promise<PgConnection> => {
  const connection = new PgConnection(config)
  try {
    await connection.open()
    return connection
  } catch (error) {
    connection.destroy()
    throw error
  }
}
