/** How a process serves the object that it holds: it hears of messages between calls, on its own event loop. */
import { running } from "../portal/running.ts"
import { boundIn } from "../transport/platform-object.ts"
import * as Protocol from "../transport/protocol.ts"
import { type Obstacle, obstacleIn } from "../transport/sendable.ts"
import type { Incoming, Outgoing } from "../transport/wire.ts"
import { Host } from "../worker/host.ts"
import { encoded, type Frame, frame, valueOf } from "./frame.ts"

class Message implements Incoming {
  current: Frame = [0, 0, 0, new Uint8Array(0)]

  get kind(): number {
    return this.current[0] & Protocol.KIND
  }
  get id(): number {
    return this.current[1]
  }
  get extra(): number {
    return this.current[2]
  }
  // What has arrived in a process cannot be taken back.
  claim(): boolean {
    return true
  }
  value(): unknown {
    return valueOf(this.current)
  }
  release(): void {}
}

class Answers implements Outgoing {
  readonly #post: (frame: Frame) => void

  constructor(post: (frame: Frame) => void) {
    this.#post = post
  }
  send(kind: number, id: number, extra: number, value: unknown): void {
    this.#post(frame(kind, id, extra, value))
  }
  sendEncoded(kind: number, id: number, extra: number, bytes: Uint8Array, length: number): void {
    this.#post(encoded(kind, id, extra, bytes, length))
  }
  obstacle(value: unknown, path: string): Obstacle {
    return boundIn(value, path) ?? obstacleIn(value, path) ?? { path, kind: "value" }
  }
}

/**
 * Gives a function that takes the messages, in order. `serial`: a call that gives a promise is awaited before the next
 * message is looked at; otherwise calls overlap. `fail` is told what cannot be sent or understood; `mark`
 * marks in what the process writes that a call begins.
 */
export const serve = (
  post: (frame: Frame) => void,
  serial: boolean,
  fail: (thrown: unknown) => void,
  mark: (number: number) => void,
): ((frame: Frame) => void) => {
  const waiting: Frame[] = []
  const message = new Message()
  const host = new Host(message, new Answers(post), () => {})
  let busy = false
  let advancing = false

  const settled = (): void => {
    busy = false
    turn()
  }
  const wait = (later: Promise<unknown> | undefined): void => {
    if (later === undefined) return
    busy = serial
    later.then(settled, fail)
  }
  const advance = (): void => {
    advancing = false
    if (busy) return
    try {
      wait(host.advance())
    } catch (thrown) {
      fail(thrown)
      return
    }
    turn()
  }
  const turn = (): void => {
    try {
      while (!busy) {
        const next = waiting.shift()
        if (next === undefined) break
        const [kind, id, extra, bytes] = next
        const marked = (kind & Protocol.MARKED) !== 0
        if (marked) mark(id)
        message.current = [kind & ~Protocol.MARKED, id, extra, bytes]
        const later = host.handle()
        wait(later)
        // Once more when it has ended, for a line of its that has no end.
        if (marked && later === undefined) mark(id)
        else if (marked) later?.then(() => mark(id), fail)
        // What goes on after an await can be any call's.
        running.call = 0
      }
    } catch (thrown) {
      fail(thrown)
      return
    }
    // A batch of each stream in a macrotask of its own, so that the word comes in that no more is wanted.
    if (advancing || busy || !host.ready) return
    advancing = true
    setImmediate(advance)
  }
  return (next) => {
    waiting.push(next)
    turn()
  }
}
