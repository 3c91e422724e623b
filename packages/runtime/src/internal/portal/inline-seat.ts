/** The way back of code that runs on the loop's own thread: handlers run in place, so they cannot wait for anything. */
import { handOver } from "../transport/hand-over.ts"
import { stay } from "../transport/moves.ts"
import { portray, rebuild } from "../transport/portrait.ts"
import { findObstacle } from "../transport/sendable.ts"
import { type Host, noPortal } from "./host.ts"
import { type Answer, refused } from "./messages.ts"
import type { Request, Seat } from "./seat.ts"

export const inlineSeat = (host: Host | undefined): Seat => {
  const seat: Seat = {
    occupied: true,
    // Nobody can have interrupted the caller: the loop is busy with this code.
    cancelled: false,
    request: (name, args, synchronous) => done(ask(host, name, args, synchronous)),
    keep: () => seat,
  }
  return seat
}

const ask = (host: Host | undefined, name: string, args: ReadonlyArray<unknown>, synchronous: boolean): Answer => {
  if (host === undefined) return noPortal
  if (!handOver(args)) return unsendable(args, "args", "loop")
  let answer: Answer | undefined
  host.run(name, args, synchronous ? "synchronous" : "inPlace", (given) => {
    answer = given
  })
  if (answer === undefined) throw new Error("offloop portal: an inline handler did not answer at once")
  if (answer.how === "value" && !handOver(answer.value)) return unsendable(answer.value, "result", "worker")
  // As it would come out of a thread.
  return answer.how === "threw" ? { how: "threw", thrown: rebuild(portray(answer.thrown)) } : answer
}

const unsendable = (value: unknown, path: string, to: string): Answer => {
  const found = findObstacle(value, path)
  stay(value)
  return refused("Unsendable", `${found.path}: ${found.kind} cannot cross to the ${to}`)
}

const done = (answer: Answer): Request => ({ wait: () => answer, done: true, cancel: () => {} })
