/** One task to be run by a pool. */
import type { AsyncResource } from "node:async_hooks"
import { TaskError, UnsendableError } from "../../errors.ts"
import type { Caller } from "../context/sent.ts"
import type { Link, LinkError, OnExit, OnItems } from "../link/link.ts"
import { notFound } from "../link/not-found.ts"
import type { Host } from "../portal/host.ts"
import type { Codec } from "../task/codec.ts"
import { movesIn, stay } from "../transport/moves.ts"
import { unreadableObject } from "../transport/parts.ts"
import type { OpenProblem } from "../transport/protocol.ts"
import type { Runner } from "./runner.ts"

type Exit = Parameters<OnExit<unknown, LinkError>>[0]

/** A task as a program refers to it, and what to call it with. */
export interface Work {
  readonly module: string
  readonly name: string
  readonly args: ReadonlyArray<unknown>
  /** How its values cross, where a contract says it. */
  readonly codec?: Codec | undefined
  /** Serves what the task asks of the loop. */
  readonly host?: Host | undefined
}

/** Calls the task in a thread where nothing can stop it. */
export class Job {
  /** Whether it wants its thread for itself, with no other job before it or behind it. */
  readonly exclusive: boolean = false
  finished = false
  /** Whether its caller was interrupted while it ran. */
  left = false
  /** Since when it is in the pool, on the pool's clock. */
  since = 0
  /** Since when it is with its thread. */
  givenAt = 0
  /** Its thread was terminated and may still be running: tells when it is really gone. */
  heldUntil: ((release: () => void) => void) | undefined
  /** Whether another thread can have it after one was given it: not where something in its arguments moved there. */
  portable = true
  /** Its number among what its thread has to do. */
  place = 0
  /** The async context in which its code runs on the loop's own thread. */
  context: AsyncResource | undefined
  /** Whose context it has. */
  caller: Caller | undefined
  protected readonly work: Work
  protected link: Link | undefined
  protected id = 0
  readonly #onExit: OnExit<unknown, LinkError>

  constructor(work: Work, onExit: OnExit<unknown, LinkError>) {
    this.work = work
    this.#onExit = onExit
  }

  /** Starts it, in its caller's async context where its code runs on the loop's own thread. */
  begin(runner: Runner, onExit: OnExit): void {
    const { context } = this
    if (context === undefined) this.start(runner, onExit)
    else context.runInAsyncScope(() => this.start(runner, onExit))
  }

  /** Hands it to a thread, to be run after what the thread has to do already. */
  start(runner: Runner, onExit: OnExit): void {
    const { args, host } = this.work
    this.bind(runner.link)
    this.id = runner.link.offer("run", [runner.numberOf(this.work), ...args], onExit, host, this.caller)
  }

  /** The task's module and name. */
  get module(): string {
    return this.work.module
  }
  get name(): string {
    return this.work.name
  }

  /** Whether something in its arguments is to move to its thread. */
  get moves(): boolean {
    return movesIn(this.work.args) !== undefined
  }

  /** Why it could not be handed to a thread. */
  refusedBy(thrown: unknown): UnsendableError {
    return new UnsendableError({ path: "args", kind: "value", target: this.target, cause: thrown })
  }

  protected bind(link: Link): void {
    this.link = link
    this.portable = movesIn(this.work.args) === undefined
  }

  /** Its caller was interrupted while it runs. */
  cancel(): void {
    this.left = true
    this.link?.cancel(this.id)
  }

  /** Takes it back from its thread. Says whether it had not begun. */
  retract(): boolean {
    if (this.link?.retract(this.id) !== true) return false
    this.link = undefined
    return true
  }

  /** It will never run. */
  dropped(): void {
    stay(this.work.args)
  }

  /** Tells whoever asked for it how it ended. */
  finish(exit: Exit): void {
    this.finished = true
    if (!exit.ok) stay(this.work.args)
    if (!exit.ok) this.#onExit({ ok: false, error: this.#translate(exit.error) })
    else this.#onExit(this.work.codec === undefined ? exit : this.decoded(this.work.codec, exit.value))
  }

  // The thread speaks of its runner and the runner's arguments; the caller knows only the task and the task's arguments.
  #translate(error: LinkError): LinkError {
    const { target } = this
    if (error._tag === "TaskError") {
      const failure = this.work.codec?.decodeFailure(target, error.cause)
      // The types of a task's own failures are known only where it is called.
      if (failure !== undefined) return failure as LinkError
      return missing(error.cause) ?? unsendable(error.cause, target) ?? new TaskError({ target, cause: error.cause })
    }
    if (error._tag === "UnsendableError") {
      const path = error.path.replace(/^args\[(\d+)\]/, (_, index: string) => `args[${Number(index) - this.offset}]`)
      return new UnsendableError({ path, kind: error.kind, target, cause: error.cause })
    }
    return error
  }

  protected get target(): string {
    return `${this.work.module}#${this.work.name}`
  }

  /** What it gave, from what the contract's other side sent. */
  protected decoded(codec: Codec, value: unknown): Exit {
    try {
      return { ok: true, value: codec.decodeResult(this.target, value) }
    } catch (thrown) {
      return { ok: false, error: thrown as LinkError }
    }
  }

  /** How many arguments of the runner stand before those of the task. */
  protected get offset(): number {
    return 1
  }
}

let lastTicket = 0

/** Starts the task in a thread where it can overlap with others and be asked to stop. */
export class AbortableJob extends Job {
  readonly #ticket = ++lastTicket

  override start(runner: Runner, onExit: OnExit): void {
    const { args, host } = this.work
    this.bind(runner.link)
    const all = [this.#ticket, runner.numberOf(this.work), ...args]
    this.id = runner.link.offer("start", all, onExit, host, this.caller)
  }

  /** Asks it to stop. */
  abort(): void {
    // How the asking went does not matter: it is the task's end that is waited for.
    this.link?.call("abort", [this.#ticket], () => {})
  }

  protected override get offset(): number {
    return 2
  }
}

/** Iterates what the task returns. */
export class StreamJob extends Job {
  override readonly exclusive = true
  readonly #bufferSize: number
  readonly #onItems: OnItems
  #done: OnExit | undefined
  #broken: Exit | undefined

  constructor(work: Work, bufferSize: number, onItems: OnItems, onExit: OnExit<unknown, LinkError>) {
    super(work, onExit)
    this.#bufferSize = bufferSize
    const { codec } = work
    this.#onItems = codec === undefined ? onItems : (items) => this.#decodeItems(codec, items, onItems)
  }

  override finish(exit: Exit): void {
    super.finish(this.#broken ?? exit)
  }

  protected override decoded(): Exit {
    // What an iterator returns is dropped.
    return { ok: true, value: undefined }
  }

  #decodeItems(codec: Codec, items: ReadonlyArray<unknown>, onItems: OnItems): void {
    if (this.#broken !== undefined) return
    const values: unknown[] = []
    for (const item of items) {
      const exit = super.decoded(codec, item)
      if (exit.ok) {
        values.push(exit.value)
        continue
      }
      this.#broken = exit
      this.link?.stop(this.id)
      break
    }
    if (values.length > 0) onItems(values)
  }

  override start(runner: Runner, onExit: OnExit): void {
    const { link } = runner
    this.link = link
    this.#done = onExit
    this.id = link.stream(
      "iterate",
      [runner.numberOf(this.work), ...this.work.args],
      this.#bufferSize,
      this.#onItems,
      onExit,
      this.caller,
    )
  }

  override retract(): boolean {
    return false
  }

  /** The oldest batch was used. */
  acknowledge(): void {
    this.link?.acknowledge(this.id)
  }

  /** No more is wanted. Says whether its end is still to come. */
  stop(_interrupted: boolean): boolean {
    if (this.finished || this.link === undefined) return false
    if (this.link.stop(this.id)) return true
    // It never began, and its thread has to be told that it is free.
    this.#done?.({ ok: true, value: undefined })
    return false
  }
}

const missing = (cause: unknown): LinkError | undefined =>
  cause instanceof Error && cause.name === "TaskNotFound"
    ? notFound((cause as unknown as { readonly problem: OpenProblem }).problem)
    : undefined

// Its result could not even be looked at, so that there was nothing to send.
const unsendable = (cause: unknown, target: string): LinkError | undefined =>
  cause instanceof Error && cause.name === "UnreadableResult"
    ? new UnsendableError({ path: "result", kind: unreadableObject, target, cause: cause.message })
    : undefined
