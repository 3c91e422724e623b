/** What the tests of processes start with: a pool of them, its logs, and whether a process is there. */
import { readFileSync } from "node:fs"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as HashMap from "effect/HashMap"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import { Backend, OffLoop, Task } from "../src/index.ts"
import type * as fixtures from "./fixtures/process-tasks.ts"

export const tasks = Task.fromModule<typeof fixtures>(new URL("./fixtures/process-tasks.ts", import.meta.url))

/** One line as it was logged. */
export interface Logged {
  readonly text: string
  readonly level: string
  readonly annotations: Readonly<Record<string, unknown>>
}

/** A logger that keeps what it is told, and lets a test wait for a line. */
export const listener = () => {
  const lines: Logged[] = []
  const waiting = new Set<() => void>()
  const logger = Logger.make(({ message, logLevel, annotations, cause }) => {
    const text = [...(Array.isArray(message) ? message : [message]), ...(Cause.isEmpty(cause) ? [] : [cause])].join(" ")
    lines.push({ text, level: logLevel.label, annotations: Object.fromEntries(HashMap.toEntries(annotations)) })
    for (const look of waiting) look()
  })
  /** The first line that was, or will be, logged and matches. */
  const line = (pattern: RegExp): Effect.Effect<Logged> =>
    Effect.async((resume) => {
      const look = (): void => {
        const found = lines.find(({ text }) => pattern.test(text))
        if (found === undefined) return
        waiting.delete(look)
        resume(Effect.succeed(found))
      }
      waiting.add(look)
      look()
      return Effect.sync(() => waiting.delete(look))
    })
  return { layer: Logger.replace(Logger.defaultLogger, logger), lines, line }
}

export const processes = (options: OffLoop.Options["processes"] = {}) =>
  OffLoop.layer({ processes: options }).pipe(Layer.provide(Backend.layer))

/** Whether there is a process that has not ended. One that nobody has asked about yet has ended too. */
export const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  if (process.platform !== "linux") return true
  try {
    return !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, "utf8"))
  } catch {
    return false
  }
}

/** Waits until a process of another's is gone, of which nobody is told. */
export const gone = (pid: number): Effect.Effect<void> =>
  Effect.suspend(() => (alive(pid) ? Effect.delay(gone(pid), 5) : Effect.void))
