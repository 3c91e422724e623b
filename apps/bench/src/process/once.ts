/** Runs a program once, from start to end. */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"
import { launch } from "../../../../scripts/runtimes.ts"
import type { Runtime } from "../model.ts"
import { mark } from "./protocol.ts"

/** The one line that a program says to {@link runOnce}. */
export const report = (value: unknown): void => {
  process.stdout.write(`${mark}${JSON.stringify(value)}\n`)
}

export interface Once {
  /** The program's report. */
  readonly value: unknown
  /** From before it was started until its process had ended. */
  readonly elapsedMs: number
}

/** @param program a module; it must end by itself. */
export const runOnce = async (runtime: Runtime, program: URL, args: ReadonlyArray<string>): Promise<Once> => {
  const { executable, args: before } = launch(runtime)
  const start = performance.now()
  const child = spawn(executable, [...before, fileURLToPath(program), ...args], { stdio: ["ignore", "pipe", "pipe"] })
  let output = ""
  let errors = ""
  child.stdout.setEncoding("utf8").on("data", (text) => {
    output += text
  })
  child.stderr.setEncoding("utf8").on("data", (text) => {
    errors = (errors + text).slice(-600)
  })
  const [code, signal] = await once(child, "close")
  const elapsedMs = performance.now() - start
  if (code !== 0) throw new Error(`the program ended with ${signal ?? `code ${code}`}: ${errors.trim()}`)
  const line = output.split("\n").find((one) => one.startsWith(mark))
  if (line === undefined) throw new Error("the program ended without an answer")
  return { value: JSON.parse(line.slice(mark.length)), elapsedMs }
}
