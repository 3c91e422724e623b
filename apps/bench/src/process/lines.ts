/** A program that answers a line with a line: requests and replies are JSON, one at a time. */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { createInterface } from "node:readline"
import type { Reply } from "./protocol.ts"

export interface LineProgram {
  readonly ask: <A>(request: object) => Promise<A>
  /** Ends its input and waits until the program has ended. */
  readonly close: () => Promise<void>
}

export const startLineProgram = (command: string, args: ReadonlyArray<string>): LineProgram => {
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "pipe"] })
  let printed = ""
  child.stderr.setEncoding("utf8").on("data", (text) => {
    printed = (printed + text).slice(-1_000)
  })
  let settle: ((reply: Reply) => void) | undefined
  let ended: string | undefined
  const answer = (reply: Reply) => {
    settle?.(reply)
    settle = undefined
  }
  createInterface({ input: child.stdout }).on("line", (line) => answer(JSON.parse(line)))
  child.stdin.on("error", () => undefined)
  const end = (reason: string) => {
    ended ??= reason
    answer({ error: ended })
  }
  child.on("error", (error) => end(`${command} did not start: ${error.message}`))
  child.on("close", (code, signal) => end(`${command} ended with ${signal ?? `code ${code}`}: ${printed.trim()}`))
  return {
    ask: <A>(request: object) =>
      new Promise<A>((resolve, reject) => {
        if (ended !== undefined) return reject(new Error(ended))
        settle = (reply) => ("error" in reply ? reject(new Error(reply.error)) : resolve(reply.value as A))
        child.stdin.write(`${JSON.stringify(request)}\n`)
      }),
    close: async () => {
      if (ended !== undefined) return
      const exited = once(child, "close")
      child.stdin.end()
      await exited
    },
  }
}
