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
  /** Runs a task. */
  run(module: string, name: string, ...args: ReadonlyArray<unknown>): unknown
  /** Runs a task that can be asked to stop, under a number of its own. */
  start(ticket: number, module: string, name: string, ...args: ReadonlyArray<unknown>): Promise<unknown>
  /** Asks it to stop. */
  abort(ticket: number): void
  /** Gives what a task returns, to be iterated. Its pool measures the iteration. */
  iterate(module: string, name: string, ...args: ReadonlyArray<unknown>): unknown
  /** Runs what is to run before the thread takes tasks. What it returns stays here. */
  warmUp(module: string, name: string, ...args: ReadonlyArray<unknown>): Promise<void>
}

/** Makes a runner. Modules are loaded once, on first use; from then on a task runs at once. */
export const makeTaskRunner = (input?: GaugeInput): TaskRunner => {
  const measured = makeMeter(input)
  const modules = new Map<string, Map<string, Resolved["run"]>>()
  const load = async (module: string, name: string): Promise<Resolved["run"]> => {
    const resolved = await resolve(module, name)
    if ("problem" in resolved) throw new TaskNotFound(resolved)
    const functions = modules.get(module) ?? new Map<string, Resolved["run"]>()
    functions.set(name, resolved.run)
    modules.set(module, functions)
    return resolved.run
  }
  const call = (module: string, name: string, args: ReadonlyArray<unknown>): unknown => {
    const known = modules.get(module)?.get(name)
    if (known !== undefined) return known(...args)
    const seat = keepSeat()
    const at = here()
    return load(module, name).then((run) => within(at, () => seated(seat, () => run(...args))))
  }
  const started = new Map<number, AbortController>()
  return {
    run: (module, name, ...args) => measured(() => call(module, name, args)),
    iterate: (module, name, ...args) => call(module, name, args),
    warmUp: async (module, name, ...args) => {
      await call(module, name, args)
    },
    start: (ticket, module, name, ...args) =>
      measured(async () => {
        const seat = keepSeat()
        const controller = new AbortController()
        started.set(ticket, controller)
        try {
          const known = modules.get(module)?.get(name)
          // Loading the module may be what makes calls be followed.
          const at = known === undefined ? here() : undefined
          const task = known ?? (await load(module, name))
          controller.signal.throwIfAborted()
          return await withSignal(controller.signal, () => within(at, () => seated(seat, () => task(...args))))
        } finally {
          started.delete(ticket)
        }
      }),
    abort: (ticket) => started.get(ticket)?.abort(),
  }
}
