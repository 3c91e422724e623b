/** How a task is run, and why it may not give a result. */
import type { CapacityLimiter } from "../../CapacityLimiter.ts"
import type {
  DeadlockError,
  ResidentClosedError,
  TaskError,
  TaskExportNotFoundError,
  TaskModuleNotFoundError,
  UnsendableError,
  UnsupportedPlacementError,
  WarmUpError,
  WorkerCrashedError,
  WorkerStartError,
} from "../../errors.ts"
import type { Portal } from "../../Portal.ts"
import type { StreamOptions as BufferOptions } from "../stream/types.ts"

/** Why a task did not give a result. */
export type RunError =
  | UnsendableError
  | TaskError
  | TaskModuleNotFoundError
  | TaskExportNotFoundError
  | WorkerStartError
  | WarmUpError
  | WorkerCrashedError
  | ResidentClosedError
  | DeadlockError
  | UnsupportedPlacementError

/** How one task is run. */
export interface RunOptions {
  /** Which limiter's token to hold meanwhile. Default: `defaultLimiter`, in processes `defaultProcessLimiter`. */
  readonly limiter?: CapacityLimiter | undefined
  /**
   * What interruption does once the task runs in a thread, where nothing can stop it. `false` (default): it is
   * delivered when the thread is free. `true`: the caller goes on at once, the task runs to its end and its result is
   * dropped; its token and its thread stay taken until then, as in trio, so that abandoned tasks cannot pile up without
   * bound.
   *
   * A process can be stopped. `false` (default): a task of `runSync` is killed with its process, at once, and the
   * caller goes on when the process is dead; a task of `run` and a stream's iterator are asked to end first, and killed
   * if they do not within 50 ms. `true`: as in a thread. To wait for the task instead, as anyio's
   * `to_process.run_sync` does, use `Effect.uninterruptible`.
   */
  readonly abandonOnCancel?: boolean | undefined
  /**
   * Where the task runs: `"worker"` (default), in a thread of the pool; `"process"`, in a process of its own, which can be
   * killed at any time and takes nothing along when it crashes; or `"inline"`, on the loop's own thread, which it blocks
   * meanwhile and where arguments and results are not copied.
   */
  readonly placement?: Placement | undefined
  /** What the task can call on the loop, with `fromThread` of `@offloop/runtime/worker`. Not from a process. */
  readonly portal?: Portal | undefined
}

/** Where a task runs. */
export type Placement = "worker" | "inline" | "process"

/** How a task's iterable is streamed. */
export interface StreamOptions extends Omit<RunOptions, "portal">, BufferOptions {}
