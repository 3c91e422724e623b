/** Connects to an object's place and opens it there, for every style of residents. */
import {
  InvalidResidentOptionsError,
  NotATaskError,
  type OpenError,
  UnsupportedRuntimeError,
  type WorkerStartError,
} from "../../errors.ts"
import type { Task } from "../../Task.ts"
import type { BackendService } from "../backend/service.ts"
import type { Caller } from "../context/sent.ts"
import type { TelemetrySink } from "../context/telemetry-sink.ts"
import type { OnLine } from "../process/process-link.ts"
import { checkTask } from "../task/work-of.ts"
import type { Link } from "./link.ts"
import { checkPlacement, type PlacementOptions, startAt } from "./placement.ts"

/** Where and how an object is to live. */
export interface LinkOptions extends PlacementOptions {
  readonly name?: string | undefined
  readonly mode?: "blocking" | "async" | undefined
  /** What serves its code on the loop, if anything does. */
  readonly portal?: object | undefined
}

/** What is to be connected to. */
export interface LinkRequest {
  /** What the program called, for errors. */
  readonly asker: string
  readonly task: Task<never, unknown, unknown>
  readonly options: LinkOptions
  readonly backend: BackendService | UnsupportedRuntimeError
  /** Takes what the object's code reports. */
  readonly telemetry: TelemetrySink
  /** Is told what its process writes. */
  readonly onLine: OnLine
}

/** Why there is no link. */
export type ConnectError = InvalidResidentOptionsError | WorkerStartError | UnsupportedRuntimeError | NotATaskError

/** The worker's name. */
export const linkName = ({ name }: Pick<LinkOptions, "name">, task: Task<never, unknown, unknown>): string =>
  name ?? task.name

/** Connects to a new, still empty object, or returns why it cannot. */
export const connect = ({ asker, task, options, backend, telemetry, onLine }: LinkRequest): Link | ConnectError => {
  try {
    checkTask(task, asker)
  } catch (thrown) {
    if (thrown instanceof NotATaskError) return thrown
    throw thrown
  }
  if (backend instanceof UnsupportedRuntimeError) return backend
  const name: unknown = linkName(options, task)
  const { mode = "blocking" } = options
  const problem = findProblem(name, mode)
  if (problem !== undefined) return new InvalidResidentOptionsError({ worker: String(name), ...problem })
  return (
    checkPlacement(String(name), options, backend) ??
    startAt({ backend, name: String(name), mode, options, telemetry, onLine })
  )
}

const findProblem = (name: unknown, mode: string): { readonly option: string; readonly detail: string } | undefined => {
  if (typeof name !== "string") return { option: "name", detail: `name is a string, not ${String(name)}.` }
  if (mode === "blocking" || mode === "async") return undefined
  return { option: "mode", detail: `mode is "blocking" or "async", not ${String(mode)}.` }
}

/** How opening ended. */
export type Opened<E> = { readonly ok: true; readonly value: Link } | { readonly ok: false; readonly error: E }

/** Connects and opens. Tells how that ended, after this has returned; returns how to stop it, after which nothing is told. */
export const openLink = (
  request: LinkRequest & { readonly init: unknown; readonly caller?: Caller | undefined },
  onExit: (exit: Opened<OpenError | ConnectError>) => void,
): (() => void) => {
  const link = connect(request)
  let stopped = false
  const tell = (exit: Opened<OpenError | ConnectError>): void => {
    if (!stopped) onExit(exit)
  }
  if (link instanceof Error) {
    queueMicrotask(() => tell({ ok: false, error: link }))
    return () => {
      stopped = true
    }
  }
  const { module, name: exportName } = request.task
  link.open({ module, exportName, init: request.init, caller: request.caller }, (exit) => {
    if (!exit.ok) link.terminate()
    tell(exit.ok ? { ok: true, value: link } : exit)
  })
  return () => {
    stopped = true
    link.terminate()
  }
}
