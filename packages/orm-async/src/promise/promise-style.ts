import type { SyncTask } from "../connection/sync-task.ts"
import type { PlainStyle } from "../result/plain-style.ts"
import type { Style } from "../style.ts"

/** Options of every call in the Promise style. */
export interface CallOptions {
  /**
   * Aborting it leaves the call, which rejects with the signal's reason: a statement is cancelled where the database can,
   * and its transaction accepts only a rollback then. A COMMIT that is under way is waited for: its outcome decides.
   */
  readonly signal?: AbortSignal | undefined
}

/** A method that runs a function beside its connection. */
type RunSyncMethod<Subject> = <Args extends ReadonlyArray<unknown>, A>(
  task: SyncTask<Subject, Args, A>,
  ...args: Args
) => Promise<A>

/** A method that runs a function beside its connection, and `with` that makes one with options. */
interface RunSyncMethods<Subject> extends RunSyncMethod<Subject> {
  readonly with: (options: CallOptions) => RunSyncMethod<Subject>
}

/** The style of `@offloop/orm-async/promise`: Promises that reject with the typed error itself, and `await using`. */
export interface PromiseStyle extends Style {
  readonly run: Promise<this["A"]>
  readonly member: (options?: CallOptions) => Promise<this["A"]>
  readonly scoped: (options?: CallOptions) => Promise<this["A"] & AsyncDisposable>
  readonly body: PromiseLike<this["A"]> | this["A"]
  readonly results: PlainStyle
  readonly stream: AsyncIterable<this["A"]>
  /** With a signal: `runSync.with({ signal })(task, ...args)`. */
  readonly runSync: RunSyncMethods<this["subject"]>
  readonly options: CallOptions
}
