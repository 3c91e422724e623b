/** A subject of the hop suite: one worker thread that runs the tasks of `tasks.ts`. */
import type { Operation } from "../../measure/operation.ts"
import { CannotTakePart } from "../../suite.ts"

export type TaskName = "empty" | "echo" | "rows"

export interface HopPool {
  /** Runs a task with the same argument each time. */
  readonly task: (name: TaskName, argument: Uint8Array | undefined) => Operation<unknown>
  /** Reads a stream of so many numbers in the worker to its end, and answers with their digest. */
  readonly stream: (count: number) => Operation<number>
  readonly close: () => Promise<void>
}

/** The note on pools that answer a call once. */
export const noStreams = (): never => {
  throw new CannotTakePart("it has no streams: a call is answered once")
}

/** The module of the tasks, for pools that load one by its URL. */
export const tasksUrl: URL = new URL("./tasks.ts", import.meta.url)
