/** Which options of the program's runtime a process of it gets, where nobody says which. */
import process from "node:process"

/** Options that say what the program's own process is to run, with a value of their own after them. */
const programs = new Set(["-e", "--eval", "-p", "--print", "-pe"])

/** Options without sense, or with harm, in another process: two processes cannot listen on one port of the inspector. */
const personal = /^--(inspect|debug|input-type|watch|test|check|interactive|cpu-prof|heap-prof|build-snapshot)/

/** What is left of a program's own options for its processes. */
export const passedOn = (execArgv: ReadonlyArray<string>): ReadonlyArray<string> => {
  const passed: string[] = []
  for (let index = 0; index < execArgv.length; index++) {
    const option = execArgv[index] as string
    if (programs.has(option)) index++
    else if (!personal.test(option)) passed.push(option)
  }
  return passed
}

/** Options of Node and Bun. */
export const nodeOptions = (): ReadonlyArray<string> => passedOn(process.execArgv)

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
