/** What runs in each thread of a pool before it takes tasks. */
import type { Task } from "../../Task.ts"

/** A task and its arguments. Made by `OffLoop.warmUp`. */
export interface WarmUp {
  readonly module: string
  readonly name: string
  readonly args: ReadonlyArray<unknown>
}

/**
 * Says what each thread of a pool runs before it takes tasks: to load a model, to open a connection, to compile. What it
 * returns stays in the thread. Does no I/O.
 *
 * ```ts
 * // model.ts: let model; export const load = (file: string): void => { model = … }
 * import { OffLoop, type Task } from "@offloop/runtime"
 *
 * const load: Task.Task<[file: string], void> = { module: new URL("./model.js", import.meta.url).href, name: "load" }
 *
 * const live = OffLoop.layer({ minThreads: 2, warmUp: OffLoop.warmUp(load, "model.bin"), awaitReady: true })
 * ```
 */
export const warmUp = <Args extends ReadonlyArray<unknown>>(task: Task<Args, unknown>, ...args: Args): WarmUp => ({
  module: task.module,
  name: task.name,
  args,
})
