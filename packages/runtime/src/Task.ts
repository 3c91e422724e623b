/**
 * A task is a reference to an exported function of a module: its URL and its name. That is what can cross to another
 * thread; a closure cannot, because it would leave its variables behind. Python's `anyio.to_process` has the same rule.
 */
import type { Codec } from "./internal/task/codec.ts"
import type { SendableArgs } from "./internal/task/sendable-type.ts"

export type { CannotCross, Sendable, SendableArgs } from "./internal/task/sendable-type.ts"
export { transfer } from "./internal/transport/moves.ts"

/**
 * A reference to an exported function that takes `Args` and returns `A` (or a promise of it, for an async function). `E`
 * is what it is declared to fail with, by a contract of `@offloop/runtime/schema`.
 */
export interface Task<in Args extends ReadonlyArray<unknown>, out A, out E = never> {
  /** The module's absolute URL. */
  readonly module: string
  /** The name of the export. */
  readonly name: string
  /** Carries the types; not there at run time. */
  readonly "~types"?: (...args: Args) => A
  /** Carries the type; not there at run time. */
  readonly "~failure"?: E
  /** How its values cross, where a contract says it. */
  readonly "~codec"?: Codec | undefined
}

/**
 * Every function that a module exports, as a task. Parameters that cannot cross to a thread, functions and symbols, have
 * the type `CannotCross` instead of their own, so that passing one is an error of the compiler. A task whose type is
 * written by hand is checked only when it is called.
 */
export type Tasks<M> = {
  readonly [K in keyof M as M[K] extends (...args: never) => unknown ? K : never]: M[K] extends (
    ...args: infer Args extends ReadonlyArray<unknown>
  ) => infer A
    ? Task<SendableArgs<Args>, A>
    : never
}

/** Several tasks by name, whatever they take and give. */
export type AnyTasks = { readonly [name: string]: Task<never, unknown, unknown> }

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
  return byName((name) => ({ module, name }))
}

/** What a contract of `@offloop/runtime/schema` declares, by the names of its tasks. */
export interface Contract<T extends AnyTasks> {
  /** How the values of each task cross. */
  readonly "~codecs": Readonly<Record<string, Codec>>
  /** Carries the types; not there at run time. */
  readonly "~tasks"?: T
}

/**
 * The tasks of a contract, which the module at `url` implements. Does no I/O, and loads only the contract: the
 * implementation is loaded where a task runs. See `defineTasks` of `@offloop/runtime/schema` for all three parts.
 *
 * ```ts
 * import { Task } from "@offloop/runtime"
 * import { defineTasks } from "@offloop/runtime/schema"
 * import { Schema } from "effect"
 *
 * const contract = defineTasks({ double: { args: Schema.Tuple(Schema.Number), success: Schema.Number } })
 * const { double } = Task.fromContract(contract, new URL("./double.js", import.meta.url))
 * ```
 *
 * @param url the absolute URL of the module that exports what `implement` gave
 */
export const fromContract = <T extends AnyTasks>(contract: Contract<T>, url: URL | string): T => {
  const module = String(url)
  const codecs = contract["~codecs"]
  return byName((name) => (Object.hasOwn(codecs, name) ? { module, name, "~codec": codecs[name] } : undefined))
}

const byName = <T extends object>(make: (name: string) => Task<never, unknown> | undefined): T => {
  const known = new Map<string, Task<never, unknown> | undefined>()
  return new Proxy(Object.create(null) as T, {
    get: (_, name) => {
      // A promise-like look would make `await` call it.
      if (typeof name !== "string" || name === "then") return undefined
      if (!known.has(name)) known.set(name, Object.freeze(make(name)))
      return known.get(name)
    },
  })
}
