/**
 * A resident is an object that lives in one worker thread for as long as a scope is open: a database connection, a
 * model, anything that is bound to its thread or blocks it. The loop calls its methods; calls arrive in order.
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import {
  type CallError,
  DeadlockError,
  InitNotRepeatableError,
  type OpenError,
  type WorkerCrashedError,
} from "./errors.ts"
import { Backend } from "./internal/backend/service.ts"
import { inCallersContext } from "./internal/context/caller-context.ts"
import { Desk } from "./internal/context/desk.ts"
import { currentCaller, currentHome } from "./internal/context/fiber-caller.ts"
import { wait } from "./internal/context/wait.ts"
import { deliver } from "./internal/link/delivery.ts"
import type { CallExit, Link } from "./internal/link/link.ts"
import { type ConnectError, connect, openLink } from "./internal/link/open-link.ts"
import type { PlacementOptions } from "./internal/link/placement.ts"
import type { Line } from "./internal/link/supervised-link.ts"
import { supervise } from "./internal/link/supervision.ts"
import type { Host } from "./internal/portal/host.ts"
import { heldIn } from "./internal/portal/hosts.ts"
import { receptionOf } from "./internal/portal/receptions.ts"
import { logLines } from "./internal/process/log-line.ts"
import { checkBufferSize } from "./internal/stream/buffer-size.ts"
import { fromFeed } from "./internal/stream/from-feed.ts"
import type { Item, StreamOptions } from "./internal/stream/types.ts"
import { movesIn } from "./internal/transport/moves.ts"
import type { Portal } from "./Portal.ts"
import type { SendableArgs, Task } from "./Task.ts"

export type { CallExit } from "./internal/link/link.ts"
export type { PlacementOptions } from "./internal/link/placement.ts"
export type { Item, StreamOptions } from "./internal/stream/types.ts"

/** The names of an object's methods. */
export type MethodName<I> = { [K in keyof I]: I[K] extends (...args: never) => unknown ? K : never }[keyof I] & string

/** A method's parameters, with `CannotCross` in the place of what cannot cross to a thread. */
export type MethodArgs<I, K extends keyof I> = I[K] extends (...args: infer Args) => unknown
  ? SendableArgs<Args>
  : never

/** What a method gives: what it returns, or what the promise that it returns resolves to. */
export type MethodResult<I, K extends keyof I> = I[K] extends (...args: never) => infer A ? Awaited<A> : never

/** What a method's result consists of, where it is an iterable of some kind, or a promise of one. */
export type MethodItem<I, K extends keyof I> = I[K] extends (...args: never) => infer A ? Item<A> : never

/** An object in a worker, as seen from the loop. */
export interface Resident<I extends object> {
  /** The worker's name. */
  readonly name: string
  /**
   * Calls a method in the worker and waits for its result, without blocking the loop.
   *
   * Interruption returns to the caller at once. A call that was handed over by then runs to its end all the same, its
   * answer is dropped, and later calls come after it; a call that was still waiting for space never runs.
   */
  readonly call: <K extends MethodName<I>>(
    method: K,
    ...args: MethodArgs<I, K>
  ) => Effect.Effect<MethodResult<I, K>, CallError>
  /**
   * Calls a method and streams what it returns: an iterable or an async iterable, or a promise of one. The worker makes
   * items only as far as they are asked for; they cross in batches, each as it was when the iterator gave it.
   *
   * When the stream is not read to its end, the iterator's `return` runs in the worker, and the end of the stream waits for
   * it. What the iterator throws fails the stream after the items before it; an item that cannot cross fails it with
   * `UnsendableError`. The iterator's return value is dropped. In a `"blocking"` resident other calls come in between
   * batches; an asynchronous iterator's next item is awaited before the next call.
   *
   * ```ts
   * import type { Resident } from "@offloop/runtime"
   * import { Stream } from "effect"
   *
   * interface Log {
   *   lines(from: number): Generator<string>
   * }
   * const firstTen = (log: Resident.Resident<Log>) => log.stream("lines", 0).pipe(Stream.take(10), Stream.runCollect)
   * ```
   */
  readonly stream: <K extends MethodName<I>>(
    method: K,
    ...args: MethodArgs<I, K>
  ) => Stream.Stream<MethodItem<I, K>, CallError>
  /** `stream` with options. A buffer size that is not an integer of 1 or more is a defect. */
  readonly streamWith: (
    options: StreamOptions,
  ) => <K extends MethodName<I>>(method: K, ...args: MethodArgs<I, K>) => Stream.Stream<MethodItem<I, K>, CallError>
  /**
   * `call` without Effect: tells `onExit`, once, how the call ended, always after it has returned itself. Returns the
   * call's number for `unsafeAbandon`.
   */
  readonly unsafeCall: <K extends MethodName<I>>(
    method: K,
    args: MethodArgs<I, K>,
    onExit: (exit: CallExit<MethodResult<I, K>>) => void,
  ) => number
  /**
   * What interruption does to a `call`: `onExit` will not be told any more, and if the call was not handed over it
   * never runs.
   */
  readonly unsafeAbandon: (id: number) => void
  /** Ends the thread at once, without `close()`. Pending calls fail with `ResidentClosedError`. */
  readonly terminate: Effect.Effect<void>
  /** Waits until the object is gone, for whatever reason. */
  readonly closed: Effect.Effect<void>
  /**
   * Waits until the worker crashes, and fails then; never succeeds. Stays pending when the resident is closed as it
   * should be.
   */
  readonly onCrash: Effect.Effect<never, WorkerCrashedError>
}

/** How to open a resident. What the runtime cannot do is refused with `InvalidResidentOptionsError`. */
export interface Options extends PlacementOptions {
  /** The worker's name, for errors and debuggers. Default: the task's name. */
  readonly name?: string | undefined
  /**
   * `"blocking"` (default): calls run one at a time, in order, and the thread blocks while it waits for the next, so
   * its own timers and sockets stand still; a method that returns a promise is awaited before the next call. `"async"`:
   * calls are started in order and overlap; the worker's own event loop keeps turning.
   */
  readonly mode?: "blocking" | "async" | undefined
  /** What the object's methods can call on the loop, with `fromThread` of `@offloop/runtime/worker`. */
  readonly portal?: Portal | undefined
}

/**
 * Opens a resident: starts a worker thread, runs `task(init)` in it, and keeps the object that it returns. When the
 * scope closes, the calls made so far finish, the object's `close()` method runs, if it has one, and the thread ends;
 * what `close()` throws is a defect. So is the `WorkerCrashedError` of a thread that dies meanwhile, with which the
 * calls fail too. With `InlineBackend` the object lives on the loop's own thread, and everything else is the same. With
 * `placement: "process"` it lives in a process.
 *
 * ```ts
 * import { Backend, Resident, Task } from "@offloop/runtime"
 * import { Effect } from "effect"
 *
 * // counter.ts: export const makeCounter = (start: number) => ({ add: (n: number) => (start += n) })
 * interface Counter {
 *   add(n: number): number
 * }
 * const module = new URL("./counter.js", import.meta.url).href
 * const makeCounter: Task.Task<[number], Counter> = { module, name: "makeCounter" }
 *
 * const program = Effect.gen(function* () {
 *   const counter = yield* Resident.make(makeCounter, 40)
 *   return yield* counter.call("add", 2)
 * }).pipe(Effect.scoped, Effect.provide(Backend.layer))
 * ```
 */
export const make = <Init, I extends object>(
  task: Task<[Init], I | Promise<I>>,
  init: Init,
  options: Options = {},
): Effect.Effect<Resident<I>, OpenError, Backend | Scope.Scope> =>
  Effect.map(openScoped("Resident.make", task, init, options), (link) =>
    fromLink<I>(options.name ?? task.name, link, options.portal),
  )

/** Why a supervised resident is opened again: its thread died, or it could not be opened. */
export type RestartReason = WorkerCrashedError | OpenError

/**
 * What happens to a supervised resident. `restarts` counts how often it was opened again, or tried to, until then.
 *
 * - `"Crashed"`: its thread died.
 * - `"Reopened"`: there is a new object; calls that waited for it are made now.
 * - `"ReopenFailed"`: there is none; the schedule is asked again.
 * - `"GaveUp"`: the schedule is done. Calls fail with the `cause` from now on.
 */
export type SupervisorEvent =
  | { readonly _tag: "Crashed"; readonly cause: WorkerCrashedError; readonly restarts: number }
  | { readonly _tag: "Reopened"; readonly cause: WorkerCrashedError; readonly restarts: number }
  | { readonly _tag: "ReopenFailed"; readonly cause: OpenError; readonly restarts: number }
  | { readonly _tag: "GaveUp"; readonly cause: WorkerCrashedError; readonly restarts: number }

/** A resident that is opened again when its thread dies. */
export interface Supervised<I extends object> extends Resident<I> {
  /** How often it was opened again, or tried to. */
  readonly restarts: Effect.Effect<number>
  /**
   * What happens to it from when the stream is run; ends when its scope closes. A reader that is slow misses the oldest
   * of more than 256 events.
   */
  readonly events: Stream.Stream<SupervisorEvent>
}

/** How to open a resident, and how often and fast to open it again. */
export interface SupervisedOptions<R = never> extends Options {
  /**
   * Is asked after each crash, and after each opening that failed, with what happened: it says how long to wait before
   * the object is opened again, or that it is not. Default: 100 ms, doubled each time, for at most 5 times within a
   * minute. A schedule without `Schedule.resetAfter` counts over the whole life of the resident.
   */
  readonly schedule?: Schedule.Schedule<unknown, RestartReason, R> | undefined
}

/** As often as Erlang's supervisors and most service managers let one come back before they call it broken. */
const defaultSchedule = Schedule.exponential("100 millis").pipe(
  Schedule.intersect(Schedule.recurs(5)),
  Schedule.resetAfter("1 minute"),
)

/**
 * `make`, but when the thread dies the object is opened again, with the same `init`, as long as a schedule allows: a
 * supervisor of one child, as in Erlang.
 *
 * A call or stream that was pending when the thread died fails with `WorkerCrashedError` and is never made again by
 * itself, because nobody knows how far it came. Calls made while there is no object wait for the next one; they can be
 * interrupted, and fail when none comes. What `init` holds is sent as it is at that time; state that the object had is
 * lost. When the schedule is done, calls fail with a `WorkerCrashedError` whose `cause` is what happened last, and
 * `onCrash` fails with it. Each restart is logged as a warning.
 *
 * The first opening is not repeated: its failure fails this effect, and `Effect.retry` repeats it. Closing the scope
 * while the object is opened again, and `terminate` at any time, end the supervision. Inline a thread cannot die. An
 * `init` with parts to `transfer` fails with `InitNotRepeatableError`, because they would be gone.
 *
 * ```ts
 * import { Backend, Resident, Task } from "@offloop/runtime"
 * import { Effect, Schedule, Stream } from "effect"
 *
 * // counter.ts: export const makeCounter = (start: number) => ({ add: (n: number) => (start += n) })
 * interface Counter {
 *   add(n: number): number
 * }
 * const module = new URL("./counter.js", import.meta.url).href
 * const makeCounter: Task.Task<[number], Counter> = { module, name: "makeCounter" }
 *
 * // Three times a minute at most, and not after an exit that was meant.
 * const schedule = Schedule.spaced("1 second").pipe(
 *   Schedule.intersect(Schedule.recurs(3)),
 *   Schedule.resetAfter("1 minute"),
 *   Schedule.whileInput(
 *     (reason: Resident.RestartReason) => reason._tag !== "WorkerCrashedError" || reason.exitCode !== 0,
 *   ),
 * )
 *
 * const program = Effect.gen(function* () {
 *   const counter = yield* Resident.supervised(makeCounter, 40, { schedule })
 *   yield* Effect.fork(Stream.runForEach(counter.events, ({ _tag, restarts }) => Effect.log(_tag, restarts)))
 *   return yield* counter.call("add", 2)
 * }).pipe(Effect.scoped, Effect.provide(Backend.layer))
 * ```
 */
export const supervised = <Init, I extends object, R = never>(
  task: Task<[Init], I | Promise<I>>,
  init: Init,
  options: SupervisedOptions<R> = {},
): Effect.Effect<Supervised<I>, OpenError | InitNotRepeatableError, Backend | R | Scope.Scope> => {
  const name = options.name ?? task.name
  const schedule: Schedule.Schedule<unknown, RestartReason, R> = options.schedule ?? defaultSchedule
  return Effect.suspend(
    (): Effect.Effect<Supervised<I>, OpenError | InitNotRepeatableError, Backend | R | Scope.Scope> => {
      if (movesIn(init) !== undefined) return Effect.fail(new InitNotRepeatableError({ worker: name }))
      return Effect.gen(function* () {
        const backend = yield* Backend
        const onLine = logLines(yield* Effect.runtime<never>())
        const caller = currentCaller()
        // It opens the object again when its fiber does other things.
        caller?.keep()
        const home = currentHome()
        const { link, restarts, events } = yield* supervise<ConnectError, R>(
          name,
          (onExit) => {
            const telemetry = new Desk(home)
            const asker = "Resident.supervised"
            return openLink({ asker, task, init, options, backend, telemetry, onLine, caller }, onExit)
          },
          schedule,
        ).pipe(Effect.catchAll((error) => refused(error)))
        return {
          ...fromLink<I>(name, link, options.portal),
          restarts: Effect.sync(restarts),
          events: Stream.fromPubSub(events),
        }
      })
    },
  )
}

// With types neither can happen: there is a backend, and a task.
const refused = (error: OpenError | ConnectError): Effect.Effect<never, OpenError> =>
  error._tag === "NotATaskError" || error._tag === "UnsupportedRuntimeError" ? Effect.die(error) : Effect.fail(error)

const openScoped = <Init, I extends object>(
  asker: string,
  task: Task<[Init], I | Promise<I>>,
  init: Init,
  options: Options,
): Effect.Effect<Link, OpenError, Backend | Scope.Scope> =>
  Effect.flatMap(Backend, (backend) => {
    const started = Effect.flatMap(Effect.runtime<never>(), (runtime): Effect.Effect<Link, OpenError> => {
      const telemetry = new Desk(currentHome())
      const link = connect({ asker, task, options, backend, telemetry, onLine: logLines(runtime) })
      return link instanceof Error ? refused(link) : Effect.succeed(link)
    })
    return Effect.acquireRelease(started, (link) =>
      wait<void>((resume) => link.close((exit) => resume(exit.ok ? Effect.void : Effect.die(exit.error)))),
    ).pipe(
      Effect.tap((link) =>
        wait<void, OpenError>((resume) => {
          const { module, name: exportName } = task
          link.open({ module, exportName, init, caller: currentCaller() }, (exit) =>
            resume(exit.ok ? Effect.void : Effect.fail(exit.error)),
          )
        }).pipe(Effect.onExit((exit) => (Exit.isSuccess(exit) ? Effect.void : Effect.sync(() => link.terminate())))),
      ),
    )
  })

const streamFrom =
  (link: Line, options: StreamOptions) =>
  (method: string, ...args: ReadonlyArray<unknown>): Stream.Stream<never, CallError> =>
    fromFeed<never, CallError>((feed) =>
      Effect.sync(() => feed.open(link, method, args, checkBufferSize(options.bufferSize), currentCaller())),
    )

const callOn = (link: Line, method: string, args: ReadonlyArray<unknown>, host?: Host) =>
  wait<unknown, CallError>((resume) => {
    const id = link.call(
      method,
      args,
      // Unlike an exit, it says in which span of the loop the call was made.
      (exit) => resume(exit.ok ? Exit.succeed(exit.value) : Effect.fail(exit.error)),
      host,
      currentCaller(),
    )
    return Effect.sync(() => link.abandon(id))
  })

/** Calls a method whose code may call back. */
const callWith = (portal: Portal, name: string, link: Line, method: string, args: ReadonlyArray<unknown>) =>
  Effect.flatMap(Effect.getFiberRefs, (refs) => {
    const waiting = heldIn(refs)
    if (waiting.includes(link)) {
      return Effect.fail(
        new DeadlockError({
          target: `${name}.${method}`,
          detail: `resident "${name}" waits for the handler that makes this call. Make it after the handler has answered`,
        }),
      )
    }
    return callOn(link, method, args, receptionOf(portal).host(refs, [link, ...waiting]))
  })

const fromLink = <I extends object>(name: string, link: Line, portal: Portal | undefined): Resident<I> => ({
  name,
  call: <K extends MethodName<I>>(method: K, ...args: MethodArgs<I, K>) =>
    (portal === undefined ? callOn(link, method, args) : callWith(portal, name, link, method, args)) as Effect.Effect<
      MethodResult<I, K>,
      CallError
    >,
  stream: streamFrom(link, {}),
  streamWith: (options) => streamFrom(link, options),
  ...unsafeCalls<I>(link, portal),
  terminate: Effect.sync(() => link.terminate()),
  closed: wait<void>((resume) => {
    const stop = link.onEnd(() => resume(Effect.void))
    return Effect.sync(stop)
  }),
  onCrash: wait<never, WorkerCrashedError>((resume) => {
    const stop = link.onEnd((ended) => {
      if (ended._tag === "WorkerCrashedError") resume(Effect.failCause(Cause.fail(ended)))
    })
    return Effect.sync(stop)
  }),
})

const unsafeCalls = <I extends object>(
  link: Line,
  portal: Portal | undefined,
): Pick<Resident<I>, "unsafeCall" | "unsafeAbandon"> => {
  /** Calls that are answered, and whose callback is about to be told. */
  const answered = new Set<number>()
  return {
    unsafeCall: (method, args, onExit) => {
      const host = portal === undefined ? undefined : receptionOf(portal).host(undefined, [link])
      const tell = inCallersContext((exit: CallExit<unknown>) => {
        if (answered.delete(id)) deliver(onExit as (exit: CallExit<unknown>) => void, exit)
      })
      const id = link.call(
        method,
        args,
        (exit) => {
          answered.add(id)
          tell(exit)
        },
        host,
      )
      return id
    },
    unsafeAbandon: (id) => {
      if (!answered.delete(id)) link.abandon(id)
    },
  }
}
