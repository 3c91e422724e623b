import { createRequire } from "node:module"
import { dirname, join } from "node:path"

/** The runtimes that everything is tested on, in the order in which reports list them. */
export const runtimes = ["node", "bun", "deno"] as const

/** One of the runtimes that everything is tested on. */
export type Runtime = (typeof runtimes)[number]

export const isRuntime = (name: string | undefined): name is Runtime => runtimes.some((runtime) => runtime === name)

/** A command that starts a program on a runtime: the executable, and the arguments before the program's own path. */
export interface Launch {
  readonly executable: string
  readonly args: ReadonlyArray<string>
}

const require = createRequire(import.meta.url)
const packageFolder = (name: string): string => dirname(require.resolve(`${name}/package.json`))
const exe = process.platform === "win32" ? ".exe" : ""

/**
 * The options that every Node here is started with. Node strips the types of a TypeScript module with WebAssembly, in each thread that
 * loads one, and V8 may free the code of a wrapper that another thread replaces by a faster one at that moment: the
 * process dies of SIGSEGV in `TierUpWasmToJSWrapper`. With this budget, no wrapper is ever called often enough to be
 * replaced. Packages as they are published hold JavaScript and need none of it.
 */
const nodeFlags = ["--wasm-wrapper-tiering-budget=2147483647"]

/**
 * The command that starts a program on `runtime`, with the executables that the npm packages `node`, `bun` and `deno` brought.
 *
 * The executables themselves, not their shims in `node_modules/.bin`: a shim is a second process between a signal and
 * the program. `OFFLOOP_NODE` names another Node to use, which is how one checkout is tested on several versions of it.
 */
export const launch = (runtime: Runtime): Launch => {
  switch (runtime) {
    case "node":
      return {
        executable: process.env.OFFLOOP_NODE || join(packageFolder("node"), "bin", `node${exe}`),
        args: nodeFlags,
      }
    case "bun":
      // Bun's package names its binary bun.exe on every system. `--bun`: also for what the program starts as `node`.
      return { executable: join(packageFolder("bun"), "bin", "bun.exe"), args: ["--bun"] }
    case "deno":
      return {
        executable: join(packageFolder("deno"), `deno${exe}`),
        args: ["run", "--allow-all", "--node-modules-dir=manual"],
      }
  }
}
