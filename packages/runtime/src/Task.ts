/**
 * A task is a reference to an exported function of a module: its URL and its name. That is what can cross to another
 * thread; a closure cannot, because it would leave its variables behind. Python's `anyio.to_process` has the same rule.
 */

/**
 * A reference to an exported function that takes `Args` and returns `A` (or a promise of it, for an async function).
 */
export interface Task<in Args extends ReadonlyArray<unknown>, out A> {
  /** The module's absolute URL. */
  readonly module: string
  /** The name of the export. */
  readonly name: string
  /** Carries the types; not there at run time. */
  readonly "~types"?: (...args: Args) => A
}

/** Every function that a module exports, as a task. */
export type Tasks<M> = {
  readonly [K in keyof M as M[K] extends (...args: never) => unknown ? K : never]: M[K] extends (
    ...args: infer Args extends ReadonlyArray<unknown>
  ) => infer A
    ? Task<Args, A>
    : never
}

/**
 * The functions of a module, as tasks. Does no I/O: the module is loaded where a task runs, when it first runs. A URL
 * that leads nowhere, or a name that is not there, fails with `TaskModuleNotFoundError` or `TaskExportNotFoundError`
 * then.
 *
 * ```ts
 * // tasks.ts
 * export const square = (n: number): number => n * n
 * ```
 *
 * ```ts
 * // main.ts
 * import { Task } from "@offloop/runtime"
 *
 * const { square } = Task.fromModule<typeof import("./tasks.ts")>(new URL("./tasks.ts", import.meta.url))
 * ```
 *
 * @param url the module's absolute URL; a relative one would be relative to nothing, so write `new URL("./x.js", import.meta.url)`
 */
export const fromModule = <M>(url: URL | string): Tasks<M> => {
  const module = String(url)
  const known = new Map<string, Task<never, unknown>>()
  return new Proxy(Object.create(null) as Tasks<M>, {
    get: (_, name) => {
      // A promise-like look would make `await` call it.
      if (typeof name !== "string" || name === "then") return undefined
      let task = known.get(name)
      if (task === undefined) {
        task = Object.freeze({ module, name })
        known.set(name, task)
      }
      return task
    },
  })
}
