/** What a program can say about the threads that are started for it, and which runtime can do it. */
import type { BackendService } from "./service.ts"

/**
 * Limits of a thread's engine. What exceeds one ends the thread, and its callers fail with `WorkerCrashedError`. They are best
 * effort: memory outside of the heap, such as that of an `ArrayBuffer`, does not count, and Node ends the whole program where
 * the engine cannot stop in time, in one very large allocation for instance.
 */
export interface ResourceLimits {
  /** The heap for what lives long, in megabytes. Node and Deno. */
  readonly maxOldGenerationSizeMb?: number | undefined
  /** The heap for what is new, in megabytes. Node and Deno. */
  readonly maxYoungGenerationSizeMb?: number | undefined
  /** Memory for compiled code, in megabytes. Node. */
  readonly codeRangeSizeMb?: number | undefined
  /** The stack, in megabytes. Node. */
  readonly stackSizeMb?: number | undefined
}

/** What code in a Deno thread may do: `true`, `false`, `"inherit"`, or for some paths, hosts or names only. */
export type DenoPermission = boolean | "inherit" | ReadonlyArray<string | URL>

/** A part of the program's own permissions. What is not named is denied. */
export interface DenoPermissions {
  readonly read?: DenoPermission | undefined
  readonly write?: DenoPermission | undefined
  readonly net?: DenoPermission | undefined
  readonly env?: DenoPermission | undefined
  readonly run?: DenoPermission | undefined
  readonly ffi?: DenoPermission | undefined
  readonly sys?: DenoPermission | undefined
  readonly import?: DenoPermission | undefined
}

/**
 * How threads are started. A runtime that cannot do what is asked is not asked: opening a pool or a resident fails, and
 * says why. That goes for all of them with `InlineBackend`, which has no threads.
 */
export interface ThreadSettings {
  /** Options of the command line for the threads, such as `--require=./instrument.cjs`. Node. */
  readonly execArgv?: ReadonlyArray<string> | undefined
  /**
   * All environment variables that the threads see in `process.env`, instead of a copy of the program's. Node, Bun, and
   * Deno, where `Deno.env` stays the program's.
   */
  readonly env?: Readonly<Record<string, string>> | undefined
  /** Node, and Deno for the two heaps. */
  readonly resourceLimits?: ResourceLimits | undefined
  /**
   * Which of the program's permissions the threads have. Deno, which has to be started with `--unstable-worker-options` (or
   * `"unstable": ["worker-options"]` in `deno.json`): without it Deno ends the program when the first thread starts.
   * `read` has to include the modules of the tasks. Not together with the other settings.
   */
  readonly permissions?: DenoPermissions | "none" | undefined
}

/** What is wrong with a setting. */
export interface SettingProblem {
  readonly option: keyof ThreadSettings
  readonly detail: string
}

const settings = ["execArgv", "env", "resourceLimits", "permissions"] as const
const limits = ["maxOldGenerationSizeMb", "maxYoungGenerationSizeMb", "codeRangeSizeMb", "stackSizeMb"] as const
const denoLimits: ReadonlySet<string> = new Set(["maxOldGenerationSizeMb", "maxYoungGenerationSizeMb"])
const permissionNames: ReadonlySet<string> = new Set(["read", "write", "net", "env", "run", "ffi", "sys", "import"])

const called = { node: "Node", bun: "Bun", deno: "Deno", inline: "InlineBackend" }

const findFirst = (
  asked: ThreadSettings,
  wrong: (option: keyof ThreadSettings, value: unknown) => string | undefined,
): SettingProblem | undefined => {
  for (const option of settings) {
    const value = asked[option]
    const detail = value === undefined ? undefined : wrong(option, value)
    if (detail !== undefined) return { option, detail: `${option}: ${detail}.` }
  }
  return undefined
}

/** What is wrong with the settings in themselves. */
export const findMalformed = (asked: ThreadSettings): SettingProblem | undefined => findFirst(asked, malformed)

/** What is wrong with the settings, in themselves or for a backend. */
export const findSettingProblem = (
  asked: ThreadSettings,
  backend: BackendService["name"],
): SettingProblem | undefined =>
  findFirst(asked, (option, value) => malformed(option, value) ?? unavailable(option, asked, backend))

const malformed = (option: keyof ThreadSettings, value: unknown): string | undefined => {
  switch (option) {
    case "execArgv":
      return Array.isArray(value) && value.every((one) => typeof one === "string") ? undefined : "not a list of strings"
    case "env":
      return badEnv(value)
    case "resourceLimits":
      return badLimits(value)
    default:
      return badPermissions(value)
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const badEnv = (value: unknown): string | undefined => {
  if (!isObject(value)) return "not an object of strings"
  const bad = Object.keys(value).find((name) => typeof value[name] !== "string")
  return bad === undefined ? undefined : `${bad} is not a string`
}

const badLimits = (value: unknown): string | undefined => {
  if (!isObject(value)) return "not an object of numbers of megabytes"
  for (const [name, size] of Object.entries(value)) {
    if (!(limits as ReadonlyArray<string>).includes(name)) return `there is no ${name}; there are ${limits.join(", ")}`
    if (size === undefined) continue
    if (typeof size !== "number" || !Number.isFinite(size) || size <= 0) {
      return `${name} is a number of megabytes above 0, not ${String(size)}`
    }
  }
  return undefined
}

const badPermissions = (value: unknown): string | undefined => {
  if (value === "none") return undefined
  if (!isObject(value)) return `"none" or an object of permissions, not ${String(value)}`
  const bad = Object.keys(value).find((name) => !permissionNames.has(name))
  return bad === undefined ? undefined : `Deno has no permission ${bad}; it has ${[...permissionNames].join(", ")}`
}

const unavailable = (
  option: keyof ThreadSettings,
  asked: ThreadSettings,
  backend: BackendService["name"],
): string | undefined => {
  const runtime = called[backend]
  if (backend === "inline") return "InlineBackend has no threads that could have it. Leave it out"
  switch (option) {
    case "env":
      return undefined
    case "execArgv":
      return backend === "node" ? undefined : `${runtime} does not apply it to threads. Pass it to the program itself`
    case "resourceLimits": {
      if (backend === "node") return undefined
      if (backend === "bun") return "Bun does not limit threads. Use maxHeapBytes to retire a thread after a task"
      const beyond = Object.keys(asked.resourceLimits ?? {}).find((name) => !denoLimits.has(name))
      return beyond === undefined ? undefined : `Deno does not apply ${beyond}; it limits ${[...denoLimits].join(", ")}`
    }
    default: {
      if (backend !== "deno") return `${runtime} has no permissions for threads. They are Deno's`
      const other = settings.find((name) => name !== "permissions" && asked[name] !== undefined)
      return other === undefined ? undefined : `Deno takes them alone, without ${other}`
    }
  }
}
