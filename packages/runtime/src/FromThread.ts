/**
 * The worker's side of a portal: anyio's `from_thread`. For blocking code that runs off the loop, in a task of
 * `OffLoop.runSync` or a method of a `Resident`. Imports nothing of Effect.
 *
 * A call is known to the code of it that runs at once. In an `"async"` resident, where calls overlap, that is up to the
 * first `await`; after it, and in the iterator of a stream, `PortalError` says `"NotInCall"`.
 */
import type { Effect } from "effect/Effect"
import { CallCancelledError, PortalError } from "./internal/portal/errors.ts"
import type { Answer } from "./internal/portal/messages.ts"
import { currentSeat, type Request } from "./internal/portal/seat.ts"
import type { Handlers } from "./Portal.ts"

/** What a handler takes. */
export type HandlerArgs<H extends Handlers, K extends keyof H> = H[K] extends (...args: infer Args) => unknown
  ? Args
  : never

/** What a handler gives: the value of the Effect or promise that it returns, or what it returns. */
export type HandlerResult<H extends Handlers, K extends keyof H> = H[K] extends (...args: never) => infer A
  ? A extends Effect<infer V, unknown, unknown>
    ? V
    : Awaited<A>
  : never

/** A handler that runs on the loop while the worker goes on. anyio's `concurrent.futures.Future`. */
export interface Pending<out A> {
  /** Blocks the thread until the handler has ended, and gives its value or throws what it failed with. */
  readonly result: () => A
  /** Whether it has ended. */
  readonly done: boolean
  /** Interrupts the handler, if it has not ended. `result` throws a `CallCancelledError` then. */
  readonly cancel: () => void
}

/** The handlers of a portal, as the worker calls them. */
export interface Way<H extends Handlers> {
  /** `run`, typed. */
  readonly run: <K extends keyof H & string>(name: K, ...args: HandlerArgs<H, K>) => HandlerResult<H, K>
  /** `runSync`, typed. */
  readonly runSync: <K extends keyof H & string>(name: K, ...args: HandlerArgs<H, K>) => HandlerResult<H, K>
  /** `startTaskSoon`, typed. */
  readonly startTaskSoon: <K extends keyof H & string>(
    name: K,
    ...args: HandlerArgs<H, K>
  ) => Pending<HandlerResult<H, K>>
}

/**
 * Runs a handler of the portal on the loop and blocks this thread until it has ended: `from_thread.run`. Throws what the
 * handler fails with; `CallCancelledError` when the call was interrupted meanwhile; `PortalError` when there is nobody to
 * serve it. Inline, where this runs on the loop's own thread, a handler that waits for something is a `PortalError` of
 * reason `"Deadlock"`.
 *
 * ```ts
 * import { fromThread } from "@offloop/runtime/worker"
 *
 * export const ask = (name: string): number => (fromThread.run("lookUp", name) as number) + 1
 * ```
 */
export const run = (name: string, ...args: ReadonlyArray<unknown>): unknown =>
  open(name, request(name, args, false).wait())

/**
 * `run` for a handler that waits for nothing: it runs from its beginning to its end in one turn of the loop, and cannot be
 * interrupted: `from_thread.run_sync`. A handler that waits is a `PortalError` of reason `"NotSynchronous"`.
 */
export const runSync = (name: string, ...args: ReadonlyArray<unknown>): unknown =>
  open(name, request(name, args, true).wait())

/**
 * Starts a handler on the loop without waiting for it: `BlockingPortal.start_task_soon`. It is interrupted if it still runs
 * when the call that started it ends.
 */
export const startTaskSoon = (name: string, ...args: ReadonlyArray<unknown>): Pending<unknown> => {
  const started = request(name, args, false)
  return {
    result: () => open(name, started.wait()),
    get done() {
      return started.done
    },
    cancel: () => started.cancel(),
  }
}

/**
 * The same functions with the types of a portal's handlers.
 *
 * ```ts
 * import { fromThread } from "@offloop/runtime/worker"
 *
 * type Handlers = { readonly lookUp: (name: string) => Promise<number> }
 *
 * export const ask = (name: string): number => fromThread.to<Handlers>().run("lookUp", name) + 1
 * ```
 */
export const to = <H extends Handlers>(): Way<H> => way as unknown as Way<H>

/**
 * Throws a `CallCancelledError` if the caller of this call was interrupted: `from_thread.check_cancelled`. Nothing can stop
 * blocking code from outside; code that runs for long asks from time to time. Costs one look into shared memory. Works
 * without a portal. Outside of a call, a `PortalError` of reason `"NotInCall"`.
 *
 * ```ts
 * import { checkCancelled } from "@offloop/runtime/worker"
 *
 * export const sum = (numbers: ReadonlyArray<number>): number => {
 *   let total = 0
 *   for (const number of numbers) {
 *     checkCancelled()
 *     total += number
 *   }
 *   return total
 * }
 * ```
 */
export const checkCancelled = (): void => {
  if (seat("checkCancelled").cancelled) throw new CallCancelledError()
}

const way = { run, runSync, startTaskSoon }

const seat = (target: string) => {
  const found = currentSeat()
  if (found === undefined) {
    throw new PortalError(
      target,
      "NotInCall",
      "this code does not run for a call: it is on the loop, after an await in an async worker, or in a stream. " +
        "On the loop, call the function itself",
    )
  }
  return found
}

const request = (name: string, args: ReadonlyArray<unknown>, synchronous: boolean): Request =>
  seat(name).request(name, args, synchronous)

const open = (name: string, answer: Answer): unknown => {
  switch (answer.how) {
    case "value":
      return answer.value
    case "threw":
      throw answer.thrown
    case "cancelled":
      throw new CallCancelledError()
    case "refused":
      throw new PortalError(name, answer.reason, answer.detail)
  }
}
