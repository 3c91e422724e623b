/**
 * References to tasks, where their functions are found, and typed errors: `@offloop/runtime/tasks`. It loads nothing that
 * starts a thread and no module of Effect, so that a library can name its tasks before it needs a thread, if it ever does.
 *
 * @example
 * ```ts
 * import { loadTask, type Task } from "@offloop/runtime/tasks"
 *
 * const square: Task.Task<[number], number> = { module: new URL("./tasks.js", import.meta.url).href, name: "square" }
 * loadTask(square, (exit) => console.log(exit.ok ? exit.value(4) : exit.error.message))
 * ```
 */
export { type LoadTaskError, loadTask } from "./callback/load-task.ts"
export * from "./errors.ts"
export type { CallExit } from "./internal/link/link.ts"
export { TaggedError, type TaggedErrorClass } from "./internal/tagged-error.ts"
export { given, locate } from "./locate.ts"
export * as Task from "./Task.ts"
