import type { PgConfig } from "./pg-config.ts"
import { WorkerConnection } from "./worker-connection.ts"

/**
 * Opens a connection on the calling thread, which is a worker. The thread ends when the connection is lost while nothing
 * is under way: so the loop hears of it, and does not lend the connection again.
 */
export const openConnection = async (config: PgConfig): Promise<WorkerConnection> => {
  let isOpen = false
  const connection = new WorkerConnection(config, () => {
    if (isOpen) process.exit()
  })
  await connection.open()
  isOpen = true
  return connection
}
