/** Pools of threads for libraries: tasks whose end a callback is told, without Effect and without promises. */
import type { InvalidPoolOptionsError, NotATaskError, TaskSchemaError, UnsupportedRuntimeError } from "../errors.ts"
import type { Caller } from "../internal/context/sent.ts"
import { deliver } from "../internal/link/delivery.ts"
import type { CallExit } from "../internal/link/link.ts"
import type { Options } from "../internal/pool/options.ts"
import { makePools, type PlainBackend } from "../internal/pool/plain-pools.ts"
import type { Stats } from "../internal/pool/pools.ts"
import type { Placement, RunError } from "../internal/pool/run-options.ts"
import type { StartError } from "../internal/pool/thread-pool.ts"
import type { Handlers } from "../internal/portal/callback-host.ts"
import type { Item } from "../internal/stream/types.ts"
import type { Task } from "../Task.ts"
import type { CapacityLimiter } from "./capacity-limiter.ts"
import { PlainPool } from "./plain-pool.ts"

/** How large the pool is, how its threads are started, and whose they are. */
export interface PoolOptions extends Options {
  /** `"threads"` (default): those of the runtime. `"inline"`: none, everything runs on the calling thread. */
  readonly backend?: PlainBackend | undefined
}

/** Why a pool could not be opened. */
export type OpenPoolError = InvalidPoolOptionsError | UnsupportedRuntimeError | StartError

/** Why a task did not give a result. */
export type TaskRunError = RunError | TaskSchemaError | NotATaskError

/** How one task is run. */
export interface TaskOptions {
  /** Whose token to hold meanwhile. Default: `defaultLimiter`, in processes one token a process; none for `run` in threads. */
  readonly limiter?: CapacityLimiter | undefined
  /** Where it runs. Default: `"worker"`, a thread of the pool. */
  readonly placement?: Placement | undefined
  /**
   * What `leave` does to a task that runs. `false` (default): its end is waited for; a process is killed. `true`: it is left
   * to itself, and keeps its token and thread until it has ended.
   */
  readonly abandonOnCancel?: boolean | undefined
  /** What the task can call on the loop by `fromThread` of `@offloop/runtime/worker`. Not from a process. */
  readonly handlers?: Handlers | undefined
  /** Whose context the task carries: log annotations, span, crossing refs. Default: none. */
  readonly caller?: Caller | undefined
}

/** How a task's iterable is streamed. */
export interface TaskStreamOptions extends Omit<TaskOptions, "handlers"> {
  /** How many items may be under way, an integer of 1 or more. Default: 1024. */
  readonly bufferSize?: number | undefined
}

/** A task that was given to a pool. */
export interface TaskRun {
  /**
   * Nobody waits for the result any more: `onExit` is not told. A task that has not begun never runs; one that has is told to
   * stop, as `currentSignal` and `checkCancelled` say.
   *
   * @param onLeft is told once: when the task has ended, or at once with `abandonOnCancel`. Perhaps before `leave` returns
   */
  leave(onLeft: () => void): void
}

/** A stream of what a task iterates. It reads batch by batch: asking for the next says that the one before is used. */
export interface TaskStream<A, E> {
  /**
   * Asks for what comes next. One at a time.
   *
   * @param onNext is told once, perhaps before `next` returns: a batch, or how the stream ended, after all batches
   * @returns how to stop asking
   */
  next(onNext: (next: StreamNext<A, E>) => void): () => void
  /**
   * No more is wanted: the iterator's `return` runs, and the stream's thread is free when it has.
   *
   * @param onEnd is told once how the cleaning up went; at once where there is none to wait for
   */
  stop(onEnd: (exit: CallExit<unknown, E>) => void): void
}

/** What a stream has next. */
export type StreamNext<A, E> =
  | { readonly items: ReadonlyArray<A> }
  | { readonly items: undefined; readonly exit: CallExit<unknown, E> }

/** A pool of threads for tasks. */
export interface PoolHandle {
  /** The limiter of tasks that name none. */
  readonly defaultLimiter: CapacityLimiter
  /**
   * Runs a blocking task in a thread.
   *
   * @param onExit is told once how it ended, always after this has returned; not after `leave`
   */
  runSync<Args extends ReadonlyArray<unknown>, A, E = never>(
    task: Task<Args, A, E>,
    args: Args,
    options: TaskOptions,
    onExit: (exit: CallExit<Awaited<A>, TaskRunError | E>) => void,
  ): TaskRun
  /** Runs an asynchronous task in a thread with an event loop of its own, where such tasks overlap. As `runSync`. */
  run<Args extends ReadonlyArray<unknown>, A, E = never>(
    task: Task<Args, A, E>,
    args: Args,
    options: TaskOptions,
    onExit: (exit: CallExit<Awaited<A>, TaskRunError | E>) => void,
  ): TaskRun
  /** Streams what a task iterates, made in the thread only as far as it is read. A bad `bufferSize` ends it with an error. */
  stream<Args extends ReadonlyArray<unknown>, A, E = never>(
    task: Task<Args, A, E>,
    args: Args,
    options: TaskStreamOptions,
  ): TaskStream<Item<A>, TaskRunError | RangeError | E>
  /** What the pool knows of itself at this moment: threads, tasks, how long these waited and ran. */
  stats(): Stats
  /** Ends all threads after what they are doing; what has not begun fails. `onDone` is told when they have ended. */
  close(onDone: () => void): void
}

/**
 * Opens a pool. Threads start when they are needed, and keep no program alive without tasks. Loads no module of Effect.
 *
 * ```ts
 * import { openPool, type Task } from "@offloop/runtime/callback"
 *
 * // hash.ts: export const hash = (text: string): string => …
 * const hash: Task.Task<[text: string], string> = { module: new URL("./hash.js", import.meta.url).href, name: "hash" }
 *
 * openPool({ maxThreads: 2 }, (opened) => {
 *   if (!opened.ok) throw opened.error
 *   const pool = opened.value
 *   pool.runSync(hash, ["secret"], {}, (exit) => {
 *     console.log(exit.ok ? exit.value : exit.error.message)
 *     pool.close(() => {})
 *   })
 * })
 * ```
 *
 * @param onExit is told once, always after `openPool` has returned: the pool, or why there is none
 */
export const openPool = (
  { backend, ...options }: PoolOptions,
  onExit: (exit: CallExit<PoolHandle, OpenPoolError>) => void,
): void => {
  const made = makePools(options, backend)
  if (made instanceof Error) {
    queueMicrotask(() => deliver(onExit, { ok: false, error: made }))
    return
  }
  let told = false
  made.pools.warm((error) => {
    // Several threads may fail to start.
    if (told) return
    told = true
    const exit: CallExit<PoolHandle, OpenPoolError> =
      error === undefined ? { ok: true, value: new PlainPool(made) } : { ok: false, error }
    if (exit.ok) queueMicrotask(() => deliver(onExit, exit))
    else made.pools.close().then(() => deliver(onExit, exit))
  })
}
