import { execFile } from "node:child_process"
import { fileURLToPath } from "node:url"

/** The end of a program. */
export interface Ended {
  readonly lines: ReadonlyArray<string>
  readonly code: unknown
  readonly errors: string
}

/** Runs a program of `programs` on the runtime that runs this test, and gives its output when it has ended by itself. */
export const runProgram = (name: string, ...args: ReadonlyArray<string>): Promise<Ended> => {
  const program = fileURLToPath(new URL(`./programs/${name}.ts`, import.meta.url))
  const flags = "Deno" in globalThis ? ["run", "-A", "--node-modules-dir=manual"] : []
  const cwd = fileURLToPath(new URL("..", import.meta.url))
  return new Promise((resolve) => {
    // Far above what it needs: only a program that would never end is ended.
    execFile(process.execPath, [...flags, program, ...args], { cwd, timeout: 45_000 }, (error, stdout, errors) => {
      resolve({ lines: stdout.trim().split("\n"), code: error === null ? 0 : (error.code ?? error.signal), errors })
    })
  })
}
