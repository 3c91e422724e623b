/** `Resident` for programs without Effect: an object that lives in one worker thread. */
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import * as Effects from "../Resident.ts"
import type { Task } from "../Task.ts"
import { adapt, closable, facadeOf, optionsOf, signalOf } from "./adapter.ts"
import { type Backend, layerOf } from "./backend.ts"
import { iterable } from "./iterable.ts"
import type { Portal } from "./Portal.ts"
import { type CallOptions, callerOf, open as openScoped } from "./run.ts"

export type {
  MethodArgs,
  MethodItem,
  MethodName,
  MethodResult,
  PlacementOptions,
  RestartReason,
  SupervisorEvent,
} from "../Resident.ts"

/** How to open a resident. */
export interface Options extends Omit<Effects.Options, "portal">, CallOptions {
  /** What the object's methods can call on the loop, with `fromThread` of `@offloop/runtime/worker`. */
  readonly portal?: Portal | undefined
  readonly backend?: Backend | undefined
}

/** How a method's iterable is streamed. */
export interface StreamOptions extends Effects.StreamOptions, CallOptions {}

type Call<I> = <K extends Effects.MethodName<I>>(
  method: K,
  ...args: Effects.MethodArgs<I, K>
) => Promise<Effects.MethodResult<I, K>>

type Iterate<I> = <K extends Effects.MethodName<I>>(
  method: K,
  ...args: Effects.MethodArgs<I, K>
) => AsyncIterable<Effects.MethodItem<I, K>>

/** An object in a worker, as seen from the loop. */
export interface Resident<I extends object> extends AsyncDisposable {
  /** The worker's name. */
  readonly name: string
  /** Calls a method in the worker. Calls arrive in order. */
  readonly call: Call<I>
  /** `call` with a signal: aborting it rejects at once; a call that was handed over runs to its end all the same. */
  readonly callWith: (options: CallOptions) => Call<I>
  /** What a method iterates, made in the worker only as far as it is asked for. Leaving the loop ends the iterator. */
  readonly stream: Iterate<I>
  /** `stream` with options. */
  readonly streamWith: (options: StreamOptions) => Iterate<I>
  /** Ends the thread at once, without `close()` of the object. Pending calls reject with `ResidentClosedError`. */
  readonly terminate: () => Promise<void>
  /** Waits until the object is gone, for whatever reason. */
  readonly closed: (options?: CallOptions) => Promise<void>
  /** Rejects with `WorkerCrashedError` when the worker crashes; stays pending otherwise. */
  readonly onCrash: (options?: CallOptions) => Promise<never>
  /** Waits for the calls made so far, runs the object's `close()`, if it has one, and ends the thread. */
  readonly close: () => Promise<void>
}

/**
 * Opens a resident: starts a worker thread, runs `task(init)` in it, and keeps the object that it returns.
 *
 * ```ts
 * import { Resident, Task } from "@offloop/runtime/promise"
 *
 * interface Counting {
 *   readonly makeCounter: (start: number) => { add(n: number): number }
 * }
 * const tasks = Task.fromModule<Counting>(new URL("./counter.js", import.meta.url))
 *
 * await using counter = await Resident.open(tasks.makeCounter, 40)
 * const sum = await counter.call("add", 2)
 * ```
 */
export const open = async <Init, I extends object>(
  task: Task<[Init], I | Promise<I>>,
  init: Init,
  options: Options = {},
): Promise<Resident<I>> => {
  const { backend, ...rest } = options
  const made = Effects.make(task, init, optionsOf(rest) as Effects.Options)
  const { value, close } = await openScoped(Effect.provide(made, layerOf(backend)), options.signal, callerOf(open))
  return facadeOf(value, { callWith: callWithOf(value), ...closable(close) }) as Resident<I>
}

const callWithOf = (resident: { readonly call: unknown }) => (options: CallOptions) =>
  adapt(resident.call as never, signalOf(options))

/** A resident that is opened again when its thread dies. */
export interface Supervised<I extends object> extends Resident<I> {
  /** How often it was opened again, or tried to. */
  readonly restarts: () => Promise<number>
  /**
   * What happens to it, from the first `next` of each iteration; ends when it is closed. A reader that is slow misses the
   * oldest of more than 256 events.
   */
  readonly events: AsyncIterable<Effects.SupervisorEvent>
}

/** How to open a resident, and how often and fast to open it again. */
export interface SupervisedOptions extends Options {
  /**
   * Is asked after each crash, and after each opening that failed, with what happened and how often it was opened again
   * until then: how many milliseconds to wait before the next opening, or `undefined` for none. What it throws ends the
   * supervision. Default: 100 ms, doubled each time, for at most 5 times within a minute.
   */
  readonly schedule?: ((reason: Effects.RestartReason, restarts: number) => number | undefined) | undefined
}

/**
 * `open`, but when the thread dies the object is opened again, with the same `init`. What was pending rejects with
 * `WorkerCrashedError` and is never made again by itself; what is called meanwhile waits for the new object. When the
 * schedule is done, calls reject with the crash, and so does `onCrash`. The first opening is not repeated. An `init` with
 * parts to `transfer` is refused with `InitNotRepeatableError`.
 *
 * ```ts
 * import { Resident, Task } from "@offloop/runtime/promise"
 *
 * interface Counting {
 *   readonly makeCounter: (start: number) => { add(n: number): number }
 * }
 * const tasks = Task.fromModule<Counting>(new URL("./counter.js", import.meta.url))
 *
 * await using counter = await Resident.supervised(tasks.makeCounter, 40, {
 *   schedule: (reason, restarts) => (restarts < 3 ? 100 * 2 ** restarts : undefined),
 * })
 * const sum = await counter.call("add", 2)
 * ```
 */
export const supervised = async <Init, I extends object>(
  task: Task<[Init], I | Promise<I>>,
  init: Init,
  options: SupervisedOptions = {},
): Promise<Supervised<I>> => {
  const { backend, schedule, ...rest } = options
  const caller = callerOf(supervised)
  const made = Effects.supervised(task, init, {
    ...(optionsOf(rest) as Effects.Options),
    schedule: schedule && scheduleOf(schedule),
  })
  const { value, close } = await openScoped(Effect.provide(made, layerOf(backend)), options.signal, caller)
  const events = iterable(value.events, undefined, caller)
  return facadeOf(value, { callWith: callWithOf(value), events, ...closable(close) }) as Supervised<I>
}

const scheduleOf = (
  ask: NonNullable<SupervisedOptions["schedule"]>,
): Schedule.Schedule<unknown, Effects.RestartReason> =>
  Schedule.unfold(0, (restarts) => restarts + 1).pipe(
    Schedule.intersect(Schedule.identity<Effects.RestartReason>()),
    Schedule.map(([restarts, reason]) => ask(reason, restarts)),
    Schedule.whileOutput((millis) => millis !== undefined),
    Schedule.addDelay((millis) => millis ?? 0),
  )
