/**
 * Where code that runs for a call finds its way back to the loop. It hangs on the global object and not on a module,
 * because a program may come to load this module twice, bundled and not.
 */
import type { Answer } from "./messages.ts"

/** A request that was made and not waited for yet. */
export interface Request {
  /** Blocks until it has ended. */
  wait(): Answer
  /** Whether it has ended. */
  readonly done: boolean
  cancel(): void
}

/** The way back of the call that runs now. */
export interface Seat {
  /** Whether a call runs. */
  readonly occupied: boolean
  /** Whether the caller was interrupted. */
  readonly cancelled: boolean
  request(name: string, args: ReadonlyArray<unknown>, synchronous: boolean): Request
  /** The same, bound to this call. */
  keep(): Seat
}

const key = Symbol.for("@offloop/runtime/seat")
const place = globalThis as { [key]?: Seat | undefined }

/** The seat of the call that runs now, or `undefined` where none does. */
export const currentSeat = (): Seat | undefined => (place[key]?.occupied === true ? place[key] : undefined)

/** The same, to go on in it later. */
export const keepSeat = (): Seat | undefined => currentSeat()?.keep()

/** Takes a seat. Returns who had it before. */
export const takeSeat = (seat: Seat | undefined): Seat | undefined => {
  const before = place[key]
  place[key] = seat
  return before
}

/** Runs a function in a seat. */
export const seated = <A>(seat: Seat | undefined, run: () => A): A => {
  const before = takeSeat(seat)
  try {
    return run()
  } finally {
    takeSeat(before)
  }
}
