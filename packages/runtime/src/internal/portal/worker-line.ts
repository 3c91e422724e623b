/** The worker's end of a line: sends requests to the loop, and blocks for their answers. */
import { Doorbell } from "../transport/doorbell.ts"
import { Inbox } from "../transport/inbox.ts"
import { stay } from "../transport/moves.ts"
import { Outbox } from "../transport/outbox.ts"
import { describe, type Portrait, rebuild } from "../transport/portrait.ts"
import type { Port, Receive } from "../transport/protocol.ts"
import { RingReader, RingWriter } from "../transport/ring.ts"
import { findObstacle } from "../transport/sendable.ts"
import { Sleeper } from "../transport/sleeper.ts"
import { LostMessageError, unreadValue } from "../transport/unread-value.ts"
import { noPortal } from "./host.ts"
import { LineWords, linePlaces } from "./memory.ts"
import { type Answer, CANCEL, CANCELLED, REFUSED, type Refusal, RUN, refused, THREW, VALUE } from "./messages.ts"
import { running } from "./running.ts"
import type { Request, Seat } from "./seat.ts"

export class WorkerLine implements Seat {
  readonly #words: LineWords
  readonly #outbox: Outbox
  readonly #inbox: Inbox
  readonly #unanswered: Sleeper
  readonly #full: Sleeper
  /** Requests under way, and the answers that nobody has taken yet. */
  readonly #requests = new Map<number, Answer | undefined>()
  #last = 0

  constructor(memory: SharedArrayBuffer, port: Port, receive: Receive) {
    this.#words = new LineWords(memory)
    const loopBell = new Doorbell(memory, linePlaces.loopBell)
    const ringLoop = (): void => void loopBell.ring()
    this.#outbox = new Outbox(new RingWriter(memory, linePlaces.responses), port, ringLoop)
    this.#inbox = new Inbox(new RingReader(memory, linePlaces.requests), receive, ringLoop)
    const bell = new Doorbell(memory, linePlaces.workerBell)
    this.#unanswered = new Sleeper(bell, () => this.#drain())
    // The loop may itself be waiting for space: what it has sent is taken meanwhile.
    this.#full = new Sleeper(bell, () => this.#outbox.awaitSpace() || this.#drain())
  }

  get occupied(): boolean {
    return running.call !== 0
  }

  get cancelled(): boolean {
    return this.#words.cancelled(running.call)
  }

  request(name: string, args: ReadonlyArray<unknown>, synchronous: boolean): Request {
    return this.#request(running.call, name, args, synchronous)
  }

  keep(): Seat {
    const { call } = running
    const words = this.#words
    const seat: Seat = {
      occupied: true,
      get cancelled() {
        return words.cancelled(call)
      },
      request: (name, args, synchronous) => this.#request(call, name, args, synchronous),
      keep: () => seat,
    }
    return seat
  }

  #request(call: number, name: string, args: ReadonlyArray<unknown>, synchronous: boolean): Request {
    // Without a listener there would be no answer.
    if (!this.#words.served) return answered(noPortal)
    do this.#last = (this.#last + 1) | 0
    while (this.#requests.has(this.#last))
    const request = this.#last
    try {
      this.#outbox.send(RUN, request, call, [name, args, synchronous])
    } catch {
      const { path, kind } = findObstacle(args, "args")
      stay(args)
      return answered(refused("Unsendable", `${path}: ${kind} cannot cross to the loop`))
    }
    this.#requests.set(request, undefined)
    this.#flush()
    let kept: Answer | undefined
    const look = (): Answer | undefined => {
      if (kept !== undefined) return kept
      kept = this.#requests.get(request)
      if (kept !== undefined) this.#requests.delete(request)
      return kept
    }
    const drain = (): boolean => this.#drain()
    return {
      wait: () => {
        for (;;) {
          const answer = look()
          if (answer !== undefined) return answer
          this.#unanswered.wait()
        }
      },
      get done() {
        drain()
        return look() !== undefined
      },
      cancel: () => {
        drain()
        if (look() !== undefined) return
        this.#outbox.send(CANCEL, request, 0, undefined)
        this.#flush()
      },
    }
  }

  #flush(): void {
    while (!this.#outbox.flush()) this.#full.wait()
  }

  /** Takes the answers that have come. Says whether there was anything. */
  #drain(): boolean {
    const inbox = this.#inbox
    if (!inbox.refresh()) return false
    while (inbox.next()) {
      const { id } = inbox
      const answer = answerIn(inbox)
      if (this.#requests.has(id)) this.#requests.set(id, answer)
    }
    inbox.release()
    return true
  }
}

const answered = (answer: Answer): Request => ({ wait: () => answer, done: true, cancel: () => {} })

/** The current message as an answer. One that cannot be read is a refusal. */
const answerIn = (inbox: Inbox): Answer => {
  try {
    return toAnswer(inbox.kind, inbox.value())
  } catch (thrown) {
    if (thrown instanceof LostMessageError) throw thrown
    return refused("Unsendable", `result: a ${unreadValue} cannot cross to the worker: ${describe(thrown)}`)
  }
}

const toAnswer = (kind: number, value: unknown): Answer => {
  switch (kind) {
    case VALUE:
      return { how: "value", value }
    case THREW:
      return { how: "threw", thrown: rebuild(value as Portrait) }
    case CANCELLED:
      return { how: "cancelled" }
    case REFUSED: {
      const [reason, detail] = value as [Refusal, string]
      return refused(reason, detail)
    }
    default:
      throw new Error(`offloop portal: unknown answer ${kind}`)
  }
}
