/** The loop's end of a line: serves the requests of one worker, each on behalf of the call that it was made in. */
import { Doorbell } from "../transport/doorbell.ts"
import { Inbox } from "../transport/inbox.ts"
import { Listener } from "../transport/listener.ts"
import { stay } from "../transport/moves.ts"
import { Outbox } from "../transport/outbox.ts"
import { describe } from "../transport/portrait.ts"
import type { Port, Receive } from "../transport/protocol.ts"
import { RingReader, RingWriter } from "../transport/ring.ts"
import { sendThrown } from "../transport/send-failure.ts"
import { findObstacle } from "../transport/sendable.ts"
import { LostMessageError, unreadValue } from "../transport/unread-value.ts"
import { type Host, noPortal } from "./host.ts"
import { LineWords, linePlaces } from "./memory.ts"
import { type Answer, CANCEL, CANCELLED, REFUSED, RUN, THREW, VALUE } from "./messages.ts"

interface Call {
  readonly host: Host | undefined
  cancelled: boolean
  /** How to cancel the handlers that run on its behalf. */
  readonly handlers: Map<number, () => void>
}

interface Wires {
  readonly outbox: Outbox
  readonly inbox: Inbox
  readonly listener: Listener
}

export class LoopLine {
  readonly #memory: SharedArrayBuffer
  readonly #port: Port
  readonly #receive: Receive
  readonly #words: LineWords
  readonly #calls = new Map<number, Call>()
  /** In which call a request was made that is not answered yet. */
  readonly #requests = new Map<number, Call>()
  #ended = false
  // Made when the first call is served: most workers never call back.
  #wires: Wires | undefined

  constructor(memory: SharedArrayBuffer, port: Port, receive: Receive) {
    this.#memory = memory
    this.#port = port
    this.#receive = receive
    this.#words = new LineWords(memory)
  }

  /** Whether any call has to be told about that ends. */
  get busy(): boolean {
    return this.#calls.size > 0
  }

  /** Serves a call's requests, until `done`. To be called before the worker can see the call. */
  serve(call: number, host: Host): void {
    this.#calls.set(call, { host, cancelled: false, handlers: new Map() })
    if (this.#wires !== undefined) return
    const workerBell = new Doorbell(this.#memory, linePlaces.workerBell)
    const ringWorker = (): void => void workerBell.ring()
    const outbox = new Outbox(new RingWriter(this.#memory, linePlaces.requests), this.#port, ringWorker)
    const inbox = new Inbox(new RingReader(this.#memory, linePlaces.responses), this.#receive, ringWorker)
    const bell = new Doorbell(this.#memory, linePlaces.loopBell)
    const listener = new Listener(bell, inbox, outbox, () => this.#take(inbox, outbox))
    this.#wires = { outbox, inbox, listener }
    this.#words.serve()
    listener.listen()
  }

  /** A call's caller was interrupted: says so to the code in the worker, and cancels what runs on the call's behalf. */
  cancel(id: number): void {
    let call = this.#calls.get(id)
    if (call === undefined) {
      call = { host: undefined, cancelled: false, handlers: new Map() }
      this.#calls.set(id, call)
    }
    call.cancelled = true
    this.#words.cancel(id)
    for (const stop of [...call.handlers.values()]) stop()
  }

  /** A call has ended, and with it everything that runs on its behalf. */
  done(id: number): void {
    const call = this.#calls.get(id)
    if (call === undefined) return
    this.#calls.delete(id)
    if (call.cancelled) this.#words.forget(id)
    for (const stop of [...call.handlers.values()]) stop()
  }

  /** The worker is gone. */
  end(): void {
    this.#ended = true
    for (const id of [...this.#calls.keys()]) this.done(id)
    this.#wires?.listener.stop()
  }

  #take(inbox: Inbox, outbox: Outbox): void {
    if (inbox.refresh()) {
      while (inbox.next()) {
        const { kind, id, extra } = inbox
        let value: unknown
        try {
          value = inbox.value()
        } catch (thrown) {
          if (thrown instanceof LostMessageError) throw thrown
          const detail = `args: a ${unreadValue} cannot cross to the loop: ${describe(thrown)}`
          this.#answer(id, { how: "refused", reason: "Unsendable", detail })
          continue
        }
        this.#handle(kind, id, extra, value)
      }
      inbox.release()
    }
    if (!outbox.flush()) outbox.awaitSpace()
    this.#wires?.listener.listen()
  }

  #handle(kind: number, request: number, id: number, value: unknown): void {
    if (kind === CANCEL) {
      this.#requests.get(request)?.handlers.get(request)?.()
      return
    }
    if (kind !== RUN) throw new Error(`offloop portal: unknown request ${kind}`)
    const call = this.#calls.get(id)
    if (call?.host === undefined) {
      this.#answer(request, noPortal)
      return
    }
    if (call.cancelled) {
      // As in anyio, what is started in a cancelled scope is cancelled.
      this.#answer(request, { how: "cancelled" })
      return
    }
    const [name, args, synchronous] = value as [string, ReadonlyArray<unknown>, boolean]
    let answered = false
    this.#requests.set(request, call)
    const stop = call.host.run(name, args, synchronous ? "synchronous" : "forked", (answer) => {
      answered = true
      call.handlers.delete(request)
      this.#requests.delete(request)
      this.#answer(request, answer)
    })
    if (!answered) call.handlers.set(request, stop)
  }

  #answer(request: number, answer: Answer): void {
    const outbox = this.#wires?.outbox
    if (this.#ended || outbox === undefined) return
    say(outbox, request, answer)
    if (!outbox.flush()) outbox.awaitSpace()
  }
}

const say = (outbox: Outbox, request: number, answer: Answer): void => {
  switch (answer.how) {
    case "value":
      try {
        outbox.send(VALUE, request, 0, answer.value)
      } catch {
        const { path, kind } = findObstacle(answer.value, "result")
        stay(answer.value)
        outbox.send(REFUSED, request, 0, ["Unsendable", `${path}: ${kind} cannot cross to the worker`])
      }
      return
    case "threw":
      sendThrown(outbox, THREW, request, answer.thrown)
      return
    case "cancelled":
      outbox.send(CANCELLED, request, 0, undefined)
      return
    case "refused":
      outbox.send(REFUSED, request, 0, [answer.reason, answer.detail])
  }
}
