/** Residents for libraries: an object in a worker thread, driven by callbacks, without Effect and without promises. */
import {
  type CallError,
  InvalidResidentOptionsError,
  type NotATaskError,
  type OpenError,
  type UnsupportedRuntimeError,
} from "../errors.ts"
import { detected, inlineBackend } from "../internal/backend/available.ts"
import type { ThreadSettings } from "../internal/backend/thread-settings.ts"
import { ConsoleSink } from "../internal/context/console-sink.ts"
import type { Caller } from "../internal/context/sent.ts"
import { deliver } from "../internal/link/delivery.ts"
import type { CallExit, Ended } from "../internal/link/link.ts"
import { linkName, openLink } from "../internal/link/open-link.ts"
import { callbackHost, type Handlers } from "../internal/portal/callback-host.ts"
import { consoleLines } from "../internal/process/console-lines.ts"
import type { MethodArgs, MethodItem, MethodName, MethodResult } from "../Resident.ts"
import type { Task } from "../Task.ts"
import { LinkResident } from "./link-resident.ts"

/** Where and how a resident is opened. */
export interface ResidentOptions extends ThreadSettings {
  /**
   * `"worker"` (default): a thread of the runtime that the program runs on. `"inline"`: the calling thread, where nothing is
   * copied and a blocking method blocks the caller. `"process"`: a process of its own, which can be killed whatever it does.
   */
  readonly placement?: "worker" | "inline" | "process" | undefined
  /** The folder that a process starts in. Default: the program's. */
  readonly cwd?: string | undefined
  /** The worker's name, for errors and debuggers. Default: the task's name. */
  readonly name?: string | undefined
  /**
   * `"blocking"` (default): calls run one at a time, in order, and the thread blocks while it waits for the next; a method
   * that returns a promise is awaited before the next call. `"async"`: calls start in order and overlap.
   */
  readonly mode?: "blocking" | "async" | undefined
  /**
   * What the object's methods can call on the loop by `fromThread` of `@offloop/runtime/worker`. Not in a process. A handler
   * that waits for a call of the same resident waits for ever, because the resident waits for the handler.
   */
  readonly handlers?: Handlers | undefined
}

/** Why a resident could not be opened. */
export type OpenResidentError = OpenError | UnsupportedRuntimeError | NotATaskError

/** An object in a worker, as seen from the loop. */
export interface ResidentHandle<I extends object> {
  /** The worker's name. */
  readonly name: string
  /** Why the object is gone, or `undefined` while it is there. */
  readonly ended: Ended | undefined
  /**
   * Calls a method in the worker. Calls begin in order. Arguments are taken as they are now.
   *
   * @param onExit is told once how the call ended, always after `call` has returned; unless the call is abandoned or retracted
   * @param caller whose context the call carries: log annotations, span, crossing refs. Default: none
   * @returns the call's number, for `abandon` and `retract`
   */
  call<K extends MethodName<I>>(
    method: K,
    args: MethodArgs<I, K>,
    onExit: (exit: CallExit<MethodResult<I, K>>) => void,
    caller?: Caller,
  ): number
  /**
   * Drops a call's answer: its `onExit` is not told any more. A call that was handed over to the worker runs all the same;
   * its code sees by `checkCancelled` that nobody waits, and handlers that run on its behalf are cancelled.
   */
  abandon(id: number): void
  /**
   * Takes a call back that has not begun, also where the worker could see it already.
   *
   * @returns `true`: the call never runs, and its `onExit` is not told; what was marked to move with its arguments has moved.
   * `false`: it has begun, has ended, or was refused, and its `onExit` is told as ever. Always `false` for a process
   */
  retract(id: number): boolean
  /**
   * Calls a method and iterates what it returns: an iterable, an async iterable or a promise of one. The worker makes items
   * only as far as batches are acknowledged.
   *
   * @param options `bufferSize`: how many items may be under way, an integer of 1 or more. Default: 1024
   * @param onItems is told each batch, in order
   * @param onExit is told once, after all items, how the stream ended
   */
  stream<K extends MethodName<I>>(
    method: K,
    args: MethodArgs<I, K>,
    options: { readonly bufferSize?: number | undefined; readonly caller?: Caller | undefined },
    onItems: (items: ReadonlyArray<MethodItem<I, K>>) => void,
    onExit: (exit: CallExit<unknown, CallError | InvalidResidentOptionsError>) => void,
  ): StreamHandle
  /** Ends the thread at once, without the object's `close`. Pending calls fail with `ResidentClosedError`. */
  terminate(): void
  /**
   * Lets the calls made so far end, runs the object's `close` method, if it has one, and ends the thread.
   *
   * @param onDone is told when the thread has ended, and what `close` threw or that the thread crashed meanwhile
   */
  close(onDone: (exit: CallExit<void>) => void): void
  /**
   * Tells when the object is gone, for whatever reason; at once if it is. Calls that were pending are told first.
   *
   * @returns how to stop listening
   */
  onEnd(listener: (ended: Ended) => void): () => void
}

/** A stream that is under way. */
export interface StreamHandle {
  /** The oldest batch was used: the worker may make as many items more. */
  acknowledge(): void
  /**
   * No more items are wanted: `onItems` is told no more, and the iterator's `return` runs.
   *
   * @returns whether `onExit` is still told, once the iterator has cleaned up
   */
  stop(): boolean
}

/**
 * Opens a resident: starts a worker, runs `task(init)` in it, and keeps the object that it returns until `close` or
 * `terminate`. Without pending calls it does not keep the program alive. Loads no module of Effect.
 *
 * What the object's code logs by `@offloop/runtime/worker` is printed with `console.log`.
 *
 * ```ts
 * import { openResident, type Task } from "@offloop/runtime/callback"
 *
 * // counter.ts: export const makeCounter = (start: number) => ({ add: (n: number) => (start += n) })
 * interface Counter {
 *   add(n: number): number
 * }
 * const module = new URL("./counter.js", import.meta.url).href
 * const makeCounter: Task.Task<[number], Counter> = { module, name: "makeCounter" }
 *
 * openResident(makeCounter, 40, { placement: "worker" }, (opened) => {
 *   if (!opened.ok) throw opened.error
 *   const counter = opened.value
 *   counter.call("add", [2], (exit) => {
 *     console.log(exit.ok ? exit.value : exit.error.message)
 *     counter.close(() => {})
 *   })
 * })
 * ```
 *
 * @param task refers to the function that makes the object
 * @param init what the function takes; it is copied to the worker
 * @param onExit is told once, always after `openResident` has returned: the handle, or why there is none
 */
export const openResident = <Init, I extends object>(
  task: Task<[Init], I | Promise<I>>,
  init: Init,
  options: ResidentOptions,
  onExit: (exit: CallExit<ResidentHandle<I>, OpenResidentError>) => void,
): void => {
  const { placement = "worker", handlers, ...rest } = options
  const problem = findProblem(placement, handlers)
  const name = linkName(options, task)
  if (problem !== undefined) {
    const error = new InvalidResidentOptionsError({ worker: String(name), ...problem })
    queueMicrotask(() => deliver(onExit, { ok: false, error }))
    return
  }
  openLink(
    {
      asker: "openResident",
      task,
      init,
      options: { ...rest, placement: placement === "process" ? placement : "worker" },
      backend: placement === "inline" ? inlineBackend : detected(),
      telemetry: new ConsoleSink(),
      onLine: consoleLines,
    },
    (exit) => {
      const host = handlers && callbackHost(handlers)
      deliver(onExit, exit.ok ? { ok: true, value: new LinkResident<I>(name, exit.value, host) } : exit)
    },
  )
}

const findProblem = (
  placement: string,
  handlers: unknown,
): { readonly option: string; readonly detail: string } | undefined => {
  if (!["worker", "inline", "process"].includes(placement)) {
    return { option: "placement", detail: `placement is "worker", "inline" or "process", not ${String(placement)}.` }
  }
  if (handlers === undefined) return undefined
  if (typeof handlers !== "object" || handlers === null) {
    return { option: "handlers", detail: `handlers is an object of functions, not ${String(handlers)}.` }
  }
  if (placement === "process") {
    return { option: "handlers", detail: 'handlers: code in a process cannot call back. Use the placement "worker".' }
  }
  const bad = Object.entries(handlers).find(([, handler]) => typeof handler !== "function")
  return bad && { option: "handlers", detail: `handlers.${bad[0]} is a function, not ${String(bad[1])}.` }
}
