import type { DriverBatchCall, DriverCall, DriverConnection, DriverCursor, DriverError } from "@offloop/orm-async"
import type { CallError, Resident } from "@offloop/runtime"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { failureState, lockTimeout, terminated, toDriverError } from "./driver-failure.ts"
import { databaseOnThisThread } from "./open-databases.ts"
import type { SqliteConfig } from "./sqlite-config.ts"
import type { ConnectionState, SqliteConnection } from "./sqlite-connection.ts"
import type { WriteLock } from "./write-lock.ts"

type Remote = Resident.Resident<SqliteConnection>
type Method = Resident.MethodName<SqliteConnection>
type Args<K extends Method> = Resident.MethodArgs<SqliteConnection, K>
type Answer<K extends Method> = Resident.MethodResult<SqliteConnection, K>

const inTransactionOf = (answer: unknown): boolean | undefined =>
  typeof answer === "object" && answer !== null && "inTransaction" in answer
    ? (answer as ConnectionState).inTransaction
    : undefined

/**
 * A {@link SqliteConnection}, wherever it lives, as the engine wants it; on the loop's thread.
 *
 * `terminate` fails what is pending and closes in the background: no thread can be stopped in the middle of SQLite, and one
 * that ends without closing its file can leave the file locked.
 */
export class ResidentConnection implements DriverConnection {
  readonly commit: Effect.Effect<void, DriverError>
  readonly rollback: Effect.Effect<void, DriverError>
  readonly reset: Effect.Effect<void, DriverError>
  readonly ping: Effect.Effect<void, DriverError>
  readonly close: Effect.Effect<void>
  readonly terminate: Effect.Effect<void>
  readonly #remote: Remote
  readonly #config: SqliteConfig
  readonly #lock: WriteLock | undefined
  readonly #pending = new Set<(error: DriverError) => void>()
  #inTransaction = false
  /** The lock is held for what a reset under way takes back. */
  #givingUp = false

  /** @param close closes the connection in order, after the calls made so far */
  constructor(remote: Remote, config: SqliteConfig, lock: WriteLock | undefined, close: Effect.Effect<void>) {
    this.#remote = remote
    this.#config = config
    this.#lock = lock
    this.commit = this.#call("commit", [])
    this.rollback = this.#call("rollback", [])
    // Whatever a caller can change and must not leave behind ends with its transaction.
    this.reset = this.rollback
    this.ping = this.#call("ping", [])
    this.close = Effect.ensuring(
      close,
      Effect.sync(() => this.#settle(false)),
    )
    this.terminate = Effect.suspend(() => {
      const pending = [...this.#pending]
      this.#pending.clear()
      for (const fail of pending) fail(terminated(config))
      return Effect.asVoid(Effect.forkDaemon(this.close))
    })
  }

  get driverConnection(): unknown {
    return databaseOnThisThread(this.#config.id)
  }

  execute(call: DriverCall): Effect.Effect<Answer<"execute">, DriverError> {
    return this.#call("execute", [call.sql, call.parameters, call.prelude, call.bigints], call.isWrite)
  }

  executeMany(call: DriverBatchCall): Effect.Effect<Answer<"executeMany">, DriverError> {
    return this.#call("executeMany", [call.sql, call.parameterSets, call.prelude, call.bigints], call.isWrite)
  }

  openCursor(call: DriverCall): Effect.Effect<DriverCursor, DriverError> {
    const opened = this.#call("openCursor", [call.sql, call.parameters, call.prelude, call.bigints], call.isWrite)
    return Effect.map(opened, ({ id, columns }) => ({
      columns,
      fetch: (size) => this.#call("fetch", [id, size]),
      close: this.#call("closeCursor", [id]),
    }))
  }

  /** A write that is sent behind it stands in line for the lock anew, if what is taken back holds it. */
  resetAhead(onDone: (error: DriverError | undefined) => void): void {
    const held = this.#lock?.isHeldBy(this) === true
    this.#givingUp = held
    this.#pending.add(onDone)
    this.#remote.unsafeCall("resetAhead", [], (exit) => {
      this.#givingUp = false
      this.#inTransaction = (exit.ok ? exit.value.inTransaction : this.#inTransactionAfter(exit.error)) ?? true
      // A lock that was not held before is that of a call behind this.
      if (held) this.#settle(undefined)
      if (this.#pending.delete(onDone)) onDone(exit.ok ? undefined : toDriverError(exit.error, this.#config))
    })
  }

  /**
   * Calls the connection, with the write lock if the call may write.
   *
   * An interrupted call is not abandoned: its statement may be running, and only its answer tells whether the lock is
   * still needed.
   */
  #call<K extends Method>(method: K, args: Args<K>, isWrite = false): Effect.Effect<Answer<K>, DriverError> {
    return Effect.async((resume) => {
      const fail = (error: DriverError): void => resume(Exit.fail(error))
      this.#pending.add(fail)
      const start = (): void => {
        this.#remote.unsafeCall(method, args, (exit) => {
          this.#pending.delete(fail)
          this.#settle(exit.ok ? inTransactionOf(exit.value) : this.#inTransactionAfter(exit.error))
          if (exit.ok) resume(Exit.succeed(exit.value))
          else fail(toDriverError(exit.error, this.#config))
        })
      }
      if (!isWrite || this.#lock === undefined) return start()
      if (!this.#givingUp && this.#lock.tryAcquire(this)) return start()
      return this.#waitFor(this.#lock, start, fail)
    })
  }

  /** Stands in line for the lock; the result leaves the line. */
  #waitFor(lock: WriteLock, start: () => void, fail: (error: DriverError) => void): Effect.Effect<void> {
    const { busyTimeout } = this.#config
    const leave = lock.wait(this, () => {
      clearTimeout(timer)
      start()
    })
    const giveUp = (): void => {
      clearTimeout(timer)
      leave()
      this.#pending.delete(fail)
    }
    const timer = setTimeout(() => {
      giveUp()
      fail(lockTimeout(busyTimeout, this.#config))
    }, busyTimeout)
    return Effect.sync(giveUp)
  }

  /** Keeps the lock for as long as a transaction is open, and no longer. */
  #settle(inTransaction: boolean | undefined): void {
    if (inTransaction !== undefined) this.#inTransaction = inTransaction
    if (!this.#inTransaction) this.#lock?.release(this)
  }

  #inTransactionAfter(error: CallError): boolean | undefined {
    if (error._tag === "WorkerCrashedError" || error._tag === "ResidentClosedError") return false
    return failureState(error)?.inTransaction
  }
}
