/** A link to an object in a worker thread. */
import { ResidentClosedError, UnsendableError, WorkerCrashedError, WorkerStartError } from "../../errors.ts"
import type { ThreadExit, ThreadHandle } from "../backend/thread.ts"
import { ConsoleSink } from "../context/console-sink.ts"
import type { Report } from "../context/records.ts"
import { refusedContext } from "../context/refused.ts"
import type { Caller } from "../context/sent.ts"
import type { TelemetrySink } from "../context/telemetry-sink.ts"
import { warnOfLostReport } from "../context/telemetry-warning.ts"
import type { Host } from "../portal/host.ts"
import { LoopLine } from "../portal/loop-line.ts"
import { Doorbell } from "../transport/doorbell.ts"
import { Inbox } from "../transport/inbox.ts"
import { Listener } from "../transport/listener.ts"
import { layout, type Sizes } from "../transport/memory.ts"
import { stay } from "../transport/moves.ts"
import { Outbox } from "../transport/outbox.ts"
import { type Portrait, rebuild } from "../transport/portrait.ts"
import * as Protocol from "../transport/protocol.ts"
import { RingReader, RingWriter } from "../transport/ring.ts"
import { LostMessageError } from "../transport/unread-value.ts"
import { Deliveries, deliver } from "./delivery.ts"
import { EndListeners } from "./end-listeners.ts"
import { failure, unreadAnswer } from "./failure.ts"
import type { CallExit, Ended, Link, LinkError, OnExit, OnItems, OpenFailure, Opening } from "./link.ts"
import { PendingCalls } from "./pending-calls.ts"
import { refusal } from "./refusal.ts"

/** How long a thread that opens its object may go on after it was told to end, in milliseconds. */
const openingGrace = 5000

export class ThreadLink implements Link {
  readonly #name: string
  readonly #thread: ThreadHandle
  readonly #outbox: Outbox
  readonly #inbox: Inbox
  readonly #listener: Listener
  readonly #workerBell: Doorbell
  readonly #line: LoopLine
  readonly #pending: PendingCalls
  readonly #methods = new Map<string, number>()
  readonly #endListeners = new EndListeners()
  readonly #deliveries = new Deliveries()
  readonly #telemetry: TelemetrySink
  /** Whether the worker's code may say something when no call is pending. */
  #talkative = false
  /** What nobody caught in the worker, which ends it unless its code has seen to that. */
  #uncaught: { readonly thrown: unknown } | undefined
  #flushing = false
  #opening = false
  #closing = false
  #closeAnswered = false
  #ended: Ended | undefined

  constructor(
    name: string,
    thread: ThreadHandle,
    memory: SharedArrayBuffer,
    sizes: Sizes,
    line: SharedArrayBuffer,
    telemetry: TelemetrySink = new ConsoleSink(),
  ) {
    const places = layout(sizes)
    this.#name = name
    this.#telemetry = telemetry
    this.#thread = thread
    this.#pending = new PendingCalls(thread)
    const workerBell = new Doorbell(memory, places.workerBell)
    this.#workerBell = workerBell
    const ringWorker = (): void => void workerBell.ring()
    this.#outbox = new Outbox(new RingWriter(memory, places.requests), thread.port, ringWorker)
    this.#inbox = new Inbox(new RingReader(memory, places.responses), thread.receive, ringWorker)
    this.#listener = new Listener(new Doorbell(memory, places.loopBell), this.#inbox, this.#outbox, this.#wake)
    this.#line = new LoopLine(line, thread.backPort, thread.receiveBack)
    thread.unref()
    thread.onExit((exit) => this.#threadEnded(exit))
  }

  get ended(): Ended | undefined {
    return this.#ended
  }

  onEnd(listener: (ended: Ended) => void): () => void {
    return this.#endListeners.add(listener, this.#ended)
  }

  open({ module, exportName, init, caller }: Opening, onExit: OnExit<void, OpenFailure>): void {
    const target = `${module}#${exportName}`
    const opened: OnExit<unknown, LinkError> = (exit) => {
      this.#opening = false
      if (exit.ok) onExit({ ok: true, value: undefined })
      else if (exit.error._tag !== "WorkerCrashedError") onExit({ ok: false, error: exit.error as OpenFailure })
      else
        onExit({
          ok: false,
          error: new WorkerStartError({ worker: this.#name, cause: exit.error.cause ?? exit.error }),
        })
    }
    this.#opening = true
    const refused = (thrown: unknown) => refusal([init], target, ["init"], thrown)
    this.#request(Protocol.OPEN, 0, [module, exportName, init], target, opened, refused, undefined, caller)
  }

  call(method: string, args: ReadonlyArray<unknown>, onExit: OnExit, host?: Host, caller?: Caller): number {
    return this.#call(Protocol.CALL, method, args, onExit, host, caller)
  }

  offer(method: string, args: ReadonlyArray<unknown>, onExit: OnExit, host?: Host, caller?: Caller): number {
    return this.#call(Protocol.OFFER, method, args, onExit, host, caller)
  }

  retract(id: number): boolean {
    if (!this.#outbox.retract(id)) return false
    if (this.#pending.get(id) !== undefined) this.#settled(id)
    return true
  }

  #call(
    kind: number,
    method: string,
    args: ReadonlyArray<unknown>,
    onExit: OnExit,
    host: Host | undefined,
    caller: Caller | undefined,
  ): number {
    const id = this.#request(
      kind,
      this.#methodNumber(method),
      args,
      method,
      onExit as OnExit<unknown, LinkError>,
      (thrown) => refusal(args, method, undefined, thrown),
      undefined,
      caller,
    )
    // The frame is published when this turn is over, so the worker sees the call after this.
    if (host !== undefined && this.#pending.get(id) !== undefined) this.#line.serve(id, host)
    return id
  }

  cancel(id: number): void {
    const pending = this.#pending.get(id)
    if (pending === undefined) return
    pending.caller?.keep()
    this.#line.cancel(id)
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
    return this.#request(
      Protocol.STREAM,
      this.#methodNumber(method),
      [bufferSize, args],
      method,
      onExit as OnExit<unknown, LinkError>,
      (thrown) => refusal(args, method, undefined, thrown),
      onItems,
      caller,
    )
  }

  acknowledge(id: number): void {
    if (this.#pending.get(id) === undefined) return
    this.#pending.used(id)
    this.#tell(Protocol.ACKNOWLEDGE, id)
  }

  stop(id: number): boolean {
    const pending = this.#pending.get(id)
    if (pending === undefined) {
      this.#deliveries.drop(id)
      return false
    }
    if (this.#outbox.withdraw(Protocol.STREAM, id)) {
      this.#settled(id)
      return false
    }
    this.#pending.mute(id, pending)
    this.#tell(Protocol.STOP, id)
    return true
  }

  /** The number under which the worker knows a method. */
  #methodNumber(method: string): number {
    let number = this.#methods.get(method)
    if (number === undefined && this.#ended === undefined && !this.#closing) {
      number = this.#methods.size
      this.#methods.set(method, number)
      this.#outbox.send(Protocol.DEFINE, number, 0, method)
    }
    return number ?? 0
  }

  abandon(id: number): void {
    const pending = this.#pending.get(id)
    if (pending === undefined) this.#deliveries.drop(id)
    else if (this.#outbox.withdraw(Protocol.CALL, id) || this.#outbox.withdraw(Protocol.OFFER, id)) this.#settled(id)
    else {
      this.#pending.drop(id, pending)
      this.#line.cancel(id)
    }
  }

  close(onExit: OnExit<void>): void {
    if (this.#ended !== undefined) {
      this.#deliveries.add(0, onExit, { ok: true, value: undefined })
      return
    }
    // The thread's end is what counts; how the object's own close went is known by then.
    let outcome: CallExit<void> = { ok: true, value: undefined }
    this.onEnd((ended) =>
      onExit(ended._tag === "WorkerCrashedError" && outcome.ok ? { ok: false, error: ended } : outcome),
    )
    if (this.#closing) return
    this.#request(
      Protocol.CLOSE,
      0,
      undefined,
      "close",
      (exit) => {
        this.#closeAnswered = true
        if (!exit.ok) outcome = exit as CallExit<void>
        // Until its thread has ended the link is not closed, and the program has to wait for that.
        this.#thread.ref()
      },
      (thrown) => new UnsendableError({ path: "close", kind: "message", target: "close", cause: thrown }),
    )
    this.#closing = true
  }

  terminate(): void {
    if (this.#ended !== undefined) return
    const opening = this.#opening
    if (opening) this.#closeWhenOpened()
    this.#closing = true
    // Told first: the thread's end may be reported at once.
    this.#end(new ResidentClosedError({ worker: this.#name }))
    if (opening) return
    this.#workerBell.close()
    this.#thread.terminate()
  }

  onGone(listener: () => void): void {
    this.#thread.onGone(listener)
  }

  /** Lets the thread end by itself: one that is stopped while it loads a native addon takes the process with it. */
  #closeWhenOpened(): void {
    this.#outbox.send(Protocol.CLOSE, this.#pending.next(), 0, undefined)
    this.#outbox.flush()
    const overdue = setTimeout(() => this.#thread.terminate(), openingGrace)
    this.#thread.onExit(() => clearTimeout(overdue))
  }

  #request(
    kind: number,
    extra: number,
    value: unknown,
    target: string,
    onExit: OnExit<unknown, LinkError>,
    refused: (thrown: unknown) => UnsendableError,
    onItems?: OnItems,
    caller?: Caller,
  ): number {
    const id = this.#pending.next()
    if (this.#ended !== undefined || this.#closing) {
      stay(value)
      const error = this.#ended ?? new ResidentClosedError({ worker: this.#name })
      this.#deliveries.add(id, onExit, { ok: false, error })
      return id
    }
    const sent = caller?.sent
    try {
      if (sent === undefined) this.#outbox.send(kind, id, extra, value)
      else if (caller?.refused === undefined) this.#outbox.send(kind, id, extra | Protocol.BRINGS, [sent, value])
      else throw caller.refused.thrown
    } catch (thrown) {
      const error = refusedContext(caller, target, thrown) ?? refused(thrown)
      stay(value)
      this.#deliveries.add(id, onExit, { ok: false, error })
      return id
    }
    this.#pending.add(id, { target, onExit, onItems, caller })
    this.#flushSoon()
    return id
  }

  /** Says something about a pending stream. */
  #tell(kind: number, id: number): void {
    this.#outbox.send(kind, id, 0, undefined)
    this.#flushSoon()
  }

  #flushSoon(): void {
    if (this.#flushing) return
    this.#flushing = true
    queueMicrotask(this.#flush)
  }

  /** Once for all calls of a turn: shows them to the worker, wakes it, and listens for the answers. */
  readonly #flush = (): void => {
    this.#flushing = false
    if (this.#ended !== undefined) return
    if (!this.#outbox.flush()) this.#outbox.awaitSpace()
    if (this.#pending.size > 0 || this.#talkative) this.#listener.listen()
  }

  readonly #wake = (): void => {
    if (this.#ended !== undefined) return
    try {
      this.#drain()
    } catch (cause) {
      // Out of step with the worker: nothing that it says can be understood any more.
      this.#end(new WorkerCrashedError({ worker: this.#name, exitCode: undefined, cause }))
      this.#thread.terminate()
      return
    }
    this.#flush()
  }

  #drain(): void {
    const inbox = this.#inbox
    if (!inbox.refresh()) return
    while (inbox.next()) {
      const { id, kind } = inbox
      let value: unknown
      try {
        value = inbox.value()
      } catch (thrown) {
        if (thrown instanceof LostMessageError) throw thrown
        this.#unread(kind, id, thrown)
        continue
      }
      if (kind === Protocol.ITEMS || kind === Protocol.ITEM) {
        this.#pending.arrived(id, kind === Protocol.ITEMS ? (value as ReadonlyArray<unknown>) : [value])
        continue
      }
      if (kind >= Protocol.REPORT) {
        this.#said(kind, id, value)
        continue
      }
      const exit = this.#exit(kind, id, value)
      const pending = this.#pending.get(id)
      this.#settled(id)
      if (pending !== undefined) deliver(pending.onExit, exit)
    }
    inbox.release()
  }

  /** A message has arrived whose value cannot be read. */
  #unread(kind: number, id: number, thrown: unknown): void {
    if (kind >= Protocol.REPORT) {
      warnOfLostReport(thrown)
      return
    }
    const pending = this.#pending.get(id)
    if (pending === undefined) return
    const error = unreadAnswer(pending.target, thrown)
    if (kind === Protocol.ITEMS || kind === Protocol.ITEM) {
      this.#pending.fail(id, pending, error)
      this.#tell(Protocol.STOP, id)
      return
    }
    this.#settled(id)
    deliver(pending.onExit, { ok: false, error })
  }

  /** What the worker says beside its answers. */
  #said(kind: number, id: number, value: unknown): void {
    if (kind === Protocol.UNCAUGHT) {
      this.#uncaught = { thrown: rebuild(value as Portrait) }
      return
    }
    this.#talkative = true
    this.#telemetry.take(this.#pending.get(id)?.caller, value as Report)
  }

  #exit(kind: number, id: number, value: unknown): CallExit<unknown, LinkError> {
    if (kind === Protocol.RESULT) return { ok: true, value }
    const target = this.#pending.get(id)?.target ?? "a call"
    return { ok: false, error: failure(kind, target, value) }
  }

  #settled(id: number): void {
    this.#pending.settle(id)
    if (this.#line.busy) this.#line.done(id)
  }

  #threadEnded({ code, cause }: ThreadExit): void {
    if (this.#ended !== undefined) return
    try {
      this.#drain()
    } catch {
      // What a dead thread was in the middle of saying is lost; those who wait for it are told of its death below.
    }
    // Code that exits by itself, with whatever code, was not closed.
    if (this.#closeAnswered && code === 0 && cause === undefined) {
      this.#end(new ResidentClosedError({ worker: this.#name }))
      return
    }
    // Where the runtime names no error the thread was ended by something else.
    const thrown = cause === undefined || this.#uncaught === undefined ? cause : this.#uncaught.thrown
    this.#end(new WorkerCrashedError({ worker: this.#name, exitCode: code, cause: thrown }))
  }

  #end(ended: Ended): void {
    this.#ended = ended
    const pending = this.#pending.takeAll()
    this.#line.end()
    this.#thread.release()
    this.#listener.stop()
    this.#telemetry.end(ended)
    for (const { onExit } of pending) deliver(onExit, { ok: false, error: ended })
    this.#endListeners.tell(ended)
  }
}
