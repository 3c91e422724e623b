/** The loop's connection to one object, in a worker or inline. Plain TypeScript: the hot path of everything above. */
import type {
  CallError,
  InvalidResidentOptionsError,
  OpenError,
  ResidentClosedError,
  WorkerCrashedError,
} from "../../errors.ts"
import type { Caller } from "../context/sent.ts"
import type { Host } from "../portal/host.ts"

/** What opening an object can fail with, once there is a link. */
export type OpenFailure = Exclude<OpenError, InvalidResidentOptionsError>

/** Everything that a request to a link can fail with. */
export type LinkError = CallError | OpenFailure

/** The end of a call. */
export type CallExit<A, E = CallError> =
  | { readonly ok: true; readonly value: A }
  | { readonly ok: false; readonly error: E }

/** Is told, once, how a call ended; after the function that started it has returned. */
export type OnExit<A = unknown, E = CallError> = (exit: CallExit<A, E>) => void

/** Is told a batch of a stream's items. */
export type OnItems = (items: ReadonlyArray<unknown>) => void

/** What to open. */
export interface Opening {
  readonly module: string
  readonly exportName: string
  readonly init: unknown
  /** Who opens it. */
  readonly caller?: Caller | undefined
}

export interface Link {
  /** Creates the object. To be called once, before anything else. */
  open(opening: Opening, onExit: OnExit<void, OpenFailure>): void
  /**
   * Calls a method. Returns the call's number, for `abandon`. `host` serves what its code asks of the loop; `caller` is
   * whose context it has, and by whose means its logs, spans and metrics come out.
   */
  call(method: string, args: ReadonlyArray<unknown>, onExit: OnExit, host?: Host, caller?: Caller): number
  /** `call`, but `retract` can take it back as long as it has not started. */
  offer(method: string, args: ReadonlyArray<unknown>, onExit: OnExit, host?: Host, caller?: Caller): number
  /**
   * Takes an offer back: it never runs, and `onExit` is not told. Says whether it had not started; also after the object
   * is gone.
   */
  retract(id: number): boolean
  /**
   * Calls a method and iterates what it returns. `onItems` is told each batch, in order, before `onExit` is told the end.
   * At most `bufferSize` items are under way that were not acknowledged. Returns the stream's number.
   */
  stream(
    method: string,
    args: ReadonlyArray<unknown>,
    bufferSize: number,
    onItems: OnItems,
    onExit: OnExit,
    caller?: Caller,
  ): number
  /** The oldest batch was used. */
  acknowledge(id: number): void
  /**
   * No more items are wanted. `onItems` is told no more; `onExit` is told when the iterator has cleaned up. Says
   * whether it will be: not where the stream was not handed over yet, or is over.
   */
  stop(id: number): boolean
  /** The caller was interrupted: tells the call's code, if it asks, and interrupts what runs on its behalf on the loop. */
  cancel(id: number): void
  /** The answer is of no interest any more. A call that was not handed over yet does not run. */
  abandon(id: number): void
  /** Closes the object after the calls made so far, and ends the thread. Calls back when it has ended. */
  close(onExit: OnExit<void>): void
  /** Ends the thread at once. Pending calls fail. */
  terminate(): void
  /** Is told, once, when what was terminated is really gone: not while native code goes on in its thread. */
  onGone(listener: () => void): void
  /** Why the object is not there any more, or `undefined` while it is. */
  readonly ended: Ended | undefined
  /** Is called when the object is gone for whatever reason; at once if it is. Returns how to stop listening. */
  onEnd(listener: (ended: Ended) => void): () => void
}

/** Why an object is gone: its owner closed it, or its thread died. */
export type Ended = ResidentClosedError | WorkerCrashedError
