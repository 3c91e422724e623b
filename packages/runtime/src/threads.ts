/**
 * The file that threads start with, when it is the program's own: for bundles and single-file executables, where the
 * package's files are not on disk. Imports nothing of Effect.
 */
import { workerData } from "node:worker_threads"
import { namedEntry, nameEntry, type Source } from "./internal/worker/registry.ts"
import { isWorkerInput, serveThread } from "./internal/worker/thread.ts"
import { fromModule, type Tasks } from "./Task.ts"

export { given, locate } from "./locate.ts"

/** Modules of tasks by name: what `import * as tasks` gives, or a function that imports it when a thread first needs it. */
export type Modules = Readonly<Record<string, object | (() => Promise<object>)>>

/** The tasks of each module. */
export type TasksOf<M extends Modules> = {
  readonly [K in keyof M]: Tasks<M[K] extends () => Promise<infer Loaded> ? Loaded : M[K]>
}

/** `threads` was called for two files in one program. */
export class ThreadEntryError extends Error {
  readonly _tag = "ThreadEntryError"
  override readonly name = "ThreadEntryError"

  constructor(entry: string, previous: string) {
    super(
      `Threads start with ${previous} already, so they cannot start with ${entry}. ` +
        "Call threads() in one file of the program, with all of its modules.",
    )
  }
}

/**
 * Names the file that threads start with, and the modules of tasks that it holds. The file is the one that calls this, and
 * the program imports it first; where a bundler makes one file of both, threads start with that file.
 *
 * In the program it gives the tasks of each module, which work as those of `Task.fromModule` do, also inline, and
 * `Task.fromModule<typeof import("./tasks.ts")>("tasks")` gives the same. In a thread of Offloop it serves the thread's calls:
 * its promise stays pending, so that what comes after `await threads(…)`, and the module that imports this one, do not run there.
 * Modules that both import do. Does no I/O itself.
 *
 * ```ts
 * // tasks.ts
 * export const square = (n: number): number => n * n
 * ```
 *
 * ```ts
 * // threads.ts
 * import { threads } from "@offloop/runtime/threads"
 *
 * export const { tasks } = await threads(import.meta.url, { tasks: () => import("./tasks.ts") })
 * ```
 *
 * ```ts
 * // main.ts
 * import { tasks } from "./threads.ts"
 * import { Backend, OffLoop } from "@offloop/runtime"
 * import { Effect, Layer } from "effect"
 *
 * const live = OffLoop.layer().pipe(Layer.provide(Backend.layer))
 * Effect.runPromise(OffLoop.runSync(tasks.square, 4).pipe(Effect.provide(live))).then(console.log)
 * ```
 *
 * @param entry the URL of the calling file: `import.meta.url`
 * @throws ThreadEntryError if another file called it before
 */
export const threads = async <const M extends Modules>(entry: string | URL, modules: M): Promise<TasksOf<M>> => {
  const url = String(entry)
  const previous = namedEntry()
  if (previous !== undefined && previous !== url) throw new ThreadEntryError(url, previous)
  nameEntry(url, modules as Readonly<Record<string, Source>>)
  if (isWorkerInput(workerData)) await serveThread(workerData)
  const tasks = Object.keys(modules).map((name) => [name, fromModule(name)])
  return Object.fromEntries(tasks) as TasksOf<M>
}
