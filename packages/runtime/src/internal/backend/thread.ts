/** What a backend gives to start and drive one thread, over `node:worker_threads`, which all three runtimes have. */
import process from "node:process"
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from "node:worker_threads"
import type { Port, Receive } from "../transport/protocol.ts"
import { threadOptions, withoutRefused } from "./exec-argv.ts"
import { onPortClosed } from "./port-closed.ts"
import type { ThreadSettings } from "./thread-settings.ts"

/** How a thread ended. */
export interface ThreadExit {
  readonly code: number | undefined
  /** The uncaught error that ended it. */
  readonly cause: unknown
}

/** A running thread, as the loop sees it. */
export interface ThreadHandle {
  /** Messages to the thread. */
  readonly port: Port
  /** Messages from the thread, taken without waiting. */
  readonly receive: Receive
  /** Answers to what code in the thread asks of the loop. */
  readonly backPort: Port
  /** What it asks, taken without waiting. */
  readonly receiveBack: Receive
  /** Keeps the program alive. */
  ref(): void
  /** Lets the program end. */
  unref(): void
  /** Stops the thread at once, as far as the runtime can: native code runs on. */
  terminate(): void
  /** Closes the port. After the thread has ended or was told to. */
  release(): void
  /** Is told, once, that the thread has ended, or was terminated. */
  onExit(listener: (exit: ThreadExit) => void): void
  /** Is told, once, that nothing runs in the thread any more. */
  onGone(listener: () => void): void
}

/** What to start a thread with. */
export interface ThreadOptions {
  readonly entry: URL
  readonly name: string
  /** Becomes `workerData`, with the thread's ends of the ports added as `port` and `backPort`. */
  readonly data: Readonly<Record<string, unknown>>
  /** What the program said about its threads; checked for this runtime before. */
  readonly settings?: ThreadSettings | undefined
}

/** The loop's ends of a thread's ports. */
export const portsOf = (
  port: MessagePort,
  backPort: MessagePort,
): Pick<ThreadHandle, "port" | "receive" | "backPort" | "receiveBack"> => ({
  port: port as Port,
  receive: () => receiveMessageOnPort(port) as ReturnType<Receive>,
  backPort: backPort as Port,
  receiveBack: () => receiveMessageOnPort(backPort) as ReturnType<Receive>,
})

/** Starts a thread. Throws what the runtime throws. */
export const startThread = ({ entry, name, data, settings = {} }: ThreadOptions): ThreadHandle => {
  const { port1, port2 } = new MessageChannel()
  const back = new MessageChannel()
  const life = deno ? new MessageChannel() : undefined
  const { execArgv, env, resourceLimits } = settings
  const start = (options: ReadonlyArray<string> | undefined): Worker =>
    new Worker(entry, {
      name,
      workerData: { ...data, port: port2, backPort: back.port2, life: life?.port2 },
      transferList: [port2, back.port2, ...(life === undefined ? [] : [life.port2])],
      ...(options === undefined ? {} : { execArgv: [...options] }),
      ...(env === undefined ? {} : { env: { ...env } }),
      ...(resourceLimits === undefined ? {} : { resourceLimits: given(resourceLimits) }),
    })
  const worker = execArgv === undefined ? inheriting(start) : start(execArgv)
  let cause: unknown
  worker.on("error", (error) => {
    cause = error
  })
  return {
    ...portsOf(port1, back.port1),
    ref: () => worker.ref(),
    unref: () => worker.unref(),
    terminate: () => void worker.terminate(),
    release: () => {
      port1.close()
      back.port1.close()
    },
    onExit: (listener) => {
      worker.once("exit", (code) => listener({ code, cause }))
    },
    onGone: (listener) => {
      if (life !== undefined) onPortClosed(life.port1, listener)
      else worker.once("exit", () => listener())
    },
  }
}

/** Starts a thread with what of the program's own options is for threads. */
const inheriting = (start: (options: ReadonlyArray<string> | undefined) => Worker): Worker => {
  let options = node ? threadOptions(process.execArgv) : undefined
  for (;;) {
    try {
      return start(options)
    } catch (error) {
      const fewer = options && withoutRefused(options, error)
      if (fewer === undefined) throw error
      options = fewer
    }
  }
}

const node = !("Deno" in globalThis || "Bun" in globalThis)

// Deno says that a terminated worker has ended while its thread goes on. A port of the thread's closes with the thread.
const deno = "Deno" in globalThis

const given = <A extends object>(object: A): { [K in keyof A]: Exclude<A[K], undefined> } =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as {
    [K in keyof A]: Exclude<A[K], undefined>
  }
