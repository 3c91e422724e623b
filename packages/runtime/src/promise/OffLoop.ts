/**
 * `OffLoop` for programs without Effect: runs functions in threads, blocking ones (`runSync`), asynchronous ones (`run`)
 * and what they iterate (`stream`). The functions of this module use a pool of the program's own, which starts when it is
 * first used and keeps no program alive; `open` makes another.
 */
import { callsOf } from "../internal/calls.ts"
import { coreOf } from "../internal/limiter/core.ts"
import type { CallExit, LinkError } from "../internal/link/link.ts"
import { makePools, type PlainBackend, type PlainPools, type PlainRun } from "../internal/pool/plain-pools.ts"
import { boundHost } from "../internal/portal/bound-host.ts"
import { checkBufferSize } from "../internal/stream/buffer-size.ts"
import type { Item } from "../internal/stream/types.ts"
import type * as Effects from "../OffLoop.ts"
import type { AnyTasks, Task } from "../Task.ts"
import { type CapacityLimiter, limiterOf } from "./CapacityLimiter.ts"
import { type CallOptions, closable } from "./call-options.ts"
import { callerOf } from "./caller.ts"
import { iterable } from "./iterable.ts"
import type { Portal } from "./Portal.ts"
import { hostOf } from "./portal-host.ts"
import { settled } from "./settled.ts"

export type { Placement, RunError, Stats } from "../OffLoop.ts"

/** How one task is run. */
export interface RunOptions extends Omit<Effects.RunOptions, "limiter" | "portal">, CallOptions {
  /** Which limiter's token to hold meanwhile. Default: `defaultLimiter`. */
  readonly limiter?: CapacityLimiter | undefined
  /** What the task can call on the loop, with `fromThread` of `@offloop/runtime/worker`. */
  readonly portal?: Portal | undefined
}

/** How a task's iterable is streamed. */
export interface StreamOptions extends Omit<Effects.StreamOptions, "limiter">, CallOptions {
  readonly limiter?: CapacityLimiter | undefined
}

/** How large the pool is, and whose threads it uses. */
export interface Options extends Effects.Options, CallOptions {
  readonly backend?: PlainBackend | undefined
}

/** Runs a task: rejects with what the Effect API fails with. */
type Run = <Args extends ReadonlyArray<unknown>, A, E = never>(
  task: Task<Args, A, E>,
  ...args: Args
) => Promise<Awaited<A>>

type Iterate = <Args extends ReadonlyArray<unknown>, A, E = never>(
  task: Task<Args, A, E>,
  ...args: Args
) => AsyncIterable<Item<A>>

/** A module's tasks as functions: each runs its task and gives a promise of its result. */
export type Calls<T extends AnyTasks> = {
  readonly [K in keyof T]: T[K] extends Task<infer Args, infer A, unknown>
    ? (...args: Args) => Promise<Awaited<A>>
    : never
}

/** A pool of threads for tasks. */
export interface OffLoop extends AsyncDisposable {
  /** Runs a blocking task in a thread and waits for its result, without blocking the loop. */
  readonly runSync: Run
  /**
   * `runSync` with options. Aborting the signal before the task starts keeps it from running; after that the promise
   * rejects with the signal's reason when the thread is free, or at once with `abandonOnCancel`.
   */
  readonly runSyncWith: (options: RunOptions) => Run
  /** Runs an asynchronous task in a thread with an event loop of its own. */
  readonly run: Run
  /** `run` with options. Aborting the signal aborts that of `currentSignal()` in the task. */
  readonly runWith: (options: RunOptions) => Run
  /** What a task iterates. The thread makes items only as far as they are asked for; leaving the loop ends the iterator. */
  readonly stream: Iterate
  /** `stream` with options. Aborting the signal rejects the pending `next`, and ends the iterator. */
  readonly streamWith: (options: StreamOptions) => Iterate
  /** A module of blocking functions as one object of functions that give promises. */
  readonly calls: <T extends AnyTasks>(tasks: T) => Calls<T>
  /** `calls` with options for all of its calls. */
  readonly callsWith: (options: RunOptions) => <T extends AnyTasks>(tasks: T) => Calls<T>
  /** The limiter of tasks that name none. */
  readonly defaultLimiter: CapacityLimiter
  /** How many threads there are and what they do. */
  readonly stats: (options?: CallOptions) => Promise<Effects.Stats>
  /** Waits for what runs, and ends all threads. */
  readonly close: () => Promise<void>
}

const plainOptions = ({ limiter, placement, abandonOnCancel: abandon, portal }: RunOptions): PlainRun => ({
  placement,
  abandon,
  limiter: limiter && coreOf(limiter),
  host: portal && hostOf(portal),
})

const running = (made: PlainPools, method: "runSync" | "run", options: RunOptions): Run => {
  const { signal, abandonOnCancel: abandon = false } = options
  let plain: PlainRun | undefined
  return <Args extends ReadonlyArray<unknown>, A, E = never>(task: Task<Args, A, E>, ...args: Args) =>
    settled<Awaited<A>>(
      signal,
      (onExit) => {
        plain ??= plainOptions(options)
        // Handlers run in the async context of the call.
        const here = plain.host === undefined ? plain : { ...plain, host: boundHost(plain.host) }
        const submission = made.submission(method, task, args, here)
        if (submission instanceof Error) throw submission
        submission.start(undefined, onExit as (exit: CallExit<unknown, LinkError>) => void)
        return (onLeft) => submission.leave(abandon, onLeft)
      },
      args,
    )
}

const streaming = (made: PlainPools, options: StreamOptions): Iterate => {
  const { signal, bufferSize, abandonOnCancel: abandon } = options
  const iterate: Iterate = (task, ...args) =>
    iterable({
      open: (feed) => {
        const submission = made.streamSubmission(task, args, checkBufferSize(bufferSize), plainOptions(options))
        if (submission instanceof Error) throw submission
        submission.start(feed, undefined)
      },
      signal,
      abandon,
      caller: callerOf(iterate),
      args,
    })
  return iterate
}

const poolOf = (made: PlainPools, close: () => Promise<void>): OffLoop => {
  const callsWith =
    (options: RunOptions) =>
    <T extends AnyTasks>(tasks: T): Calls<T> => {
      const runTask = running(made, "runSync", options)
      return callsOf(tasks, (task, args) => runTask(task, ...args))
    }
  return {
    runSync: running(made, "runSync", {}),
    runSyncWith: (options) => running(made, "runSync", options),
    run: running(made, "run", {}),
    runWith: (options) => running(made, "run", options),
    stream: streaming(made, {}),
    streamWith: (options) => streaming(made, options),
    calls: callsWith({}),
    callsWith,
    defaultLimiter: limiterOf(made.defaultLimiter),
    stats: (options) =>
      settled(options?.signal, (onExit) => {
        onExit({ ok: true, value: made.pools.stats() })
        return (onLeft) => onLeft()
      }),
    ...closable(close),
  }
}

/**
 * Opens a pool. Rejects with `InvalidPoolOptionsError` or `UnsupportedRuntimeError`.
 *
 * ```ts
 * import { OffLoop, Task } from "@offloop/runtime/promise"
 *
 * interface Hashing {
 *   readonly hash: (text: string) => string
 * }
 * const tasks = Task.fromModule<Hashing>(new URL("./hashing.js", import.meta.url))
 *
 * await using pool = await OffLoop.open({ maxThreads: 2 })
 * const hashed = await pool.runSyncWith({ signal: AbortSignal.timeout(1000) })(tasks.hash, "secret")
 * ```
 */
export const open = ({ backend, signal, ...options }: Options = {}): Promise<OffLoop> =>
  settled<OffLoop>(signal, (onExit) => {
    const made = makePools(options, backend)
    if (made instanceof Error) throw made
    const { pools } = made
    const close = (): Promise<void> => pools.close()
    pools.warm((error) => {
      if (error === undefined) onExit({ ok: true, value: poolOf(made, close) })
      else close().then(() => onExit({ ok: false, error }))
    })
    return (onLeft) => void close().then(onLeft)
  })

let shared: OffLoop | undefined

/** The program's own pool. Threads start when there is something to do, so that making it takes no time. */
const own = (): OffLoop => {
  if (shared !== undefined) return shared
  const pools = makePools({})
  if (pools instanceof Error) throw pools
  const made = poolOf(pools, () => {
    if (shared === made) shared = undefined
    return pools.pools.close()
  })
  shared = made
  return made
}

/** Rejects where there can be no pool. */
const onOwn = <A>(use: (pool: OffLoop) => Promise<A>): Promise<A> => {
  try {
    return use(own())
  } catch (error) {
    return Promise.reject(error)
  }
}

/**
 * Runs a blocking task in a thread of the program's own pool: anyio's `to_thread.run_sync`.
 *
 * ```ts
 * import { OffLoop, Task } from "@offloop/runtime/promise"
 *
 * interface Hashing {
 *   readonly hash: (text: string) => string
 * }
 * const tasks = Task.fromModule<Hashing>(new URL("./hashing.js", import.meta.url))
 *
 * const hashed = await OffLoop.runSync(tasks.hash, "secret")
 * ```
 */
export const runSync: Run = (task, ...args) => onOwn((pool) => pool.runSync(task, ...args))

/** `runSync` with options. */
export const runSyncWith =
  (options: RunOptions): Run =>
  (task, ...args) =>
    onOwn((pool) => pool.runSyncWith(options)(task, ...args))

/** Runs an asynchronous task in a thread of the program's own pool that has an event loop. */
export const run: Run = (task, ...args) => onOwn((pool) => pool.run(task, ...args))

/** `run` with options. */
export const runWith =
  (options: RunOptions): Run =>
  (task, ...args) =>
    onOwn((pool) => pool.runWith(options)(task, ...args))

/** What a task iterates, in a thread of the program's own pool. */
export const stream: Iterate = (task, ...args) => own().stream(task, ...args)

/** `stream` with options. */
export const streamWith =
  (options: StreamOptions): Iterate =>
  (task, ...args) =>
    own().streamWith(options)(task, ...args)

/** A module of blocking functions as one object of functions that give promises. */
export const calls = <T extends AnyTasks>(tasks: T): Calls<T> => callsWith({})(tasks)

/** `calls` with options for all of its calls. */
export const callsWith =
  (options: RunOptions) =>
  <T extends AnyTasks>(tasks: T): Calls<T> =>
    callsOf(tasks, (task, args) => runSyncWith(options)(task, ...args))

/** The limiter of the program's own pool. */
export const defaultLimiter = (): CapacityLimiter => own().defaultLimiter

/** How many threads the program's own pool has and what they do. */
export const stats = (): Promise<Effects.Stats> => onOwn((pool) => pool.stats())

/** Waits for what runs in the program's own pool, and ends its threads. What comes later starts a new one. */
export const close = async (): Promise<void> => shared?.close()
