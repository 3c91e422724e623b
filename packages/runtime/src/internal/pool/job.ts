/** One task to be run by a pool. */
import { TaskError, UnsendableError } from "../../errors.ts"
import type { Link, LinkError, OnExit, OnItems } from "../link/link.ts"
import { notFound } from "../link/not-found.ts"
import type { Host } from "../portal/host.ts"
import type { OpenProblem } from "../transport/protocol.ts"

type Exit = Parameters<OnExit<unknown, LinkError>>[0]

/** A task as a program refers to it, and what to call it with. */
export interface Work {
  readonly module: string
  readonly name: string
  readonly args: ReadonlyArray<unknown>
  /** Serves what the task asks of the loop. */
  readonly host?: Host | undefined
}

/** Calls the task in a thread where nothing can stop it. */
export class Job {
  /** Whether it wants its thread for itself, with no other job before it or behind it. */
  readonly exclusive: boolean = false
  /** Not to be run any more. */
  withdrawn = false
  finished = false
  protected readonly work: Work
  protected link: Link | undefined
  protected id = 0
  readonly #onExit: OnExit<unknown, LinkError>

  constructor(work: Work, onExit: OnExit<unknown, LinkError>) {
    this.work = work
    this.#onExit = onExit
  }

  /** Hands it to a thread, to be run after what the thread has to do already. */
  start(link: Link, onExit: OnExit): void {
    const { module, name, args, host } = this.work
    this.link = link
    this.id = link.offer("run", [module, name, ...args], onExit, host)
  }

  /** Its caller was interrupted while it runs. */
  cancel(): void {
    this.link?.cancel(this.id)
  }

  /** Takes it back from its thread. Says whether it had not begun. */
  retract(): boolean {
    if (this.link?.retract(this.id) !== true) return false
    this.link = undefined
    return true
  }

  /** Tells whoever asked for it how it ended. */
  finish(exit: Exit): void {
    this.finished = true
    this.#onExit(exit.ok ? exit : { ok: false, error: this.#translate(exit.error) })
  }

  // The thread speaks of its runner and the runner's arguments; the caller knows only the task and the task's arguments.
  #translate(error: LinkError): LinkError {
    const target = `${this.work.module}#${this.work.name}`
    if (error._tag === "TaskError") return missing(error.cause) ?? new TaskError({ target, cause: error.cause })
    if (error._tag === "UnsendableError") {
      const path = error.path.replace(/^args\[(\d+)\]/, (_, index: string) => `args[${Number(index) - this.offset}]`)
      return new UnsendableError({ path, kind: error.kind, target, cause: error.cause })
    }
    return error
  }

  /** How many arguments of the runner stand before those of the task. */
  protected get offset(): number {
    return 2
  }
}

let lastTicket = 0

/** Starts the task in a thread where it can overlap with others and be asked to stop. */
export class AbortableJob extends Job {
  readonly #ticket = ++lastTicket

  override start(link: Link, onExit: OnExit): void {
    const { module, name, args, host } = this.work
    this.link = link
    this.id = link.offer("start", [this.#ticket, module, name, ...args], onExit, host)
  }

  /** Asks it to stop. */
  abort(): void {
    // How the asking went does not matter: it is the task's end that is waited for.
    this.link?.call("abort", [this.#ticket], () => {})
  }

  protected override get offset(): number {
    return 3
  }
}

/** Iterates what the task returns. */
export class StreamJob extends Job {
  override readonly exclusive = true
  readonly #bufferSize: number
  readonly #onItems: OnItems
  #done: OnExit | undefined

  constructor(work: Work, bufferSize: number, onItems: OnItems, onExit: OnExit<unknown, LinkError>) {
    super(work, onExit)
    this.#bufferSize = bufferSize
    this.#onItems = onItems
  }

  override start(link: Link, onExit: OnExit): void {
    const { module, name, args } = this.work
    this.link = link
    this.#done = onExit
    this.id = link.stream("run", [module, name, ...args], this.#bufferSize, this.#onItems, onExit)
  }

  override retract(): boolean {
    return false
  }

  /** The oldest batch was used. */
  acknowledge(): void {
    this.link?.acknowledge(this.id)
  }

  /** No more is wanted. Says whether its end is still to come. */
  stop(): boolean {
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
