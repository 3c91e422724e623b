/** What callers ask of pools, whatever their style: which job a task becomes, and where it goes. */
import { type TaskSchemaError, UnsupportedPlacementError } from "../../errors.ts"
import type { Task } from "../../Task.ts"
import type { Host } from "../portal/host.ts"
import { AbortableProcessJob, ProcessJob, ProcessStreamJob, type ProcessWork } from "../process/job.ts"
import type { OnLine } from "../process/process-link.ts"
import { workOf } from "../task/work-of.ts"
import { stay } from "../transport/moves.ts"
import { AbortableJob, Job, StreamJob, type Work } from "./job.ts"
import type { Placement } from "./run-options.ts"
import type { Kind } from "./submission.ts"

/** How a task is asked for. */
export type Method = "runSync" | "run" | "stream"

/** A task to be run, and how. */
export interface Request {
  readonly method: Method
  readonly task: Task<never, unknown, unknown>
  readonly args: ReadonlyArray<unknown>
  readonly placement: Placement | undefined
  /** Whether a process is left to itself when nobody waits for its task any more, and not killed. */
  readonly abandon: boolean
  /** Serves what the task asks of the loop. */
  readonly host?: Host | undefined
  /** Is told what a process writes meanwhile. */
  readonly onLine: OnLine
}

/** Why a task is not given to a pool. */
export type RequestError = TaskSchemaError | UnsupportedPlacementError

const placements: ReadonlyArray<string> = ["worker", "inline", "process"] satisfies ReadonlyArray<Placement>

/**
 * What a pool is to do, or why it is not: values that are not what the task's contract says, or a placement that cannot do
 * it. Throws a `NotATaskError` for what is no task, which types exclude.
 */
export const workFor = (request: Request): Work | RequestError => {
  const work = findWork(request)
  // Nothing of it is sent.
  if (work instanceof Error) stay(request.args)
  return work
}

const findWork = (request: Request): Work | RequestError => {
  const { method, task, args, placement = "worker", host, abandon, onLine } = request
  const work = workOf(task, args, `OffLoop.${method}`)
  if (work instanceof Error) return work
  if (!placements.includes(placement)) {
    return unsupported(request, 'a task runs in a "worker", "inline" or in a "process"')
  }
  if (placement !== "process") return host === undefined ? work : { ...work, host }
  if (host !== undefined) return portalInProcess(task)
  const inProcess: ProcessWork = { ...work, onLine, kill: !abandon }
  return inProcess
}

/** Why a task with a portal cannot run in a process. */
export const portalInProcess = (task: Request["task"]): UnsupportedPlacementError =>
  unsupported(
    { task, placement: "process" },
    'it was given a portal, and code in a process cannot call back. Use the placement "worker", or no portal',
  )

const unsupported = (
  { task: { module, name }, placement }: Pick<Request, "task" | "placement">,
  detail: string,
): UnsupportedPlacementError =>
  new UnsupportedPlacementError({ target: `${module}#${name}`, placement: String(placement), detail })

/** What a task becomes that gives one result. */
export const kindOf = (method: "runSync" | "run", placement: Placement | undefined): Kind => {
  if (method === "runSync") return placement === "process" ? ProcessJob : Job
  return placement === "process" ? AbortableProcessJob : AbortableJob
}

/** What a task becomes whose result is iterated. */
export const streamKindOf = (placement: Placement | undefined): typeof StreamJob =>
  placement === "process" ? ProcessStreamJob : StreamJob
