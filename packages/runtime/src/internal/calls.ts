/** A module's tasks as functions that run them. */
import type { AnyTasks, Task } from "../Task.ts"

/** Calls `run` with the task of the name that is read, and with what it is called with. */
export const callsOf = <C extends object>(
  tasks: AnyTasks,
  run: (task: Task<ReadonlyArray<unknown>, unknown>, args: ReadonlyArray<unknown>) => unknown,
): C => {
  const known = new Map<string, (...args: ReadonlyArray<unknown>) => unknown>()
  return new Proxy(Object.create(null) as C, {
    get: (_, name) => {
      // A promise-like look would make `await` call it.
      if (typeof name !== "string" || name === "then") return undefined
      let call = known.get(name)
      if (call === undefined) {
        const task = tasks[name] as Task<ReadonlyArray<unknown>, unknown> | undefined
        if (task === undefined) return undefined
        call = (...args) => run(task, args)
        known.set(name, call)
      }
      return call
    },
  })
}
