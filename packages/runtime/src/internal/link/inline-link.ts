/**
 * A link to an object on the loop's own thread: no thread, no copy. It refuses what a thread would refuse and keeps the
 * same order, so that nothing above can tell, except that arguments and results are not copied.
 */
import { AsyncResource } from "node:async_hooks"
import { ResidentClosedError, TaskError, UnsendableError } from "../../errors.ts"
import { ConsoleSink } from "../context/console-sink.ts"
import { enteredSource } from "../context/entered-source.ts"
import { InlineScope } from "../context/inline-scope.ts"
import { type Here, within } from "../context/place.ts"
import { refusedContext } from "../context/refused.ts"
import type { Scope } from "../context/scope.ts"
import type { Caller } from "../context/sent.ts"
import type { TelemetrySink } from "../context/telemetry-sink.ts"
import type { Host } from "../portal/host.ts"
import { inlineSeat } from "../portal/inline-seat.ts"
import { seated } from "../portal/seat.ts"
import { copies } from "../stream/copies.ts"
import { type Source, sourceOf } from "../stream/iterate.ts"
import { type Ending, Production } from "../stream/production.ts"
import { isThenable } from "../thenable.ts"
import { handOver } from "../transport/hand-over.ts"
import { stay } from "../transport/moves.ts"
import { describe, portray, rebuild } from "../transport/portrait.ts"
import { findObstacle } from "../transport/sendable.ts"
import { resolveOpening } from "../worker/openable.ts"
import { Deliveries } from "./delivery.ts"
import { EndListeners } from "./end-listeners.ts"
import type { CallExit, Ended, Link, OnExit, OnItems, OpenFailure, Opening } from "./link.ts"
import { notFound } from "./not-found.ts"
import { refusal } from "./refusal.ts"

type Method = (...args: ReadonlyArray<unknown>) => unknown

interface Queued {
  readonly id: number
  readonly method: string
  readonly args: ReadonlyArray<unknown>
  readonly onExit: OnExit
  readonly streaming: Streaming | undefined
  readonly host: Host | undefined
  readonly caller: Caller | undefined
  /** The async context in which it was made, where it does not begin at once. */
  readonly context: AsyncResource | undefined
}

interface Streaming {
  readonly bufferSize: number
  onItems: OnItems
  /** There when what is to be iterated is. */
  production: Production | undefined
  stopped: boolean
  readonly onExit: OnExit
}

export class InlineLink implements Link {
  readonly #name: string
  readonly #serial: boolean
  readonly #telemetry: TelemetrySink
  readonly #queue: Queued[] = []
  readonly #deliveries = new Deliveries()
  readonly #running = new Map<number, OnExit>()
  readonly #streams = new Map<number, Streaming>()
  #advancing = false
  readonly #endListeners = new EndListeners()
  #object: object = {}
  #lastId = 0
  #busy = false
  #closing = false
  #ended: ResidentClosedError | undefined

  constructor(name: string, mode: "blocking" | "async", telemetry: TelemetrySink = new ConsoleSink()) {
    this.#name = name
    this.#telemetry = telemetry
    this.#serial = mode === "blocking"
  }

  get ended(): ResidentClosedError | undefined {
    return this.#ended
  }

  onEnd(listener: (ended: Ended) => void): () => void {
    return this.#endListeners.add(listener, this.#ended)
  }

  open({ module, exportName, init, caller }: Opening, onExit: OnExit<void, OpenFailure>): void {
    const target = `${module}#${exportName}`
    const refused = refusedContext(caller, target, undefined)
    if (refused !== undefined) {
      stay(init)
      this.#deliveries.add(0, onExit, { ok: false, error: refused })
      return
    }
    if (!handOver(init)) {
      this.#deliveries.add(0, onExit, { ok: false, error: refusal([init], target, ["init"]) })
      stay(init)
      return
    }
    this.#create(target, module, exportName, init, new InlineScope(this.#telemetry, caller)).then(onExit)
  }

  async #create(
    target: string,
    module: string,
    exportName: string,
    init: unknown,
    scope: Scope,
  ): Promise<CallExit<void, OpenFailure>> {
    try {
      const resolved = await resolveOpening(module, exportName)
      if ("problem" in resolved) return { ok: false, error: notFound(resolved) }
      const object = (await within(scope, () => resolved.run(init))) as object
      scope.open = false
      if (this.#ended !== undefined) {
        await closeObject(object)
        return { ok: false, error: this.#ended }
      }
      this.#object = object
      return { ok: true, value: undefined }
    } catch (thrown) {
      return { ok: false, error: new TaskError({ target, cause: asReceived(thrown) }) }
    }
  }

  call(method: string, args: ReadonlyArray<unknown>, onExit: OnExit, host?: Host, caller?: Caller): number {
    return this.#accept(method, args, onExit, undefined, host, caller)
  }

  offer(method: string, args: ReadonlyArray<unknown>, onExit: OnExit, host?: Host, caller?: Caller): number {
    return this.call(method, args, onExit, host, caller)
  }

  cancel(): void {
    // Nothing to be told: while a call's code can ask, the loop that would interrupt its caller is busy with it.
  }

  retract(id: number): boolean {
    const queued = this.#queue.findIndex((call) => call.id === id)
    if (queued < 0) return false
    this.#queue.splice(queued, 1)
    return true
  }

  stream(
    method: string,
    args: ReadonlyArray<unknown>,
    bufferSize: number,
    onItems: OnItems,
    onExit: OnExit,
    caller?: Caller,
  ): number {
    // While items are read the fiber does other things.
    caller?.keep()
    const streaming = { bufferSize, onItems, production: undefined, stopped: false, onExit }
    return this.#accept(method, args, onExit, streaming, undefined, caller)
  }

  acknowledge(id: number): void {
    this.#streams.get(id)?.production?.acknowledge()
    this.#advanceSoon()
  }

  stop(id: number): boolean {
    if (this.retract(id)) return false
    const streaming = this.#streams.get(id)
    if (streaming === undefined) {
      this.#deliveries.drop(id)
      return false
    }
    streaming.stopped = true
    streaming.onItems = () => {}
    void streaming.production?.stop()
    return true
  }

  #accept(
    method: string,
    args: ReadonlyArray<unknown>,
    onExit: OnExit,
    streaming: Streaming | undefined,
    host: Host | undefined,
    caller: Caller | undefined,
  ): number {
    const id = ++this.#lastId
    const refused = caller?.sent === undefined ? undefined : refusedContext(caller, method, undefined)
    if (this.#ended !== undefined || this.#closing) {
      stay(args)
      this.#deliveries.add(id, onExit, {
        ok: false,
        error: this.#ended ?? new ResidentClosedError({ worker: this.#name }),
      })
    } else if (refused !== undefined) {
      stay(args)
      this.#deliveries.add(id, onExit, { ok: false, error: refused })
    } else if (!handOver(args)) {
      this.#deliveries.add(id, onExit, { ok: false, error: refusal(args, method) })
      stay(args)
    } else if (this.#serial && this.#busy) {
      // It begins when another call has ended, and goes on in its own caller's context all the same.
      const context = new AsyncResource("OffloopCall")
      this.#queue.push({ id, method, args, onExit, streaming, host, caller, context })
    } else {
      this.#run({ id, method, args, onExit, streaming, host, caller, context: undefined })
    }
    return id
  }

  abandon(id: number): void {
    if (this.retract(id)) return
    if (this.#running.has(id)) this.#running.set(id, () => {})
    else this.#deliveries.drop(id)
  }

  close(onExit: OnExit<void>): void {
    if (this.#ended !== undefined) {
      this.#deliveries.add(0, onExit, { ok: true, value: undefined })
      return
    }
    let outcome: CallExit<void> = { ok: true, value: undefined }
    this.onEnd(() => onExit(outcome))
    if (this.#closing) return
    const closeNow = (): void => {
      this.#stopStreams()
        .then(() => within(new InlineScope(this.#telemetry, undefined), () => closeObject(this.#object)))
        .catch((thrown: unknown) => {
          outcome = { ok: false, error: new TaskError({ target: "close", cause: asReceived(thrown) }) }
        })
        .then(() => this.#end())
    }
    this.#closing = true
    this.#afterQueue = closeNow
    this.#next()
  }

  #afterQueue: (() => void) | undefined

  terminate(): void {
    if (this.#ended === undefined) this.#end()
  }

  onGone(listener: () => void): void {
    this.onEnd(listener)
  }

  #run(call: Queued): void {
    const { id, method, args, onExit, streaming, host, caller } = call
    const scope = new InlineScope(this.#telemetry, caller)
    this.#busy = true
    if (streaming !== undefined) this.#streams.set(id, streaming)
    let value: unknown
    try {
      const found = (this.#object as Record<string, unknown>)[method]
      if (typeof found !== "function") throw new TypeError(`the object in the worker has no method "${method}"`)
      value = within(scope, () => seated(inlineSeat(host), () => Reflect.apply(found as Method, this.#object, args)))
    } catch (thrown) {
      this.#settle(id, onExit, { ok: false, error: new TaskError({ target: method, cause: asReceived(thrown) }) })
      return
    }
    if (streaming !== undefined) {
      this.#begin(id, method, streaming, value, scope)
      return
    }
    if (!isThenable(value)) {
      scope.open = false
      this.#settle(id, onExit, checked(value, method))
      return
    }
    // The caller may leave while it goes on.
    caller?.keep()
    this.#running.set(id, onExit)
    const settle = (exit: CallExit<unknown>): void => {
      scope.open = false
      const waiting = this.#running.get(id)
      this.#running.delete(id)
      if (waiting !== undefined) this.#settle(id, waiting, exit)
    }
    Promise.resolve(value).then(
      (settled) => settle(checked(settled, method)),
      (thrown: unknown) => settle({ ok: false, error: new TaskError({ target: method, cause: asReceived(thrown) }) }),
    )
  }

  #begin(id: number, method: string, streaming: Streaming, iterable: unknown, at: Here): void {
    const fail = (thrown: unknown): void => {
      if (!this.#streams.has(id)) return
      this.#settle(id, streaming.onExit, {
        ok: false,
        error: new TaskError({ target: method, cause: asReceived(thrown) }),
      })
    }
    const start = (found: unknown): void => {
      if (!this.#streams.has(id)) return
      let source: Source | undefined
      try {
        source = sourceOf(found)
      } catch (thrown) {
        fail(thrown)
        return
      }
      if (source === undefined) {
        fail(new TypeError(`a stream needs a function that returns an iterable, not ${typeof found}`))
        return
      }
      const carrier = copies((items) => streaming.onItems(items))
      const entered = enteredSource(source, at)
      streaming.production = new Production(entered, streaming.bufferSize, carrier, (ending) =>
        this.#streamEnded(id, outcome(ending, method)),
      )
      if (streaming.stopped) void streaming.production.stop()
      this.#free()
    }
    if (isThenable(iterable)) Promise.resolve(iterable).then(start).catch(fail)
    else start(iterable)
  }

  #advanceSoon(): void {
    if (this.#advancing) return
    this.#advancing = true
    // A batch of each stream in a macrotask of its own, so that everything else on the loop gets its turn.
    setImmediate(() => {
      this.#advancing = false
      for (const { production } of this.#streams.values()) {
        if (production?.ready !== true || (this.#serial && this.#busy)) continue
        const later = production.advance()
        if (later !== undefined) {
          this.#busy = true
          void later.then(() => this.#free())
        }
      }
      if (this.#serial && this.#busy) return
      for (const { production } of this.#streams.values()) if (production?.ready === true) this.#advanceSoon()
    })
  }

  #streamEnded(id: number, exit: CallExit<unknown>): void {
    const streaming = this.#streams.get(id)
    this.#streams.delete(id)
    if (streaming !== undefined) this.#deliveries.add(id, streaming.onExit, exit)
  }

  #free(): void {
    this.#busy = false
    this.#next()
    if (this.#streams.size > 0) this.#advanceSoon()
  }

  async #stopStreams(): Promise<void> {
    for (const { production } of [...this.#streams.values()]) await production?.stop()
  }

  #settle(id: number, onExit: OnExit, exit: CallExit<unknown>): void {
    this.#streams.delete(id)
    this.#deliveries.add(id, onExit, exit)
    this.#free()
  }

  #next(): void {
    if (this.#serial && this.#busy) return
    const call = this.#queue.shift()
    if (call !== undefined) {
      call.context?.runInAsyncScope(() => this.#run(call))
      return
    }
    const after = this.#afterQueue
    this.#afterQueue = undefined
    after?.()
  }

  #end(): void {
    const ended = new ResidentClosedError({ worker: this.#name })
    this.#ended = ended
    const waiting = [
      ...this.#running.values(),
      ...[...this.#streams.values()].map((streaming) => streaming.onExit),
      ...this.#queue.map((call) => call.onExit),
    ]
    this.#running.clear()
    this.#streams.clear()
    this.#queue.length = 0
    for (const onExit of waiting) this.#deliveries.add(0, onExit, { ok: false, error: ended })
    this.#endListeners.tell(ended)
  }
}

const closeObject = async (object: object): Promise<void> => {
  const close = (object as { close?: unknown } | undefined)?.close
  if (typeof close === "function") await Reflect.apply(close as Method, object, [])
}

const outcome = (ending: Ending, target: string): CallExit<unknown> => {
  if (ending.how === "done") return { ok: true, value: undefined }
  if (ending.how === "threw") return { ok: false, error: new TaskError({ target, cause: asReceived(ending.thrown) }) }
  const { path, kind } = findObstacle(ending.item, `items[${ending.index}]`)
  stay(ending.item)
  return { ok: false, error: new UnsendableError({ path, kind, target, cause: describe(ending.thrown) }) }
}

// As it would come out of a thread, so that nobody can come to rely on its class.
const asReceived = (thrown: unknown): unknown => rebuild(portray(thrown))

const checked = (value: unknown, target: string): CallExit<unknown> => {
  if (handOver(value)) return { ok: true, value }
  const error = new UnsendableError({ ...findObstacle(value, "result"), target })
  stay(value)
  return { ok: false, error }
}
