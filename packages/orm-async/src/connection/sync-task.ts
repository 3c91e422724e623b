import { Task } from "@offloop/runtime/tasks"

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
