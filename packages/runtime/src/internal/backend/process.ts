/** What a backend gives to start and drive one process, over `node:child_process`, which all three runtimes have. */
import { type ChildProcess, spawn } from "node:child_process"
import process from "node:process"
import { fileURLToPath } from "node:url"
import { located } from "./exec-argv.ts"

/** How a process ended. */
export interface ProcessExit {
  /** `undefined` where a signal ended it. */
  readonly code: number | undefined
  readonly signal: string | undefined
  /** Why there never was a process. */
  readonly cause?: unknown
}

/** Which of its two outputs a process wrote to. */
export type OutputName = "stdout" | "stderr"

/** Where a process is listened to. */
export interface ProcessListener {
  readonly onMessage: (message: unknown) => void
  readonly onOutput: (from: OutputName, bytes: Uint8Array) => void
  /** It has ended. What it sent and wrote before may still arrive. */
  readonly onExit: (exit: ProcessExit) => void
  /** Nothing more will arrive: it has ended, and whatever could write to its outputs has too. */
  readonly onClose: () => void
}

/** A running process, as the loop sees it. */
export interface ProcessHandle {
  readonly pid: number | undefined
  /** Sends a message. One that does not arrive is no error here: the end of the process tells. */
  send(message: unknown): void
  /** Keeps the program alive. */
  ref(): void
  /** Lets the program end. */
  unref(): void
  /** Says that no more messages will be sent. */
  disconnect(): void
  /** Stops the process at once, whatever it does. */
  kill(): void
}

/** What to start a process with. */
export interface ProcessOptions {
  readonly entry: URL
  readonly args: ReadonlyArray<string>
  /** Options of the runtime. Default: those of the program, as far as they make sense for another process. */
  readonly execArgv: ReadonlyArray<string> | undefined
  /** The environment. Default: the program's. */
  readonly env: Readonly<Record<string, string | undefined>> | undefined
  /** The folder that it starts in. Default: the program's. */
  readonly cwd: string | undefined
}

/** Processes that run. */
const living = new Set<ChildProcess>()

// A process that is busy would only notice later that the program is gone.
const killAll = (): void => {
  for (const child of living) child.kill("SIGKILL")
}

const watch = (child: ChildProcess): void => {
  if (living.size === 0) process.on("exit", killAll)
  living.add(child)
}

const unwatch = (child: ChildProcess): void => {
  if (living.delete(child) && living.size === 0) process.off("exit", killAll)
}

/** What processes of a runtime are started with. */
export interface Inheritance {
  /** What comes first. */
  readonly before: ReadonlyArray<string>
  /** The program's own options for another process. */
  readonly options: () => ReadonlyArray<string>
  /** The program's own environment for another process; `undefined`: all of it. */
  readonly environment: () => Readonly<Record<string, string | undefined>> | undefined
}

/** Starts processes of a runtime. */
export const processStarter =
  ({ before, options, environment }: Inheritance) =>
  ({ entry, args, execArgv, env, cwd }: ProcessOptions, listener: ProcessListener): ProcessHandle => {
    const program = entry.protocol === "file:" ? fileURLToPath(entry) : entry.href
    const inherited = execArgv ?? (cwd === undefined ? options() : located(options(), process.cwd()))
    const environs = env ?? environment()
    const child = spawn(process.execPath, [...before, ...inherited, program, ...args], {
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      serialization: "advanced",
      windowsHide: true,
      ...(environs === undefined ? {} : { env: { ...environs } }),
      ...(cwd === undefined ? {} : { cwd }),
    })
    let ended = false
    const exit = (how: ProcessExit): void => {
      if (ended) return
      ended = true
      unwatch(child)
      listener.onExit(how)
    }
    watch(child)
    child.on("error", (cause) => {
      // A message that could not be sent is an error too, but then there is a process, and its end is what counts.
      if (child.pid !== undefined) return
      exit({ code: undefined, signal: undefined, cause })
      listener.onClose()
    })
    child.once("exit", (code, signal) => exit({ code: code ?? undefined, signal: signal ?? undefined }))
    child.once("close", () => listener.onClose())
    child.on("message", listener.onMessage)
    for (const name of ["stdout", "stderr"] as const) {
      child[name]?.on("data", (bytes: Uint8Array) => listener.onOutput(name, bytes))
      // A pipe that breaks has nothing more to say.
      child[name]?.on("error", () => {})
      unrefHandle(child[name])
    }
    unrefHandle(child.channel)
    // Where there is no process there is nothing to refer to; "error" tells why.
    const running = child.pid !== undefined
    if (running) child.unref()
    return {
      pid: child.pid,
      send: (message) => {
        if (child.connected) child.send(message as object, () => {})
      },
      ref: () => {
        if (running) child.ref()
      },
      unref: () => {
        if (running) child.unref()
      },
      disconnect: () => {
        if (child.connected) child.disconnect()
      },
      kill: () => {
        if (running) child.kill("SIGKILL")
      },
    }
  }

// A pipe as long as it is open has it, and Bun's channel has not; it holds nothing there.
const unrefHandle = (handle: object | null | undefined): void => {
  ;(handle as { unref?: () => void } | null | undefined)?.unref?.()
}
