/** How a pool is set up: what a program says, and what follows from it. */
import type { DurationInput } from "effect/Duration"
import type { InvalidPoolOptionsError } from "../../errors.ts"
import type { BackendService } from "../backend/service.ts"
import { findSettingProblem, type ThreadSettings } from "../backend/thread-settings.ts"
import type { ProcessOptions } from "../process/options.ts"
import { invalid, invalidReturned, millis } from "./invalid-options.ts"
import type { Limits } from "./limits.ts"
import type { PoolOptions } from "./thread-pool.ts"
import type { WarmUp } from "./warm-up.ts"

/** How large the pool is, how its threads are started, and when one has to go. */
export interface Options extends ThreadSettings {
  /** The pool's name, for errors, metrics, and the names of its threads. Default: `"offloop"`. */
  readonly name?: string | undefined
  /** Threads that are started at once and kept. Default: 0. */
  readonly minThreads?: number | undefined
  /** Threads at most. Default: the backend's parallelism. */
  readonly maxThreads?: number | undefined
  /** How long a thread beyond the minimum may have nothing to do before it ends. Default: 10 seconds, as in anyio. */
  readonly idleTimeout?: DurationInput | undefined
  /** What each thread runs before it takes tasks; see `OffLoop.warmUp`. If it fails, so does the task it was started for. */
  readonly warmUp?: WarmUp | undefined
  /**
   * Whether the layer is built only when the minimum of threads have started and warmed up, and fails when one cannot.
   * Default: false, which leaves the failure to the first task.
   */
  readonly awaitReady?: boolean | undefined
  /** A thread that has run as many tasks ends, and another takes its place when there is work. Default: no limit. */
  readonly maxTasksPerThread?: number | undefined
  /**
   * A thread that after a task uses more bytes of its JavaScript heap than this ends, and another takes its place when
   * there is work. Garbage that was not collected yet counts, memory outside of the heap (array buffers, native addons)
   * does not. Looking takes some microseconds after each task. Default: no limit.
   */
  readonly maxHeapBytes?: number | undefined
  /**
   * How long a task may go on that was left behind with `abandonOnCancel`, before its thread is taken out of the pool and
   * terminated, so that another can be started. The task's token stays taken until the thread is really gone: nothing
   * stops native code, and in Deno nothing stops a loop of JavaScript either. `Duration.infinity`: as long as it
   * takes. Default: 30 seconds.
   */
  readonly abandonGrace?: DurationInput | undefined
  /**
   * How long closing waits for tasks that run, before their threads are terminated and their callers fail with
   * `ResidentClosedError`. `Duration.infinity`: as long as it takes. Default: 30 seconds.
   */
  readonly shutdownTimeout?: DurationInput | undefined
  /** The processes of the placement `"process"`. None starts before it is needed, unless there is a minimum. */
  readonly processes?: ProcessOptions | undefined
}

/** Options with nothing left open. */
export interface Settings extends Omit<PoolOptions & Limits, "depth" | "measured"> {
  readonly awaitReady: boolean
  readonly threads: ThreadSettings
}

/** Checks the options and fills in what they leave open, or returns what is wrong with them. */
export const parseOptions = (options: Options, backend: BackendService): Settings | InvalidPoolOptionsError =>
  invalidReturned(() => {
    const problem = findSettingProblem(options, backend.name)
    if (problem !== undefined) throw invalid(problem.option, problem.detail)
    const name = options.name ?? "offloop"
    if (typeof name !== "string" || name === "") {
      throw invalid("name", `name is a string of one character or more, not ${String(name)}.`)
    }
    const maxThreads = count("maxThreads", options.maxThreads, backend.parallelism)
    if (maxThreads === Number.POSITIVE_INFINITY) throw invalid("maxThreads", "maxThreads cannot be Infinity.")
    const minThreads = options.minThreads ?? 0
    if (!Number.isInteger(minThreads) || minThreads < 0 || minThreads > maxThreads) {
      throw invalid(
        "minThreads",
        `minThreads is an integer from 0 to maxThreads (${maxThreads}), not ${String(minThreads)}.`,
      )
    }
    const { execArgv, env, resourceLimits, permissions } = options
    return {
      name,
      minThreads,
      maxThreads,
      idleMillis: millis("idleTimeout", options.idleTimeout, 10_000),
      warmUp: options.warmUp,
      awaitReady: options.awaitReady ?? false,
      maxTasks: count("maxTasksPerThread", options.maxTasksPerThread, Number.POSITIVE_INFINITY),
      maxHeapBytes: count("maxHeapBytes", options.maxHeapBytes, Number.POSITIVE_INFINITY),
      abandonMillis: millis("abandonGrace", options.abandonGrace, 30_000),
      shutdownMillis: millis("shutdownTimeout", options.shutdownTimeout, 30_000),
      threads: { execArgv, env, resourceLimits, permissions },
    }
  })

const count = (option: keyof Options, asked: number | undefined, otherwise: number): number => {
  if (asked === undefined || (Number.isInteger(asked) && asked >= 1) || asked === Number.POSITIVE_INFINITY) {
    return asked ?? otherwise
  }
  throw invalid(option, `${option} is an integer of 1 or more, not ${String(asked)}.`)
}
