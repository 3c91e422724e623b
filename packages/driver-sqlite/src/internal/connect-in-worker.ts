import type { DriverConnection } from "@offloop/orm-async/driver"
import { openResident, type ResidentHandle } from "@offloop/runtime/callback"
import { locate, Task } from "@offloop/runtime/tasks"
import { closeInTurn } from "./close-in-turn.ts"
import { toDriverError } from "./driver-failure.ts"
import type { ServedConnection } from "./served-connection.ts"
import { returnFile, shareFile } from "./shared-files.ts"
import type { SqliteConfig } from "./sqlite-config.ts"
import { SqliteDriverConnection } from "./sqlite-driver-connection.ts"
import type { WorkerAttempt } from "./worker-attempt.ts"
import { Writer } from "./writer.ts"

// Sources run as .ts and the build as .js; the module has this one's extension.
const extension = import.meta.url.endsWith(".ts") ? ".ts" : ".js"
const module = new URL(`./sqlite-worker${extension}`, import.meta.url)
// Asked for at each use: a bundle names its modules after it has loaded this one.
const tasks = () =>
  Task.fromModule<typeof import("./sqlite-worker.ts")>(locate("@offloop/driver-sqlite/worker", module))

/** Opens a connection in a worker of its own. */
export const connectInWorker = (config: SqliteConfig, attempt: WorkerAttempt): void => {
  openResident(tasks().openConnection, config, { name: `sqlite:${config.path}` }, (opened) => {
    if (!opened.ok) return attempt.fail(toDriverError(opened.error, config))
    const remote = opened.value
    remote.call("location", [], (exit) => {
      if (exit.ok) return attempt.opened(workerConnection(remote, config, exit.value))
      attempt.fail(toDriverError(exit.error, config))
      remote.close(() => {})
    })
  })
}

const workerConnection = (
  remote: ResidentHandle<ServedConnection>,
  config: SqliteConfig,
  location: string | undefined,
): DriverConnection => {
  const file = location === undefined ? undefined : shareFile(location)
  return new SqliteDriverConnection({
    remote,
    config,
    schema: file?.schema ?? { epoch: 0 },
    writer: new Writer(file?.lock, config.busyTimeout),
    close: (closed) => {
      // Calls are answered in order: an answer to any tells that nothing is under way. That may take long, and is no reason
      // for others to wait.
      remote.call("location", [], () =>
        closeInTurn(file, (release) =>
          remote.close(() => {
            if (location !== undefined) returnFile(location)
            release()
            closed()
          }),
        ),
      )
    },
  })
}
