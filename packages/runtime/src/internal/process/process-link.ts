/** A link to an object in a process of its own. */
import { clearTimeout, setTimeout } from "node:timers"
import { ResidentClosedError, UnsendableError, WorkerCrashedError, WorkerStartError } from "../../errors.ts"
import type { OutputName, ProcessExit, ProcessHandle, ProcessListener } from "../backend/process.ts"
import { ConsoleSink } from "../context/console-sink.ts"
import { isReport } from "../context/records.ts"
import { refusedContext } from "../context/refused.ts"
import type { Caller } from "../context/sent.ts"
import type { TelemetrySink } from "../context/telemetry-sink.ts"
import { warnOfLostReport } from "../context/telemetry-warning.ts"
import { Deliveries, deliver } from "../link/delivery.ts"
import { EndListeners } from "../link/end-listeners.ts"
import { failure, unreadAnswer } from "../link/failure.ts"
import type { CallExit, Ended, Link, LinkError, OnExit, OnItems, OpenFailure, Opening } from "../link/link.ts"
import { PendingCalls } from "../link/pending-calls.ts"
import { refusal } from "../link/refusal.ts"
import type { Host } from "../portal/host.ts"
import { stay } from "../transport/moves.ts"
import { boundIn } from "../transport/platform-object.ts"
import * as Protocol from "../transport/protocol.ts"
import { obstacleIn } from "../transport/sendable.ts"
import { type Frame, frame, valueOf } from "./frame.ts"
import { LastLines } from "./last-lines.ts"
import { TaskOutput } from "./task-output.ts"

/** A line that a process wrote. */
export interface OutputLine {
  readonly worker: string
  readonly pid: number | undefined
  readonly from: OutputName
  readonly text: string
}

/** Is told each line. */
export type OnLine = (line: OutputLine) => void

const searches = [boundIn, obstacleIn]

/** How long a process that closed its object may take to end by itself, in milliseconds. */
const CLOSING_GRACE = 5000
/** How long its last words are waited for once it has ended, in milliseconds: a process of its own may hold its outputs. */
const LAST_WORDS = 100

export class ProcessLink implements Link {
  readonly #name: string
  readonly #process: ProcessHandle
  readonly #telemetry: TelemetrySink
  readonly #outputs: Readonly<Record<OutputName, TaskOutput<OnLine>>>
  /** Is told what the process writes while it does what it is asked next. */
  #nextOnLine: OnLine | undefined
  readonly #lastErrors = new LastLines()
  readonly #pending = new PendingCalls({ ref: () => this.#process.ref(), unref: () => this.#process.unref() })
  readonly #methods = new Map<string, number>()
  readonly #endListeners = new EndListeners()
  readonly #deliveries = new Deliveries()
  #closing = false
  #closeAnswered = false
  #killed = false
  #exit: ProcessExit | undefined
  #lastWords: ReturnType<typeof setTimeout> | undefined
  #overdue: ReturnType<typeof setTimeout> | undefined
  #ended: Ended | undefined

  /**
   * `start` starts the process, and throws what the runtime throws; its marks in what it writes have the token. `onLine` is
   * told what it writes for no task.
   */
  constructor(
    name: string,
    start: (listener: ProcessListener, token: string) => ProcessHandle,
    onLine: OnLine,
    telemetry: TelemetrySink = new ConsoleSink(),
  ) {
    this.#name = name
    this.#telemetry = telemetry
    // The process's code must not come upon it by chance: only a line with it is a mark.
    const token = crypto.randomUUID()
    const output = (from: OutputName) =>
      new TaskOutput(token, onLine, (listener, text) => this.#line(listener, from, text))
    this.#outputs = { stdout: output("stdout"), stderr: output("stderr") }
    this.#process = start(
      {
        onMessage: (message) => this.#receive(message),
        onOutput: (from, bytes) => this.#outputs[from].add(bytes),
        onExit: (exit) => this.#exited(exit),
        onClose: () => this.#allSaid(),
      },
      token,
    )
  }

  /** Says who is told what the process writes while it does what it is asked next. */
  tell(onLine: OnLine): void {
    this.#nextOnLine = onLine
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
      if (exit.ok) onExit({ ok: true, value: undefined })
      else if (exit.error._tag !== "WorkerCrashedError") onExit({ ok: false, error: exit.error as OpenFailure })
      else onExit({ ok: false, error: new WorkerStartError({ worker: this.#name, cause: startProblem(exit.error) }) })
    }
    const refused = (thrown: unknown) => refusal([init], target, ["init"], thrown, searches)
    this.#request(Protocol.OPEN, 0, [module, exportName, init], target, opened, refused, undefined, caller)
  }

  call(method: string, args: ReadonlyArray<unknown>, onExit: OnExit, _?: Host, caller?: Caller): number {
    return this.#request(
      Protocol.CALL,
      this.#methodNumber(method),
      args,
      method,
      onExit as OnExit<unknown, LinkError>,
      (thrown) => refusal(args, method, undefined, thrown, searches),
      undefined,
      caller,
    )
  }

  // What was sent to a process has arrived there for good.
  offer(method: string, args: ReadonlyArray<unknown>, onExit: OnExit, host?: Host, caller?: Caller): number {
    return this.call(method, args, onExit, host, caller)
  }

  retract(): boolean {
    return false
  }

  cancel(id: number): void {
    // Code in a process cannot ask whether it is still wanted: it is killed, or goes on.
    this.#pending.get(id)?.caller?.keep()
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
      (thrown) => refusal(args, method, undefined, thrown, searches),
      onItems,
      caller,
    )
  }

  acknowledge(id: number): void {
    if (this.#pending.get(id) === undefined) return
    this.#pending.used(id)
    this.#send(frame(Protocol.ACKNOWLEDGE, id, 0, undefined))
  }

  stop(id: number): boolean {
    const pending = this.#pending.get(id)
    if (pending === undefined) {
      this.#deliveries.drop(id)
      return false
    }
    this.#pending.mute(id, pending)
    this.#send(frame(Protocol.STOP, id, 0, undefined))
    return true
  }

  abandon(id: number): void {
    const pending = this.#pending.get(id)
    if (pending === undefined) this.#deliveries.drop(id)
    else this.#pending.drop(id, pending)
  }

  close(onExit: OnExit<void>): void {
    if (this.#ended !== undefined) {
      this.#deliveries.add(0, onExit, { ok: true, value: undefined })
      return
    }
    // The end of the process is what counts; how the object's own close went is known by then.
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
        if (this.#exit !== undefined || this.#ended !== undefined) return
        this.#process.ref()
        this.#process.disconnect()
        this.#overdue = setTimeout(() => this.terminate(), CLOSING_GRACE)
      },
      (thrown) => new UnsendableError({ path: "close", kind: "message", target: "close", cause: thrown }),
    )
    this.#closing = true
  }

  /** Kills the process. Pending calls fail when it is dead: what it was doing goes on until then. */
  terminate(): void {
    if (this.#ended !== undefined || this.#killed) return
    this.#closing = true
    this.#killed = true
    this.#process.ref()
    this.#process.kill()
  }

  onGone(listener: () => void): void {
    this.onEnd(listener)
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
    let message: Frame
    const sent = caller?.sent
    try {
      if (caller?.refused !== undefined) throw caller.refused.thrown
      message =
        sent === undefined ? frame(kind, id, extra, value) : frame(kind, id, extra | Protocol.BRINGS, [sent, value])
    } catch (thrown) {
      const error = refusedContext(
        caller,
        target,
        thrown,
        (part, path) => boundIn(part, path) ?? obstacleIn(part, path),
      )
      this.#deliveries.add(id, onExit, { ok: false, error: error ?? refused(thrown) })
      stay(value)
      return id
    }
    this.#pending.add(id, { target, onExit, onItems, caller })
    this.#send(this.#marked(message))
    return id
  }

  /** A message that begins a task whose lines are somebody's. */
  #marked(message: Frame): Frame {
    const onLine = this.#nextOnLine
    if (onLine === undefined) return message
    this.#nextOnLine = undefined
    const [kind, id, extra, bytes] = message
    for (const output of Object.values(this.#outputs)) output.expect(id, onLine)
    return [kind | Protocol.MARKED, id, extra, bytes]
  }

  #send(message: Frame): void {
    this.#process.send(message)
  }

  /** The number under which the process knows a method. */
  #methodNumber(method: string): number {
    let number = this.#methods.get(method)
    if (number === undefined) {
      number = this.#methods.size
      this.#methods.set(method, number)
      this.#send(frame(Protocol.DEFINE, number, 0, method))
    }
    return number
  }

  #receive(message: unknown): void {
    // Who is being killed is not believed any more; and code in the process can send messages of its own.
    if (this.#ended !== undefined || this.#killed || !isFrame(message)) return
    const id = message[1]
    const pending = this.#pending.get(id)
    const kind = message[0] & Protocol.KIND
    if (pending === undefined && kind !== Protocol.REPORT) return
    let value: unknown
    try {
      value = valueOf(message)
    } catch (thrown) {
      this.#unread(kind, id, thrown)
      return
    }
    if (kind === Protocol.REPORT) this.#said(pending?.caller, value)
    else if (kind === Protocol.ITEMS) {
      if (Array.isArray(value)) this.#pending.arrived(id, value)
      else this.#unread(kind, id, new TypeError("a batch of items is not a list"))
    } else if (kind === Protocol.ITEM) this.#pending.arrived(id, [value])
    else if (pending !== undefined) {
      const exit: CallExit<unknown, LinkError> =
        kind === Protocol.RESULT ? { ok: true, value } : { ok: false, error: failure(kind, pending.target, value) }
      this.#pending.settle(id)
      deliver(pending.onExit, exit)
    }
  }

  #said(caller: Caller | undefined, report: unknown): void {
    if (isReport(report)) this.#telemetry.take(caller, report)
    else warnOfLostReport(new TypeError("it is no report"))
  }

  /** A message has arrived whose value cannot be read. */
  #unread(kind: number, id: number, thrown: unknown): void {
    const pending = this.#pending.get(id)
    if (kind === Protocol.REPORT) warnOfLostReport(thrown)
    if (pending === undefined || kind === Protocol.REPORT) return
    const error = unreadAnswer(pending.target, thrown)
    if (kind === Protocol.ITEMS || kind === Protocol.ITEM) {
      this.#pending.fail(id, pending, error)
      this.#send(frame(Protocol.STOP, id, 0, undefined))
      return
    }
    this.#pending.settle(id)
    deliver(pending.onExit, { ok: false, error })
  }

  #line(onLine: OnLine, from: OutputName, text: string): void {
    if (from === "stderr") this.#lastErrors.add(text)
    onLine({ worker: this.#name, pid: this.#process.pid, from, text })
  }

  #exited(exit: ProcessExit): void {
    this.#exit = exit
    if (this.#overdue !== undefined) clearTimeout(this.#overdue)
    this.#lastWords = setTimeout(() => this.#allSaid(), LAST_WORDS)
    // Whoever had it killed does not wait for what it said.
    if (this.#killed) this.#end(new ResidentClosedError({ worker: this.#name }))
  }

  /** Nothing more is to be expected of it. */
  #allSaid(): void {
    if (this.#lastWords !== undefined) clearTimeout(this.#lastWords)
    this.#outputs.stdout.end()
    this.#outputs.stderr.end()
    if (this.#ended !== undefined || this.#exit === undefined) return
    const { code, signal, cause } = this.#exit
    const worker = this.#name
    this.#end(
      this.#closeAnswered && code === 0
        ? new ResidentClosedError({ worker })
        : new WorkerCrashedError({ worker, exitCode: code, signal, stderr: this.#lastErrors.text, cause }),
    )
  }

  #end(ended: Ended): void {
    this.#ended = ended
    const pending = this.#pending.takeAll()
    this.#telemetry.end(ended)
    for (const { onExit } of pending) deliver(onExit, { ok: false, error: ended })
    this.#endListeners.tell(ended)
  }
}

// Where there never was a process the reason is the runtime's; otherwise it is how the process ended.
const startProblem = (crashed: WorkerCrashedError): unknown => crashed.cause ?? crashed

const isFrame = (message: unknown): message is Frame =>
  Array.isArray(message) &&
  message.length === 4 &&
  Number.isInteger(message[0]) &&
  Number.isInteger(message[1]) &&
  message[3] instanceof Uint8Array
