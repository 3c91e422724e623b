/**
 * The way back of code in a process: there is none. It is there all the same, so that `checkCancelled` can be asked
 * wherever the code runs; who is not wanted any more is killed, and need not be told.
 */
import { type Answer, refused } from "../portal/messages.ts"
import type { Request, Seat } from "../portal/seat.ts"

const refusal: Answer = refused(
  "NoPortal",
  'this code runs in a process of its own, from where nothing can be called. Run it with the placement "worker"',
)

const request: Request = { wait: () => refusal, done: true, cancel: () => {} }

export const processSeat: Seat = {
  occupied: true,
  cancelled: false,
  request: () => request,
  keep: () => processSeat,
}
