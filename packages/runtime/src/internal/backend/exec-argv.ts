/** Which options of the program's runtime its threads and processes get, where nobody says which. */
import process from "node:process"
import { pathToFileURL } from "node:url"

/** An option with the values that follow it. */
type Option = readonly [option: string, ...values: ReadonlyArray<string>]

/** Options that say what the program's own process is to run: what follows is code, however it begins. */
const programs = new Set(["-e", "--eval", "-p", "--print", "-pe", "--run"])

/**
 * Options for the program's own process alone: what it runs and how it is watched, tested, profiled or debugged. Two
 * processes cannot listen on one port of an inspector, and one that runs the program again would start another, and so on.
 */
const personal = new RegExp(
  `^(${[
    "-[epci]|-pe|-v|-h|-",
    "--(eval|print|check|interactive|input-type|entry-url|run|stdin|version|help|v8-options|completion-bash)",
    "--(no-)?(inspect|debug|watch|hot|test|experimental-test|build-snapshot|experimental-sea|build-sea)[a-z-]*",
    "--(cpu-prof|heap-prof|heapsnapshot|prof|node-snapshot|snapshot-blob|cwd|title)[a-z-]*",
  ].join("|")})$`,
)

/** Options that a thread inherits, and that keep it from starting. */
const refusedByThreads = /^--(input-type|experimental-default-type|entry-url)(=|$)/

/** Options whose value is a module: it may be named relative to the folder that the program was started in. */
const modules = new Set(["-r", "--require", "--import", "--loader", "--experimental-loader", "--preload"])

const nameOf = (option: string): string => option.split("=", 1)[0]?.replaceAll("_", "-") as string

/** Groups a runtime's own arguments: whatever is no option is the value of the one before it. */
const grouped = (execArgv: ReadonlyArray<string>): ReadonlyArray<Option> => {
  const options: Array<[string, ...string[]]> = []
  for (const argument of execArgv) {
    const last = options.at(-1)
    const isValue = !argument.startsWith("-") || (last?.length === 1 && programs.has(last[0]))
    if (last !== undefined && isValue) last.push(argument)
    else options.push([argument])
  }
  return options
}

const inheritable = ([option]: Option): boolean => option.startsWith("-") && !personal.test(nameOf(option))

/** What of a program's own options its processes get. */
export const passedOn = (execArgv: ReadonlyArray<string>): ReadonlyArray<string> =>
  grouped(execArgv).filter(inheritable).flat()

/** Names modules by where they are, for a process that starts in another folder. */
export const located = (execArgv: ReadonlyArray<string>, folder: string): ReadonlyArray<string> =>
  grouped(execArgv).flatMap(([option, ...values]) => {
    const [name, inline] = option.split(/=(.*)/s, 2) as [string, string | undefined]
    if (!modules.has(name)) return [option, ...values]
    const at = (value: string): string =>
      /^\.{1,2}[/\\]/.test(value) ? locate(value, folder, name === "--import" || name.includes("loader")) : value
    return inline === undefined ? [name, ...values.map(at)] : [`${name}=${at(inline)}`, ...values]
  })

const locate = (path: string, folder: string, asUrl: boolean): string => {
  const url = new URL(path, pathToFileURL(`${folder}/`))
  return asUrl ? url.href : decodeURIComponent(url.pathname)
}

/** Options of Node and Bun for a process. */
export const nodeOptions = (): ReadonlyArray<string> => passedOn(process.execArgv)

/** The program's environment for a process: what it says of its own process, by `NODE_OPTIONS`, is left out. */
export const nodeEnvironment = (): Readonly<Record<string, string | undefined>> => {
  const { NODE_TEST_CONTEXT: _, ...env } = process.env
  const { NODE_OPTIONS: options } = env
  if (options === undefined) return env
  const passed = passedOn(options.match(/(?:[^\s"]+|"(?:[^"\\]|\\.)*")+/g) ?? []).join(" ")
  return { ...env, NODE_OPTIONS: passed === "" ? undefined : passed }
}

/**
 * Options of Node for a thread, or `undefined` where it can inherit all of the program's. Those of the process and of the
 * engine are not for threads: Node says which, in an error of `new Worker`.
 */
export const threadOptions = (execArgv: ReadonlyArray<string>): ReadonlyArray<string> | undefined =>
  execArgv.some((option) => refusedByThreads.test(option)) ? passedOn(execArgv) : undefined

/** Leaves out the options that an error of `new Worker` names. Gives `undefined` where it names none. */
export const withoutRefused = (execArgv: ReadonlyArray<string>, error: unknown): ReadonlyArray<string> | undefined => {
  if (!(error instanceof Error) || (error as { readonly code?: unknown }).code !== "ERR_WORKER_INVALID_EXEC_ARGV") {
    return undefined
  }
  const refused = new Set(error.message.split(/[:,\s]+/).filter((word) => word.startsWith("-")))
  const left = grouped(execArgv).filter(([option]) => !refused.has(option))
  return left.flat().length === execArgv.length ? undefined : left.flat()
}

/** Deno's permissions, and the flag of each. */
const permissions = ["read", "write", "net", "env", "run", "ffi", "sys", "import"] as const

interface DenoPermissions {
  querySync(descriptor: { readonly name: (typeof permissions)[number] }): {
    readonly state: string
    readonly partial?: boolean
  }
}

/**
 * Deno's options. It does not tell a program its options, but which permissions it has: a process gets those that the
 * program has without restriction. What was granted for some paths or hosts alone is not told either, and not passed on.
 */
export const denoOptions = (): ReadonlyArray<string> => {
  const { Deno } = globalThis as unknown as { readonly Deno: { readonly permissions: DenoPermissions } }
  const granted = permissions.filter((name) => {
    const { state, partial } = Deno.permissions.querySync({ name })
    return state === "granted" && partial !== true
  })
  return granted.length === permissions.length ? ["--allow-all"] : granted.map((name) => `--allow-${name}`)
}
