import type { DriverConnection, DriverError, DriverOptions, Url } from "@offloop/orm-async"
import { Backend, InlineBackend, Resident, Task } from "@offloop/runtime"
import { locate } from "@offloop/runtime/threads"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import { parseConnectOptions } from "./connect-options.ts"
import { optionError, toDriverError } from "./driver-failure.ts"
import { ResidentConnection } from "./resident-connection.ts"
import { returnFile, type SharedFile, shareFile } from "./shared-files.ts"
import type { SqliteConfig } from "./sqlite-config.ts"

// Sources run as .ts and the build as .js; the module has this one's extension.
const extension = import.meta.url.endsWith(".ts") ? ".ts" : ".js"
const module = new URL(`./open-connection${extension}`, import.meta.url)
// Asked for at each use: a bundle names its modules after it has loaded this one.
const tasks = () =>
  Task.fromModule<typeof import("./open-connection.ts")>(locate("@offloop/driver-sqlite/worker", module))

let lastId = 0

const sharedFile = (location: string) =>
  Effect.acquireRelease(
    Effect.sync(() => shareFile(location)),
    () => Effect.sync(() => returnFile(location)),
  )

/**
 * Closes a connection when no other of its file is closing. SQLite leaves it to the last one to bring the write-ahead log
 * into the file and to remove it; of two that close at the same time each takes the other for one that stays.
 */
const closeInTurn = (
  idle: Effect.Effect<unknown, unknown>,
  file: SharedFile | undefined,
  close: Effect.Effect<void>,
): Effect.Effect<void> =>
  file === undefined
    ? close
    : // What it is still doing may take long, and is no reason for others to wait.
      Effect.uninterruptible(Effect.zipRight(Effect.exit(idle), file.closing.withPermits(1)(close)))

const openIn = (scope: Scope.CloseableScope, config: SqliteConfig) =>
  Effect.gen(function* () {
    const remote = yield* Resident.make(tasks().openConnection, config, { name: `sqlite:${config.path}` })
    const location = yield* remote.call("location")
    const file = location === undefined ? undefined : yield* sharedFile(location)
    // Calls are answered in order: an answer to any tells that nothing is under way.
    const close = closeInTurn(remote.call("location"), file, Scope.close(scope, Exit.void))
    return new ResidentConnection(remote, config, file?.lock, close)
  }).pipe(
    Effect.mapError((error) => toDriverError(error, config)),
    Scope.extend(scope),
  )

/** Opens one connection: an object in a worker of its own, or on the loop's thread, that ends with `close`. */
export const connect = (
  url: Url,
  options: DriverOptions,
): Effect.Effect<DriverConnection, DriverError, Backend.Backend> =>
  Effect.gen(function* () {
    if (url.host !== undefined) {
      return yield* Effect.fail(
        optionError(
          `A SQLite URL has no host ("${url.host}"): write sqlite:///relative.db, sqlite:////absolute.db or sqlite://`,
        ),
      )
    }
    const parsed = parseConnectOptions(url.database, options.connectArgs)
    if (Either.isLeft(parsed)) return yield* Effect.fail(optionError(parsed.left))
    const config: SqliteConfig = { ...parsed.right, id: ++lastId }
    const inline = options.placement === "inline"
    const scope = yield* Scope.make()
    return yield* openIn(scope, config).pipe(
      inline ? Effect.provideService(Backend.Backend, InlineBackend.backend) : (self) => self,
      Effect.onExit((exit) => (Exit.isSuccess(exit) ? Effect.void : Scope.close(scope, exit))),
    )
  })
