/** Finds the function of a task on the calling thread. */
import type { NotATaskError, TaskExportNotFoundError, TaskModuleNotFoundError } from "../errors.ts"
import type { CallExit } from "../internal/link/link.ts"
import { notFound } from "../internal/link/not-found.ts"
import { checkTask } from "../internal/task/work-of.ts"
import { resolve } from "../internal/worker/resolve.ts"
import type { Task } from "../Task.ts"

/** Why a task's function could not be had. */
export type LoadTaskError = NotATaskError | TaskExportNotFoundError | TaskModuleNotFoundError

/**
 * Imports the module of a task on the calling thread and gives the function that the task refers to. Loads no module of
 * Effect.
 *
 * ```ts
 * import { loadTask, type Task } from "@offloop/runtime/callback"
 *
 * // tasks.ts: export const square = (n: number) => n * n
 * const square: Task.Task<[number], number> = { module: new URL("./tasks.js", import.meta.url).href, name: "square" }
 *
 * loadTask(square, (exit) => console.log(exit.ok ? exit.value(4) : exit.error.message))
 * ```
 *
 * @param onExit is told once, after this has returned: the function, why there is none, or what the module threw
 */
export const loadTask = <Args extends ReadonlyArray<unknown>, A>(
  task: Task<Args, A>,
  onExit: (exit: CallExit<(...args: Args) => A, LoadTaskError | Error>) => void,
): void => {
  const load = async (): Promise<CallExit<(...args: Args) => A, LoadTaskError | Error>> => {
    try {
      checkTask(task, "loadTask")
      const found = await resolve(task.module, task.name)
      return "problem" in found ? { ok: false, error: notFound(found) } : { ok: true, value: found.run as never }
    } catch (error) {
      return { ok: false, error: error instanceof Error ? error : new Error(String(error)) }
    }
  }
  void load().then(onExit)
}
