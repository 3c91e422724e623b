/**
 * `OffLoop` for programs without Effect: runs functions in threads, blocking ones (`runSync`), asynchronous ones (`run`)
 * and what they iterate (`stream`). The functions of this module use a pool of the program's own, which starts when it is
 * first used and keeps no program alive; `open` makes another.
 */
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import { callsOf } from "../internal/calls.ts"
import { directOf, goesDirectly, type Submit } from "../internal/pool/direct.ts"
import type { Item } from "../internal/stream/types.ts"
import * as Effects from "../OffLoop.ts"
import type { AnyTasks, Task } from "../Task.ts"
import { adaptWith, closable, facadeOf, optionsOf, signalOf } from "./adapter.ts"
import { type Backend, layerOf } from "./backend.ts"
import { type CapacityLimiter, fromEffect } from "./CapacityLimiter.ts"
import { runDirectly } from "./directly.ts"
import type { Portal } from "./Portal.ts"
import { type CallOptions, callerOf, open as openScoped } from "./run.ts"

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
  readonly backend?: Backend | undefined
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

/** Directly, where the options allow it. */
const directlyWith =
  (submit: (options: Effects.RunOptions) => Submit, effects: Effects.Service["runSyncWith"]) =>
  (options: RunOptions): Run => {
    const plain: Effects.RunOptions = optionsOf(options) as object
    if (!goesDirectly(plain)) return adaptWith(effects as never)(options) as Run
    return runDirectly(submit(plain), { ...plain, signal: signalOf(options) })
  }

const facade = (service: Effects.Service, close: () => Promise<void>): OffLoop => {
  const { runSyncWith, runWith, streamWith } = service
  const direct = directOf(service)
  // What takes no options is made once, not for every call.
  const made = facadeOf(
    { ...service, runSync: runSyncWith({}), run: runWith({}), stream: streamWith({}) },
    direct && {
      runSync: runDirectly(direct.runSync({}), {}),
      run: runDirectly(direct.run({}), {}),
      runSyncWith: directlyWith(direct.runSync, runSyncWith),
      runWith: directlyWith(direct.run, runWith),
    },
  ) as OffLoop
  const callsWith =
    (options: RunOptions) =>
    <T extends AnyTasks>(tasks: T): Calls<T> => {
      const runTask = made.runSyncWith(options)
      return callsOf(tasks, (task, args) => runTask(task, ...args))
    }
  return Object.assign(made, {
    calls: callsWith({}),
    callsWith,
    defaultLimiter: fromEffect(service.defaultLimiter),
    ...closable(close),
  })
}

const layer = ({ backend, signal: _, ...options }: Options) =>
  Effects.layer(options).pipe(Layer.provide(layerOf(backend)))

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
export const open = async (options: Options = {}): Promise<OffLoop> => {
  const { value, close } = await openScoped(
    Effect.flatMap(Effect.scope, (scope) => Layer.buildWithScope(layer(options), scope)),
    options.signal,
    callerOf(open),
  )
  return facade(Context.get(value, Effects.OffLoop), close)
}

let shared: OffLoop | undefined

/** The program's own pool. Threads start when there is something to do, so that making it takes no time. */
const own = (): OffLoop => {
  if (shared !== undefined) return shared
  const scope = Effect.runSync(Scope.make())
  const exit = Effect.runSyncExit(Layer.buildWithScope(layer({}), scope))
  if (Exit.isFailure(exit)) throw Cause.squash(exit.cause)
  const made = facade(Context.get(exit.value, Effects.OffLoop), () => {
    if (shared === made) shared = undefined
    return Effect.runPromise(Scope.close(scope, Exit.void))
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
