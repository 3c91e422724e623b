/** What a subject of the hop suite offers: one worker thread that runs the tasks of `tasks.ts`. */
import type { Operation } from "../../measure/operation.ts"

export type TaskName = "empty" | "echo" | "rows"

export interface HopPool {
  /** Runs a task with the same argument each time. */
  readonly task: (name: TaskName, argument: Uint8Array | undefined) => Operation<unknown>
  readonly close: () => Promise<void>
}

/** The module of the tasks, for pools that load one by its URL. */
export const tasksUrl: URL = new URL("./tasks.ts", import.meta.url)
