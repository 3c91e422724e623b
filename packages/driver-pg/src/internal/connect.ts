import type { DriverConnection, DriverError, DriverOptions, Url } from "@offloop/orm-async"
import { Backend, InlineBackend, Resident, Task } from "@offloop/runtime"
import { locate } from "@offloop/runtime/threads"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import { parseConnectOptions } from "./connect-options.ts"
import { optionError, toDriverError } from "./driver-failure.ts"
import { addressOf, type PgConfig } from "./pg-config.ts"
import { ResidentConnection } from "./resident-connection.ts"

// Sources run as .ts and the build as .js; the module has this one's extension.
const extension = import.meta.url.endsWith(".ts") ? ".ts" : ".js"
const module = new URL(`./open-connection${extension}`, import.meta.url)
// Asked for at each use: a bundle names its modules after it has loaded this one.
const tasks = () => Task.fromModule<typeof import("./open-connection.ts")>(locate("@offloop/driver-pg/worker", module))

let lastId = 0

const openIn = (scope: Scope.CloseableScope, config: PgConfig) =>
  Resident.make(tasks().openConnection, config, { mode: "async", name: `postgresql:${addressOf(config)}` }).pipe(
    Effect.map((remote) => new ResidentConnection(remote, config, Scope.close(scope, Exit.void))),
    Effect.mapError((error) => toDriverError(error, config)),
    Scope.extend(scope),
  )

/** Opens one connection: a session on a socket of its own, on the loop's thread or in a worker, that ends with `close`. */
export const connect = (
  url: Url,
  options: DriverOptions,
): Effect.Effect<DriverConnection, DriverError, Backend.Backend> =>
  Effect.gen(function* () {
    const parsed = parseConnectOptions(url, options.connectArgs, process.env)
    if (Either.isLeft(parsed)) return yield* Effect.fail(optionError(parsed.left))
    const config: PgConfig = { ...parsed.right, id: ++lastId }
    const scope = yield* Scope.make()
    return yield* openIn(scope, config).pipe(
      options.placement === "inline" ? Effect.provideService(Backend.Backend, InlineBackend.backend) : (self) => self,
      Effect.onExit((exit) => (Exit.isSuccess(exit) ? Effect.void : Scope.close(scope, exit))),
    )
  })
