/** The object that a pool's threads hold: it runs any task by its reference. */
import { here, within } from "../context/place.ts"
import type { GaugeInput } from "../pool/gauge.ts"
import { keepSeat, seated } from "../portal/seat.ts"
import { isThenable } from "../thenable.ts"
import { describe } from "../transport/portrait.ts"
import type { OpenProblem } from "../transport/protocol.ts"
import { type MayTurn, mayTurn } from "./event-loop.ts"
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

/** A task returned what throws when a promise resolves with it. Crosses as an error, and means that its result cannot. */
export class UnreadableResult extends Error {
  override readonly name = "UnreadableResult"
}

export interface TaskRunner extends MayTurn {
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
  /** Whether it gave a promise when it was last called. */
  promised: boolean | undefined
}

/** What a task returned, where a promise can resolve with it. */
const readable = (value: unknown): unknown => {
  if (typeof value !== "object" || value === null) return value
  try {
    void (value as { readonly then?: unknown }).then
    return value
  } catch (thrown) {
    throw new UnreadableResult(describe(thrown))
  }
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
    if (task.run !== undefined) {
      const value = task.run(...args)
      task.promised = isThenable(value)
      return value
    }
    const seat = keepSeat()
    const at = here()
    return load(task).then((run) => within(at, () => seated(seat, () => readable(run(...args)))))
  }
  const started = new Map<number, AbortController>()
  return {
    // Loading a module turns the loop too, and of what never ran nobody knows.
    [mayTurn]: (method, [number]) => method === "run" && tasks[number as number]?.promised !== false,
    define: (number, module, name) => {
      tasks[number] = { module, name, run: undefined, promised: undefined }
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
          return await withSignal(controller.signal, () => within(at, () => seated(seat, () => readable(run(...args)))))
        } finally {
          started.delete(ticket)
        }
      }),
    abort: (ticket) => started.get(ticket)?.abort(),
  }
}
