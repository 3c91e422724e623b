/** A subject's process, seen from the bench. */
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { launch } from "../../../../scripts/runtimes.ts"
import type { Runtime } from "../model.ts"
import { CannotTakePart } from "../suite.ts"
import { type Job, mark, type Reply, type Request } from "./protocol.ts"

export interface SubjectProcess {
  /** Fails with the subject's own message, when its process ends, and when it does not answer in time: then it is ended. */
  readonly request: <A>(request: Request, timeoutMs: number) => Promise<A>
  /** Asks it to close, and ends it if it does not. */
  readonly close: () => Promise<void>
}

/** The length of the last output of a process that is quoted when it ends by itself. */
const tailLength = 400

/** The lines that say something: not where in which file, and not which runtime it was. */
const tailOf = (text: string): string =>
  text
    .split("\n")
    .filter((line) => line.trim() !== "" && !/^\s*(at |\^|Node\.js v|Bun v)/.test(line))
    .slice(-6)
    .join(" | ")
    .slice(-tailLength)

/** The time in which a process must end by itself when it is told to. */
const graceMs = 2_000

export const startSubject = (runtime: Runtime, job: Job, signal: AbortSignal): SubjectProcess => {
  const { executable, args } = launch(runtime)
  const program = fileURLToPath(new URL("./subject-main.ts", import.meta.url))
  const child: ChildProcess = spawn(executable, [...args, program, JSON.stringify(job)], {
    stdio: ["pipe", "pipe", "pipe"],
    cwd: job.context.folder,
  })
  let printed = ""
  let ended: string | undefined
  let settle: ((reply: Reply) => void) | undefined
  const answer = (reply: Reply) => {
    settle?.(reply)
    settle = undefined
  }
  const print = (text: string) => {
    printed = (printed + text).slice(-4 * tailLength)
  }
  child.stderr!.setEncoding("utf8").on("data", print)
  createInterface({ input: child.stdout! }).on("line", (line) => {
    if (line.startsWith(mark)) answer(JSON.parse(line.slice(mark.length)))
    else print(`${line}\n`)
  })
  // A process that is gone cannot be written to; its exit says so.
  child.stdin!.on("error", () => undefined)
  child.on("error", (error) => {
    ended = `its process did not start: ${error.message}`
    answer({ error: ended })
  })
  child.on("close", (code, signal) => {
    ended ??= `its process ended with ${signal ?? `code ${code}`}${printed === "" ? "" : `: ${tailOf(printed)}`}`
    answer({ error: ended })
  })

  // First in a way that lets it end what it has started itself; a process that hangs does not hear it.
  let killing: NodeJS.Timeout | undefined
  const kill = () => {
    child.kill("SIGTERM")
    killing ??= setTimeout(() => child.kill("SIGKILL"), graceMs)
  }
  child.on("close", () => clearTimeout(killing))
  signal.addEventListener("abort", kill)
  child.on("close", () => signal.removeEventListener("abort", kill))

  const request = <A>(message: Request, timeoutMs: number): Promise<A> =>
    new Promise((resolve, reject) => {
      if (ended !== undefined) return reject(new Error(ended))
      const timer = setTimeout(() => {
        ended = `no answer to "${message.do}" within ${Math.round(timeoutMs / 1000)} s`
        kill()
        answer({ error: ended })
      }, timeoutMs)
      settle = (reply) => {
        clearTimeout(timer)
        if ("error" in reply) reject(reply.declined === true ? new CannotTakePart(reply.error) : new Error(reply.error))
        else resolve(reply.value as A)
      }
      child.stdin!.write(`${JSON.stringify(message)}\n`)
    })

  return {
    request,
    close: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return
      const exited = once(child, "close")
      await request({ do: "close" }, 5_000).catch(kill)
      child.stdin!.end()
      const timer = setTimeout(kill, graceMs)
      await exited
      clearTimeout(timer)
    },
  }
}
