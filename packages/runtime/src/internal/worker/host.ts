/**
 * The worker's side of a link, without the question of how it waits: opens the object, calls its methods, sends
 * answers.
 */
import { Courier } from "../context/courier.ts"
import { place, within } from "../context/place.ts"
import type { Sent } from "../context/sent.ts"
import { running } from "../portal/running.ts"
import { isThenable } from "../thenable.ts"
import { stay } from "../transport/moves.ts"
import { describe } from "../transport/portrait.ts"
import * as Protocol from "../transport/protocol.ts"
import { sendThrown } from "../transport/send-failure.ts"
import { LostMessageError, unreadValue } from "../transport/unread-value.ts"
import type { Incoming, Outgoing } from "../transport/wire.ts"
import { CallContext } from "./call-context.ts"
import { type EventLoop, type MayTurn, mayTurn } from "./event-loop.ts"
import { resolveOpening } from "./openable.ts"
import { Streams } from "./streams.ts"

type Method = (...args: ReadonlyArray<unknown>) => unknown

/** Stands for a value that could not be read. */
const unread = Symbol("unread")

export class Host {
  readonly #inbox: Incoming
  readonly #outbox: Outgoing
  readonly #methods: string[] = []
  readonly #streams: Streams
  readonly #courier: Courier
  readonly #loop: EventLoop | undefined
  readonly #context = new CallContext()
  readonly #advance = (): Promise<unknown> | undefined => this.#streams.advance()
  #object: object = {}
  /** Set when the object was closed and nothing is to be done any more. */
  closed = false

  /**
   * `show` makes the loop see what was sent, without waiting; `press` does so from within a call's code, and may wait.
   * `loop`: that of a thread which blocks, where no call begins before another has ended.
   */
  constructor(inbox: Incoming, outbox: Outgoing, show: () => void, press = show, loop?: EventLoop) {
    this.#inbox = inbox
    this.#outbox = outbox
    this.#loop = loop
    this.#courier = new Courier(outbox, press, () => running)
    this.#streams = new Streams(outbox, show, (id) => this.#answering(id))
  }

  /** Whether there is something to do without a message: to read a stream's iterator. */
  get ready(): boolean {
    return this.#streams.ready
  }

  /** Does it, for a while. Returns a promise when an iterator has to be waited for. */
  advance(): Promise<unknown> | undefined {
    running.call = 0
    return this.#context.run(this.#advance)
  }

  /**
   * Handles the inbox's current message and gives its space back as soon as it is read. Returns a promise when the
   * answer comes later.
   */
  handle(): Promise<void> | undefined {
    return this.#context.run(this.#handle)
  }

  readonly #handle = (): Promise<void> | undefined => {
    const inbox = this.#inbox
    const { id, extra } = inbox
    switch (inbox.kind) {
      case Protocol.CALL: {
        const value = this.#read(id, "args")
        return value === unread ? undefined : this.#call(id, extra, value)
      }
      case Protocol.OFFER: {
        if (this.#loop?.pending !== true) return this.#taken(id, extra)
        return this.#offered(this.#loop, id, extra)
      }
      case Protocol.DEFINE:
        this.#methods[id] = inbox.value() as string
        inbox.release()
        return undefined
      case Protocol.OPEN: {
        const received = this.#read(id, "init")
        if (received === unread) return undefined
        const [sent, value] = brought(extra, received)
        return this.#open(id, sent, ...(value as [string, string, unknown]))
      }
      case Protocol.CLOSE:
        inbox.release()
        return this.#close(id)
      case Protocol.STREAM: {
        const received = this.#read(id, "args")
        if (received === unread) return undefined
        const [sent, value] = brought(extra, received)
        return this.#stream(id, sent, this.#method(extra), ...(value as [number, ReadonlyArray<unknown>]))
      }
      case Protocol.ACKNOWLEDGE:
        inbox.release()
        this.#streams.acknowledge(id)
        return undefined
      case Protocol.STOP:
        inbox.release()
        return this.#streams.stop(id)
      case Protocol.DISCARD:
        this.#skip()
        return undefined
      default:
        throw new Error(`offloop transport: unknown request ${inbox.kind}`)
    }
  }

  /** Begins an OFFER, if it is still there to take. */
  #taken(id: number, extra: number): Promise<void> | undefined {
    if (!this.#inbox.claim()) {
      this.#skip()
      return undefined
    }
    const value = this.#read(id, "args")
    return value === unread ? undefined : this.#call(id, extra, value)
  }

  /**
   * The same where the loop has not turned since the last call. A call that turns it would be charged with what calls before
   * it have left behind, a rejection that nobody handles: so it turns before such a call is claimed.
   */
  #offered(loop: EventLoop, id: number, extra: number): Promise<void> | undefined {
    let received: unknown
    try {
      received = this.#inbox.value()
    } catch (thrown) {
      if (thrown instanceof LostMessageError) throw thrown
      if (this.#claimed()) this.#outbox.send(Protocol.UNSENDABLE, id, 0, ["args", unreadValue, describe(thrown)])
      return undefined
    }
    const begin = (): Promise<void> | undefined => (this.#claimed() ? this.#call(id, extra, received) : undefined)
    if (!this.#mayTurn(extra, received)) return begin()
    running.call = 0
    return loop.turn().then(begin)
  }

  #claimed(): boolean {
    const claimed = this.#inbox.claim()
    this.#inbox.release()
    return claimed
  }

  #mayTurn(extra: number, received: unknown): boolean {
    const args = (extra & Protocol.BRINGS) === 0 ? received : (received as ReadonlyArray<unknown>)[1]
    return (this.#object as Partial<MayTurn>)[mayTurn]?.(this.#method(extra), args as ReadonlyArray<unknown>) === true
  }

  /** Reads the current message's value and gives its space back. One that cannot be read is answered here. */
  #read(id: number, path: string): unknown {
    try {
      return this.#inbox.value()
    } catch (thrown) {
      if (thrown instanceof LostMessageError) throw thrown
      this.#outbox.send(Protocol.UNSENDABLE, id, 0, [path, unreadValue, describe(thrown)])
      return unread
    } finally {
      this.#inbox.release()
    }
  }

  /** Passes the current message, which nobody waits for. */
  #skip(): void {
    try {
      this.#inbox.value()
    } catch (thrown) {
      if (thrown instanceof LostMessageError) throw thrown
    } finally {
      this.#inbox.release()
    }
  }

  #method(extra: number): string {
    return this.#methods[extra & ~Protocol.BRINGS] as string
  }

  async #open(id: number, sent: Sent | undefined, module: string, name: string, init: unknown): Promise<void> {
    try {
      const resolved = await resolveOpening(module, name)
      if ("problem" in resolved) return this.#outbox.send(Protocol.NOT_FOUND, id, 0, resolved)
      const at = this.#courier.enter(id, sent)
      this.#object = (await within(at, () => resolved.run(init))) as object
      this.#answering(id)
      this.#outbox.send(Protocol.RESULT, id, 0, undefined)
    } catch (thrown) {
      this.#failure(id, thrown)
    }
  }

  #call(id: number, extra: number, received: unknown): Promise<void> | undefined {
    running.call = id
    running.sent = undefined
    let args = received as ReadonlyArray<unknown>
    if ((extra & Protocol.BRINGS) !== 0) [running.sent, args] = received as [Sent, ReadonlyArray<unknown>]
    try {
      const value =
        this.#loop === undefined && place.storage !== undefined
          ? within(this.#courier.enter(id, running.sent), () => this.#apply(this.#method(extra), args))
          : this.#apply(this.#method(extra), args)
      if (!isThenable(value)) {
        this.#result(id, value)
        return undefined
      }
      return Promise.resolve(value).then(
        (settled) => this.#result(id, settled),
        (thrown) => this.#failure(id, thrown),
      )
    } catch (thrown) {
      this.#failure(id, thrown)
      return undefined
    }
  }

  #apply(name: string, args: ReadonlyArray<unknown>): unknown {
    const object = this.#object as Record<string, unknown>
    const method = object[name]
    if (typeof method !== "function") throw new TypeError(`the object in the worker has no method "${name}"`)
    return Reflect.apply(method as Method, object, args)
  }

  #stream(
    id: number,
    sent: Sent | undefined,
    name: string,
    bufferSize: number,
    args: ReadonlyArray<unknown>,
  ): Promise<void> | undefined {
    const streams = this.#streams
    const failed = (thrown: unknown): void => {
      streams.forget(id)
      this.#failure(id, thrown)
    }
    streams.expect(id)
    // Between the batches of a stream other calls run: what iterates has no way back.
    running.call = 0
    const at = this.#courier.enter(id, sent)
    try {
      const value = within(at, () => this.#apply(name, args))
      if (!isThenable(value)) return streams.begin(id, bufferSize, value, at)
      return Promise.resolve(value)
        .then((iterable) => streams.begin(id, bufferSize, iterable, at))
        .catch(failed)
    } catch (thrown) {
      failed(thrown)
      return undefined
    }
  }

  async #close(id: number): Promise<void> {
    try {
      await this.#streams.stopAll()
      const close = (this.#object as { close?: unknown } | undefined)?.close
      if (typeof close === "function") await Reflect.apply(close as Method, this.#object, [])
      this.#outbox.send(Protocol.RESULT, id, 0, undefined)
    } catch (thrown) {
      this.#failure(id, thrown)
    }
    this.closed = true
  }

  /** What a call's code has said is sent before its answer. */
  #answering(id: number): void {
    if (this.#courier.used) this.#courier.answered(id)
  }

  #result(id: number, value: unknown): void {
    this.#answering(id)
    try {
      this.#outbox.send(Protocol.RESULT, id, 0, value)
    } catch (thrown) {
      const { path, kind } = this.#outbox.obstacle(value, "result")
      stay(value)
      this.#outbox.send(Protocol.UNSENDABLE, id, 0, [path, kind, describe(thrown)])
    }
  }

  #failure(id: number, thrown: unknown): void {
    this.#answering(id)
    sendThrown(this.#outbox, Protocol.FAILURE, id, thrown)
  }
}

/** What a call brings along, and its payload. */
const brought = (extra: number, received: unknown): readonly [Sent | undefined, unknown] =>
  (extra & Protocol.BRINGS) === 0 ? [undefined, received] : (received as [Sent, unknown])
