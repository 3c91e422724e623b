import type { SyncTask } from "../connection/sync-task.ts"
import type { RunSync } from "../style.ts"
import type { CallOptions, PromiseStyle } from "./promise-style.ts"

/** Runs a function beside a connection, with the options of the call. */
type Runner = <A>(
  task: SyncTask<never, never, A>,
  args: ReadonlyArray<unknown>,
  options: CallOptions | undefined,
) => Promise<A>

/** The `runSync` of a connection or session, and its `with`. */
export const runSyncMethod = <Subject>(run: Runner): RunSync<PromiseStyle, Subject, never> => {
  const withOptions =
    (options: CallOptions | undefined) =>
    <Args extends ReadonlyArray<unknown>, A>(task: SyncTask<Subject, Args, A>, ...args: Args): Promise<A> =>
      run(task, args, options)
  return Object.assign(withOptions(undefined), { with: withOptions })
}
