/** What a package finds of the modules that the program gave to `threads`. */
import { registered } from "./internal/worker/registry.ts"

/**
 * Where a package finds a module of its own tasks: under its name where the program gave it to `threads`, else at its URL. To
 * be asked each time a task is used, since the program may call `threads` after the package was loaded. Does no I/O.
 *
 * ```ts
 * import { Task } from "@offloop/runtime"
 * import { locate } from "@offloop/runtime/threads"
 *
 * interface Hashing {
 *   readonly hash: (text: string) => string
 * }
 * const tasks = () => Task.fromModule<Hashing>(locate("my-package/tasks", new URL("./tasks.js", import.meta.url)))
 * ```
 */
export const locate = (name: string, url: URL | string): string => (registered(name) === undefined ? String(url) : name)

/**
 * The module that the program gave to `threads` under a name, or `undefined`. Not for one that was given as a function that
 * imports it. It is how a package takes what it would otherwise load from the disk, such as a native addon. Does no I/O.
 *
 * ```ts
 * import { given } from "@offloop/runtime/threads"
 *
 * const addon = given("my-addon") as { readonly default: () => number } | undefined
 * ```
 */
export const given = (name: string): object | undefined => {
  const source = registered(name)
  return typeof source === "function" ? undefined : source
}
