import type { DriverDone } from "@offloop/orm-async/driver"

/** The progress of a call. */
export type Stage =
  /** It waits for the write lock, or is about to be sent. */
  | "waiting"
  /** The worker has it, and may have begun it. */
  | "sent"
  /** It has run, or cannot be told apart from others that do; its answer may be on its way in parts. */
  | "begun"
  | "ended"

/** A call that is under way. */
export interface Flight<A = never> {
  readonly done: DriverDone<A>
  /** It can be taken back as long as it has not begun, when its caller gives it up. */
  readonly isCancellable: boolean
  /** It may be one of several, and can be run on another connection instead. */
  readonly isPipelined: boolean
  stage: Stage
  /** The caller has given it up. */
  isCancelled: boolean
  /** It counts among those that need the write lock. */
  isWrite: boolean
  /** The number of the call to the worker. */
  id: number
  /** Is told when the call needs the write lock no more, however it has ended. */
  onLanded: (() => void) | undefined
  /** Gives up waiting for the write lock. */
  leave: (() => void) | undefined
}

/** Starts keeping track of a call. */
export const makeFlight = <A>(done: DriverDone<A>, isCancellable: boolean, isPipelined: boolean): Flight<A> => ({
  done,
  isCancellable,
  isPipelined,
  stage: "waiting",
  isCancelled: false,
  isWrite: false,
  id: 0,
  onLanded: undefined,
  leave: undefined,
})
