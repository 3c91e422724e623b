/** `Resident` for programs without Effect: an object that lives in one worker thread. */
import { InitNotRepeatableError } from "../errors.ts"
import { detected, inlineBackend } from "../internal/backend/available.ts"
import { ConsoleSink } from "../internal/context/console-sink.ts"
import { logLine } from "../internal/context/log-line.ts"
import type { CallExit, OnExit } from "../internal/link/link.ts"
import { type ConnectError, linkName, openLink } from "../internal/link/open-link.ts"
import type { Line } from "../internal/link/supervised-link.ts"
import { Supervisor } from "../internal/link/supervisor.ts"
import type { PlainBackend } from "../internal/pool/plain-pools.ts"
import { boundHost } from "../internal/portal/bound-host.ts"
import type { Host } from "../internal/portal/host.ts"
import { consoleLines } from "../internal/process/console-lines.ts"
import { checkBufferSize } from "../internal/stream/buffer-size.ts"
import { movesIn } from "../internal/transport/moves.ts"
import { portray } from "../internal/transport/portrait.ts"
import type * as Effects from "../Resident.ts"
import type { Task } from "../Task.ts"
import { type CallOptions, closable } from "./call-options.ts"
import { callerOf } from "./caller.ts"
import { Events } from "./events.ts"
import { iterable } from "./iterable.ts"
import type { Portal } from "./Portal.ts"
import { hostOf } from "./portal-host.ts"
import { type Ask, askAsUsual, decideBy } from "./schedule.ts"
import { settled } from "./settled.ts"

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
  readonly backend?: PlainBackend | undefined
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
export const open = <Init, I extends object>(
  task: Task<[Init], I | Promise<I>>,
  init: Init,
  options: Options = {},
): Promise<Resident<I>> =>
  settled<Resident<I>>(
    options.signal,
    (onExit) => {
      const host = options.portal && hostOf(options.portal)
      const stop = openOnce("Resident.open", task, init, options, (exit) => {
        if (!exit.ok) onExit(exit)
        else {
          const name = linkName(options, task)
          onExit({ ok: true, value: residentOf<I>(name, exit.value, host, (done) => exit.value.close(done)) })
        }
      })
      return (onLeft) => {
        stop()
        onLeft()
      }
    },
    [init],
  )

const openOnce = (
  asker: string,
  task: Task<never, unknown, unknown>,
  init: unknown,
  { backend, signal: _, ...options }: Options,
  onExit: Parameters<typeof openLink>[1],
): (() => void) =>
  openLink(
    {
      asker,
      task,
      init,
      options,
      backend: backend === "inline" ? inlineBackend : detected(),
      telemetry: new ConsoleSink(),
      onLine: consoleLines,
    },
    onExit,
  )

const residentOf = <I extends object>(
  name: string,
  link: Line,
  host: Host | undefined,
  close: (onExit: OnExit<void>) => void,
): Resident<I> => {
  const callWith = ({ signal }: CallOptions): Call<I> =>
    ((method: string, ...args: ReadonlyArray<unknown>) =>
      settled<unknown>(
        signal,
        (onExit) => {
          const id = link.call(method, args, onExit, host && boundHost(host))
          return (onLeft) => {
            link.abandon(id)
            onLeft()
          }
        },
        args,
      )) as Call<I>
  const streamWith = ({ signal, bufferSize }: StreamOptions): Iterate<I> => {
    const iterate = ((method: string, ...args: ReadonlyArray<unknown>) =>
      iterable({
        open: (feed) => feed.open(link, method, args, checkBufferSize(bufferSize)),
        signal,
        caller: callerOf(iterate),
        args,
      })) as Iterate<I>
    return iterate
  }
  return {
    name,
    call: callWith({}),
    callWith,
    stream: streamWith({}),
    streamWith,
    terminate: async () => link.terminate(),
    closed: (options) =>
      settled<void>(options?.signal, (onExit) => {
        const stop = link.onEnd(() => onExit({ ok: true, value: undefined }))
        return left(stop)
      }),
    onCrash: (options) =>
      settled<never>(options?.signal, (onExit) => {
        const stop = link.onEnd((ended) => {
          if (ended._tag === "WorkerCrashedError") onExit({ ok: false, error: ended })
        })
        return left(stop)
      }),
    ...closable(() =>
      settled<void>(undefined, (onExit) => {
        close(onExit)
        return (onLeft) => onLeft()
      }),
    ),
  }
}

const left =
  (stop: () => void) =>
  (onLeft: () => void): void => {
    stop()
    onLeft()
  }

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
  readonly schedule?: Ask | undefined
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
export const supervised = <Init, I extends object>(
  task: Task<[Init], I | Promise<I>>,
  init: Init,
  options: SupervisedOptions = {},
): Promise<Supervised<I>> =>
  settled<Supervised<I>>(options.signal, (onExit: (exit: CallExit<Supervised<I>, unknown>) => void) => {
    const { schedule, ...rest } = options
    const name = linkName(options, task)
    if (movesIn(init) !== undefined) throw new InitNotRepeatableError({ worker: name })
    const host = options.portal && hostOf(options.portal)
    const events = new Events<Effects.SupervisorEvent>()
    const supervisor = new Supervisor<ConnectError>({
      name,
      open: (told) => openOnce("Resident.supervised", task, init, rest, told),
      decide: decideBy(schedule ?? askAsUsual()),
      onEvent: (event) => events.publish(event),
      log: (level, message, reason) => {
        const cause = { type: "fail", error: portray(reason) } as const
        const annotations = [["resident", name]] as const
        console.log(logLine({ level, message: [message], cause, annotations, time: Date.now() }))
      },
    })
    const close = (done: OnExit<void>): void =>
      supervisor.close((exit) => {
        events.end()
        done(exit)
      })
    const stop = supervisor.start((exit) => {
      if (!exit.ok) {
        onExit(exit)
        return
      }
      const resident = residentOf<I>(name, supervisor.link, host, close)
      onExit({ ok: true, value: { ...resident, restarts: async () => supervisor.restarts, events } })
    })
    return (onLeft) => {
      stop()
      close(() => onLeft())
    }
  })
