/** Opens an object again when its thread dies, as often and as fast as it is told to. Plain TypeScript. */
import { type OpenError, ResidentClosedError, WorkerCrashedError } from "../../errors.ts"
import type { RestartReason, SupervisorEvent } from "../../Resident.ts"
import type { CallExit, Link, OnExit } from "./link.ts"
import { SupervisedLink } from "./supervised-link.ts"

/** Whether the object is opened again: `"failed"` where deciding that threw. */
export type Decision = { readonly again: boolean } | { readonly failed: unknown }

/** What supervises leaves to others. Each function that begins something returns how to stop it; then nothing is told. */
export interface SupervisorInput<E> {
  readonly name: string
  /** Opens the object once. */
  readonly open: (onExit: (exit: CallExit<Link, OpenError | E>) => void) => () => void
  /** Decides, maybe later, whether the object is opened again, for which it waits as long as it is to be waited. */
  readonly decide: (reason: RestartReason, restarts: number, onDecision: (decision: Decision) => void) => () => void
  readonly onEvent: (event: SupervisorEvent) => void
  /** Logs what happens, and why. */
  readonly log: (level: "Warning" | "Error", message: string, reason: RestartReason) => void
}

export class Supervisor<E = never> {
  readonly link: SupervisedLink
  readonly #input: SupervisorInput<E>
  #current: Link | undefined
  #restarts = 0
  /** Stops what is under way: opening or deciding. */
  #stop: (() => void) | undefined
  #over = false

  constructor(input: SupervisorInput<E>) {
    this.#input = input
    this.link = new SupervisedLink(input.name, (crash) =>
      // After those are told who made the link.
      queueMicrotask(() => this.#crashed(crash)),
    )
    this.link.onEnd((ended) => {
      // Who terminates the object does not want another.
      if (ended._tag === "ResidentClosedError") this.#end()
    })
  }

  /** How often the object was opened again, or was tried to. */
  get restarts(): number {
    return this.#restarts
  }

  /** Opens the object for the first time, which is not repeated. Returns how to stop. */
  start(onExit: (exit: CallExit<void, OpenError | E>) => void): () => void {
    this.#open((exit) => onExit(exit.ok ? { ok: true, value: undefined } : exit))
    return () => this.#end()
  }

  /** Supervises no more, closes the object that is there, and tells how that went. */
  close(onExit: OnExit<void>): void {
    this.#end()
    // Calls that wait for an object will get none.
    this.link.close()
    const done: OnExit<void> = (exit) => {
      this.link.end(new ResidentClosedError({ worker: this.#input.name }))
      onExit(exit)
    }
    if (this.#current === undefined) done({ ok: true, value: undefined })
    else this.#current.close(done)
  }

  #end(): void {
    this.#over = true
    const stop = this.#stop
    this.#stop = undefined
    stop?.()
  }

  #open(onExit: (exit: CallExit<Link, OpenError | E>) => void): void {
    this.#stop = this.#input.open((exit) => {
      this.#stop = undefined
      if (exit.ok) {
        this.#current = exit.value
        this.link.install(exit.value)
      }
      onExit(exit)
    })
  }

  #crashed(crash: WorkerCrashedError): void {
    if (this.#over) return
    this.#input.onEvent({ _tag: "Crashed", cause: crash, restarts: this.#restarts })
    this.#recover(crash, crash)
  }

  #recover(crash: WorkerCrashedError, reason: RestartReason): void {
    let stop: (() => void) | undefined
    let decided = false
    stop = this.#input.decide(reason, this.#restarts, (decision) => {
      decided = true
      if (this.#stop === stop) this.#stop = undefined
      this.#decided(crash, reason, decision)
    })
    if (!decided) this.#stop = stop
  }

  #decided(crash: WorkerCrashedError, reason: RestartReason, decision: Decision): void {
    const { name, onEvent, log } = this.#input
    if ("failed" in decision) {
      // Without this those who wait would wait for ever.
      this.#giveUp(
        new WorkerCrashedError({ worker: name, exitCode: undefined, cause: decision.failed, restarts: this.#restarts }),
      )
      return
    }
    if (!decision.again) {
      const { exitCode, cause: because } = crash
      const cause = reason === crash ? because : reason
      this.#giveUp(new WorkerCrashedError({ worker: name, exitCode, cause, restarts: this.#restarts }))
      return
    }
    this.#restarts++
    log("Warning", `resident is opened again, restart ${this.#restarts}`, reason)
    this.#open((exit) => {
      if (exit.ok) {
        onEvent({ _tag: "Reopened", cause: crash, restarts: this.#restarts })
        return
      }
      // What opened once is refused later only for what happened to its thread.
      const cause = exit.error as OpenError
      onEvent({ _tag: "ReopenFailed", cause, restarts: this.#restarts })
      this.#recover(crash, cause)
    })
  }

  #giveUp(error: WorkerCrashedError): void {
    const { onEvent, log } = this.#input
    this.#over = true
    log("Error", "resident is not opened again", error)
    this.link.end(error)
    onEvent({ _tag: "GaveUp", cause: error, restarts: this.#restarts })
  }
}
