/** A module's tasks as functions that run them. */
import type { Task, Tasks } from "../Task.ts"

/** Calls `run` with the task of the name that is read, and with what it is called with. */
export const callsOf = <M, C extends object>(
  tasks: Tasks<M>,
  run: (task: Task<ReadonlyArray<unknown>, unknown>, args: ReadonlyArray<unknown>) => unknown,
): C => {
  const known = new Map<string, (...args: ReadonlyArray<unknown>) => unknown>()
  return new Proxy(Object.create(null) as C, {
    get: (_, name) => {
      // A promise-like look would make `await` call it.
      if (typeof name !== "string" || name === "then") return undefined
      let call = known.get(name)
      if (call === undefined) {
        const task = (tasks as Readonly<Record<string, Task<ReadonlyArray<unknown>, unknown>>>)[name]
        if (task === undefined) return undefined
        call = (...args) => run(task, args)
        known.set(name, call)
      }
      return call
    },
  })
}
