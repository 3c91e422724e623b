import type { DriverBatchCall, DriverCall, DriverConnection, DriverCursor, DriverError } from "@offloop/orm-async"
import type { Resident } from "@offloop/runtime"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { toDriverError } from "./driver-failure.ts"
import { clientOnThisThread } from "./open-clients.ts"
import type { PgConfig } from "./pg-config.ts"
import type { PgConnection, PgResult } from "./pg-connection.ts"
import type { Notice } from "./session.ts"

type Remote = Resident.Resident<PgConnection>
type Method = Resident.MethodName<PgConnection>
type Args<K extends Method> = Resident.MethodArgs<PgConnection, K>
type Answer<K extends Method> = Resident.MethodResult<PgConnection, K>

const logNotice = (notice: Notice): Effect.Effect<void> =>
  Effect.logDebug(`PostgreSQL ${notice.severity ?? "NOTICE"}: ${notice.message ?? ""}`).pipe(
    Effect.annotateLogs({ "db.response.status_code": notice.code ?? "" }),
  )

const withNotices = (result: PgResult): Effect.Effect<PgResult> =>
  result.notices.length === 0
    ? Exit.succeed(result)
    : Effect.as(Effect.forEach(result.notices, logNotice, { discard: true }), result)

/** A {@link PgConnection}, wherever it lives, as the engine wants it; on the loop's thread. */
export class ResidentConnection implements DriverConnection {
  readonly commit: Effect.Effect<void, DriverError>
  readonly rollback: Effect.Effect<void, DriverError>
  readonly reset: Effect.Effect<void, DriverError>
  readonly ping: Effect.Effect<void, DriverError>
  readonly close: Effect.Effect<void>
  readonly terminate: Effect.Effect<void>
  readonly #remote: Remote
  readonly #config: PgConfig

  /** @param close closes the connection in order */
  constructor(remote: Remote, config: PgConfig, close: Effect.Effect<void>) {
    this.#remote = remote
    this.#config = config
    this.commit = this.#call("commit", [])
    this.rollback = this.#call("rollback", [])
    this.reset = this.#call("reset", [])
    this.ping = this.#cancellable("ping", [])
    this.close = close
    // The object drops its socket, so that whatever waits for the server fails, and then there is nothing to wait for.
    this.terminate = Effect.suspend(() => {
      this.#remote.unsafeCall("destroy", [], () => {})
      return Effect.asVoid(Effect.forkDaemon(close))
    })
  }

  get driverConnection(): unknown {
    return clientOnThisThread(this.#config.id)
  }

  execute(call: DriverCall): Effect.Effect<PgResult, DriverError> {
    const { sql, parameters, prelude, bigints } = call
    return Effect.flatMap(this.#cancellable("execute", [sql, parameters, prelude, bigints]), withNotices)
  }

  executeMany(call: DriverBatchCall): Effect.Effect<PgResult, DriverError> {
    const { sql, parameterSets, prelude, bigints } = call
    return Effect.flatMap(this.#cancellable("executeMany", [sql, parameterSets, prelude, bigints]), withNotices)
  }

  openCursor(call: DriverCall): Effect.Effect<DriverCursor, DriverError> {
    const { sql, parameters, prelude, bigints, isWrite } = call
    return Effect.map(
      this.#cancellable("openCursor", [sql, parameters, prelude, bigints, isWrite]),
      ({ id, columns }) => ({
        columns,
        fetch: (size) => this.#cancellable("fetch", [id, size]),
        close: this.#call("closeCursor", [id]),
      }),
    )
  }

  /** Calls the connection. Interruption returns at once, and the call runs to its end. */
  #call<K extends Method>(method: K, args: Args<K>): Effect.Effect<Answer<K>, DriverError> {
    return Effect.async((resume) => {
      this.#start(method, args, resume)
    })
  }

  /** Calls the connection. Interruption returns at once, and has the server stop what it does for the call. */
  #cancellable<K extends Method>(method: K, args: Args<K>): Effect.Effect<Answer<K>, DriverError> {
    return Effect.async((resume) => {
      const id = this.#start(method, args, resume)
      return Effect.sync(() => {
        this.#remote.unsafeAbandon(id)
        // Where the server cannot be asked, the statement runs to its end, and the next call waits for that.
        this.#remote.unsafeCall("cancel", [], () => {})
      })
    })
  }

  #start<K extends Method>(
    method: K,
    args: Args<K>,
    resume: (exit: Exit.Exit<Answer<K>, DriverError>) => void,
  ): number {
    return this.#remote.unsafeCall(method, args, (exit) =>
      resume(exit.ok ? Exit.succeed(exit.value) : Exit.fail(toDriverError(exit.error, this.#config))),
    )
  }
}
