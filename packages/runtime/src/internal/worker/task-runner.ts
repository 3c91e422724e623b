/** The object that a pool's threads hold: it runs any task by its reference. */
import { here, within } from "../context/place.ts"
import type { GaugeInput } from "../pool/gauge.ts"
import { keepSeat, seated } from "../portal/seat.ts"
import type { OpenProblem } from "../transport/protocol.ts"
import { makeMeter } from "./meter.ts"
import { type Resolved, resolve } from "./resolve.ts"
import { withSignal } from "./signal.ts"

/** A task's module or export is not there. Crosses as an error with the problem as a property. */
export class TaskNotFound extends Error {
  override readonly name = "TaskNotFound"
  readonly problem: OpenProblem

  constructor(problem: OpenProblem) {
    super(`${problem.problem} not found`)
    this.problem = problem
  }
}

export interface TaskRunner {
  /** Tells the number by which a task is asked for from then on. */
  define(number: number, module: string, name: string): void
  /** Runs a task. */
  run(task: number, ...args: ReadonlyArray<unknown>): unknown
  /** Runs a task that can be asked to stop, under a number of its own. */
  start(ticket: number, task: number, ...args: ReadonlyArray<unknown>): Promise<unknown>
  /** Asks it to stop. */
  abort(ticket: number): void
  /** Gives what a task returns, to be iterated. Its pool measures the iteration. */
  iterate(task: number, ...args: ReadonlyArray<unknown>): unknown
  /** Runs what is to run before the thread takes tasks. What it returns stays here. */
  warmUp(task: number, ...args: ReadonlyArray<unknown>): Promise<void>
}

interface Known {
  readonly module: string
  readonly name: string
  /** What it is, once it was loaded. */
  run: Resolved["run"] | undefined
}

/** Makes a runner. Modules are loaded once, on first use; from then on a task runs at once. */
export const makeTaskRunner = (input?: GaugeInput): TaskRunner => {
  const measured = makeMeter(input)
  const tasks: Known[] = []
  const load = async (task: Known): Promise<Resolved["run"]> => {
    const resolved = await resolve(task.module, task.name)
    if ("problem" in resolved) throw new TaskNotFound(resolved)
    task.run = resolved.run
    return resolved.run
  }
  const call = (number: number, args: ReadonlyArray<unknown>): unknown => {
    const task = tasks[number] as Known
    if (task.run !== undefined) return task.run(...args)
    const seat = keepSeat()
    const at = here()
    return load(task).then((run) => within(at, () => seated(seat, () => run(...args))))
  }
  const started = new Map<number, AbortController>()
  return {
    define: (number, module, name) => {
      tasks[number] = { module, name, run: undefined }
    },
    run: (number, ...args) => measured(() => call(number, args)),
    iterate: (number, ...args) => call(number, args),
    warmUp: async (number, ...args) => {
      await call(number, args)
    },
    start: (ticket, number, ...args) =>
      measured(async () => {
        const seat = keepSeat()
        const controller = new AbortController()
        started.set(ticket, controller)
        try {
          const task = tasks[number] as Known
          const known = task.run
          // Loading the module may be what makes calls be followed.
          const at = known === undefined ? here() : undefined
          const run = known ?? (await load(task))
          controller.signal.throwIfAborted()
          return await withSignal(controller.signal, () => within(at, () => seated(seat, () => run(...args))))
        } finally {
          started.delete(ticket)
        }
      }),
    abort: (ticket) => started.get(ticket)?.abort(),
  }
}
