/** Finds the function that a task refers to. Runs where the task runs: in a worker, or on the loop when inline. */
import { createRequire } from "node:module"
import { fileURLToPath } from "node:url"
import type { OpenProblem } from "../transport/protocol.ts"
import { registered, registeredNames, type Source } from "./registry.ts"

// Node makes a module of all that `node:fs` has when it is imported, which costs a thread a tenth of its start.
const { statSync }: typeof import("node:fs") = createRequire(import.meta.url)("node:fs")

/** The function of a task. */
export interface Resolved {
  readonly run: (...args: ReadonlyArray<unknown>) => unknown
}

/**
 * Imports the module and picks the export. Says what is missing when the module or the export is; throws what the
 * module throws when its code, or a module that it imports, fails to load.
 */
export const resolve = async (module: string, exportName: string): Promise<Resolved | OpenProblem> => {
  const source = registered(module)
  const absent = source === undefined ? absence(module) : undefined
  if (absent !== undefined) return { problem: "module", module, reason: absent }
  const exports = (await (source === undefined ? import(module) : load(source))) as Exports
  const run = functionIn(exports, exportName) ?? functionIn(ofCommonJs(exports), exportName)
  if (run === undefined) {
    return { problem: "export", module, exportName, available: functionsOf({ ...ofCommonJs(exports), ...exports }) }
  }
  return { run }
}

type Exports = Readonly<Record<string, unknown>>

/**
 * What a CommonJS module assigned to `module.exports`. Node and Deno find the names of what it holds by reading its text, so
 * that they miss what the code computes; all of it is the module's default export.
 */
const ofCommonJs = ({ default: all }: Exports): Exports =>
  (typeof all === "object" || typeof all === "function") && all !== null ? (all as Exports) : {}

const functionIn = (exports: Exports, name: string): Resolved["run"] | undefined => {
  // Not what every object or function has, such as `toString` or `call`.
  const own = Object.hasOwn(exports, name) ? exports[name] : undefined
  return typeof own === "function" ? (own as Resolved["run"]) : undefined
}

const functionsOf = (exports: Exports): ReadonlyArray<string> =>
  Object.keys(exports).filter((name) => name !== "module.exports" && typeof exports[name] === "function")

const load = (source: Source): object | Promise<object> =>
  typeof source === "function" ? (source as () => Promise<object>)() : source

// The runtimes report a missing module in different ways, and in the same way whether it is this module or one that it
// imports. So it is looked for before it is imported.
const absence = (module: string): string | undefined => {
  if (!URL.canParse(module)) return `it is not an absolute URL${among()}`
  if (!module.startsWith("file:")) return undefined
  // Without permission to look this throws, and says so.
  const found = statSync(fileURLToPath(new URL(module)), { throwIfNoEntry: false })
  return found === undefined ? `there is no such file${among()}` : undefined
}

const among = (): string => {
  const names = registeredNames()
  return names.length === 0 ? "" : `, and none of the modules given to threads(): ${names.join(", ")}`
}
