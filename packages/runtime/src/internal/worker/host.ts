/**
 * The worker's side of a link, without the question of how it waits: opens the object, calls its methods, sends
 * answers.
 */
import { running } from "../portal/running.ts"
import { isThenable } from "../thenable.ts"
import { portray } from "../transport/portrait.ts"
import * as Protocol from "../transport/protocol.ts"
import type { Incoming, Outgoing } from "../transport/wire.ts"
import { resolveOpening } from "./openable.ts"
import { Streams } from "./streams.ts"

type Method = (...args: ReadonlyArray<unknown>) => unknown

export class Host {
  readonly #inbox: Incoming
  readonly #outbox: Outgoing
  readonly #methods: string[] = []
  readonly #streams: Streams
  #object: object = {}
  /** Set when the object was closed and nothing is to be done any more. */
  closed = false

  /** `show` makes the loop see what was sent, without waiting. */
  constructor(inbox: Incoming, outbox: Outgoing, show: () => void) {
    this.#inbox = inbox
    this.#outbox = outbox
    this.#streams = new Streams(outbox, show)
  }

  /** Whether there is something to do without a message: to read a stream's iterator. */
  get ready(): boolean {
    return this.#streams.ready
  }

  /** Does it, for a while. Returns a promise when an iterator has to be waited for. */
  advance(): Promise<unknown> | undefined {
    running.call = 0
    return this.#streams.advance()
  }

  /**
   * Handles the inbox's current message and gives its space back as soon as it is read. Returns a promise when the
   * answer comes later.
   */
  handle(): Promise<void> | undefined {
    const inbox = this.#inbox
    const { id, extra } = inbox
    switch (inbox.kind) {
      case Protocol.CALL: {
        const args = inbox.value() as ReadonlyArray<unknown>
        inbox.release()
        return this.#call(id, this.#methods[extra] as string, args)
      }
      case Protocol.OFFER: {
        const claimed = inbox.claim()
        const args = inbox.value() as ReadonlyArray<unknown>
        inbox.release()
        return claimed ? this.#call(id, this.#methods[extra] as string, args) : undefined
      }
      case Protocol.DEFINE:
        this.#methods[id] = inbox.value() as string
        inbox.release()
        return undefined
      case Protocol.OPEN: {
        const [module, name, init] = inbox.value() as [string, string, unknown]
        inbox.release()
        return this.#open(id, module, name, init)
      }
      case Protocol.CLOSE:
        inbox.release()
        return this.#close(id)
      case Protocol.STREAM: {
        const [bufferSize, args] = inbox.value() as [number, ReadonlyArray<unknown>]
        inbox.release()
        return this.#stream(id, this.#methods[extra] as string, bufferSize, args)
      }
      case Protocol.ACKNOWLEDGE:
        inbox.release()
        this.#streams.acknowledge(id)
        return undefined
      case Protocol.STOP:
        inbox.release()
        return this.#streams.stop(id)
      case Protocol.DISCARD:
        inbox.value()
        inbox.release()
        return undefined
      default:
        throw new Error(`offloop transport: unknown request ${inbox.kind}`)
    }
  }

  async #open(id: number, module: string, name: string, init: unknown): Promise<void> {
    try {
      const resolved = await resolveOpening(module, name)
      if ("problem" in resolved) return this.#outbox.send(Protocol.NOT_FOUND, id, 0, resolved)
      this.#object = (await resolved.run(init)) as object
      this.#outbox.send(Protocol.RESULT, id, 0, undefined)
    } catch (thrown) {
      this.#failure(id, thrown)
    }
  }

  #call(id: number, name: string, args: ReadonlyArray<unknown>): Promise<void> | undefined {
    running.call = id
    try {
      const value = this.#apply(name, args)
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

  #stream(id: number, name: string, bufferSize: number, args: ReadonlyArray<unknown>): Promise<void> | undefined {
    const streams = this.#streams
    const failed = (thrown: unknown): void => {
      streams.forget(id)
      this.#failure(id, thrown)
    }
    streams.expect(id)
    // Between the batches of a stream other calls run: what iterates has no way back.
    running.call = 0
    try {
      const value = this.#apply(name, args)
      if (!isThenable(value)) return streams.begin(id, bufferSize, value)
      return Promise.resolve(value)
        .then((iterable) => streams.begin(id, bufferSize, iterable))
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

  #result(id: number, value: unknown): void {
    try {
      this.#outbox.send(Protocol.RESULT, id, 0, value)
    } catch (thrown) {
      const { path, kind } = this.#outbox.obstacle(value, "result")
      this.#outbox.send(Protocol.UNSENDABLE, id, 0, [path, kind, String(thrown)])
    }
  }

  #failure(id: number, thrown: unknown): void {
    this.#outbox.send(Protocol.FAILURE, id, 0, portray(thrown))
  }
}
