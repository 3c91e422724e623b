import type { TaskError } from "@offloop/runtime/callback"
import { Task } from "@offloop/runtime/callback"
import type { SqlError } from "../errors/index.ts"
import type { Run, Style } from "../style.ts"

/**
 * A reference to an exported function whose first parameter is a synchronous connection or session (`Subject`), and whose
 * others are `Args`. {@link syncTasks} makes one.
 */
export interface SyncTask<in Subject, in Args extends ReadonlyArray<unknown>, out A> {
  /** The module's absolute URL. */
  readonly module: string
  /** The name of the export. */
  readonly name: string
  /** Carries the types; not there at run time. */
  readonly "~types"?: (subject: Subject, ...args: Args) => A
}

/** The functions of a module that can be run beside a connection. */
export type SyncTasks<M> = {
  readonly [K in keyof M as M[K] extends (subject: never, ...args: never) => unknown ? K : never]: M[K] extends (
    subject: infer Subject,
    ...args: infer Args extends ReadonlyArray<unknown>
  ) => infer A
    ? SyncTask<Subject, Task.SendableArgs<Args>, A>
    : never
}

/**
 * The functions of a module, as references that `runSync` takes. Does no I/O: the module is loaded where a function runs,
 * when it first runs.
 *
 * @param module the module's absolute URL
 * @example
 * ```ts
 * // report.ts
 * import { type Connection, textClause } from "@offloop/orm-async/sync"
 *
 * export const count = (conn: Connection, table: string): number =>
 *   Number(conn.scalar(textClause(`SELECT count(*) FROM ${table}`)))
 * ```
 *
 * ```ts
 * // main.ts
 * import { createAsyncEngine, syncTasks } from "@offloop/orm-async/promise"
 *
 * const { count } = syncTasks<typeof import("./report.ts")>(new URL("./report.ts", import.meta.url))
 *
 * const engine = await createAsyncEngine("sqlite:///./app.db")
 * const rows = await engine.begin((conn) => conn.runSync(count, "users"))
 * ```
 */
export const syncTasks = <M>(module: URL | string): SyncTasks<M> =>
  Task.fromModule<Record<string, () => unknown>>(module) as unknown as SyncTasks<M>

/** What runs a function beside a connection, in some {@link Style}. */
export interface SyncRunner<S extends Style, Subject> {
  /**
   * Runs an exported function where the connection lives, with a synchronous connection or session in the same transaction:
   * SQLite's runs at native speed in the connection's worker, or on this thread where the connection is inline; for
   * PostgreSQL it runs in a worker, and its statements come back to the connection here.
   *
   * The function must not be `async`. BEGIN is sent by the first statement, wherever that is. What it begins and leaves open
   * is open afterwards, except for savepoints, which are rolled back and reported. Arguments and result are copied to and from
   * the worker, as those of any task.
   *
   * Fails with the typed error that the function threw, with `TaskError` for any other that it threw, and with
   * `InvalidRequestError` if there is no such function, or if it leaves the transaction in a wrong state.
   *
   * @see SQLAlchemy `AsyncConnection.run_sync`, `AsyncSession.run_sync`
   */
  runSync<Args extends ReadonlyArray<unknown>, A>(
    task: SyncTask<Subject, Args, A>,
    ...args: Args
  ): Run<S, A, SqlError | TaskError>
}

/** {@link SyncRunner.runSync} with options. */
export type RunSyncWith<S extends Style, Subject> = (
  options: S["options"],
) => <Args extends ReadonlyArray<unknown>, A>(
  task: SyncTask<Subject, Args, A>,
  ...args: Args
) => Run<S, A, SqlError | TaskError>
