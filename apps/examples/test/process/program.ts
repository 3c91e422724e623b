import { spawn } from "node:child_process"
import { fileURLToPath } from "node:url"
import { launch } from "../../../../scripts/runtimes.ts"
import { currentRuntime } from "../../src/process/current-runtime.ts"

/** A program of this package, running in a process of its own. */
export interface Program {
  readonly pid: number
  readonly stdout: () => string
  readonly stderr: () => string
  /** Waits until what the program wrote (stdout, then stderr) matches; fails if the program ends before. */
  readonly waitFor: (pattern: RegExp) => Promise<RegExpMatchArray>
  readonly kill: (signal: NodeJS.Signals) => void
  readonly closeStdout: () => void
  /** The exit code, when the program and all that holds its output are gone. */
  readonly exited: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>
  /** True while a process of the program's group is left: the program itself, or one that it started. */
  readonly isAnyLeft: () => boolean
}

/** Starts the program at `url` on the runtime that runs the test, as the leader of a process group of its own. */
export const startProgram = (
  url: URL,
  args: ReadonlyArray<string> = [],
  env: Readonly<Record<string, string>> = {},
): Program => {
  const child = spawn(process.execPath, [...launch(currentRuntime).args, fileURLToPath(url), ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    // Not the terminal's colours, nor what vitest tells its own workers.
    env: { ...process.env, NO_COLOR: "1", NODE_OPTIONS: "", ...env },
    detached: true,
  })
  let stdout = ""
  let stderr = ""
  const waiting = new Set<() => void>()
  const heard = () => {
    for (const check of waiting) check()
  }
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text
    heard()
  })
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text
    heard()
  })
  let ended = false
  const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve, reject) => {
    child.on("error", reject)
    child.on("close", (code, signal) => {
      ended = true
      heard()
      resolve({ code, signal })
    })
  })
  const pid = child.pid ?? -1
  return {
    pid,
    stdout: () => stdout,
    stderr: () => stderr,
    waitFor: (pattern) =>
      new Promise((resolve, reject) => {
        const check = () => {
          const match = stdout.match(pattern) ?? stderr.match(pattern)
          if (match === null && !ended) return
          waiting.delete(check)
          if (match !== null) resolve(match)
          else reject(new Error(`${url.pathname} ended without saying ${pattern}. It said:\n${stdout}\n${stderr}`))
        }
        waiting.add(check)
        check()
      }),
    // Not child.kill: after it Deno reports the signal as what ended the child, whatever the child did.
    kill: (signal) => {
      if (!ended) process.kill(pid, signal)
    },
    closeStdout: () => child.stdout.destroy(),
    exited,
    isAnyLeft: () => {
      try {
        return process.kill(-pid, 0)
      } catch {
        return false
      }
    },
  }
}
