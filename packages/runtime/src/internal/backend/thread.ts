/** What a backend gives to start and drive one thread, over `node:worker_threads`, which all three runtimes have. */
import { MessageChannel, receiveMessageOnPort, Worker } from "node:worker_threads"
import type { Port, Receive } from "../transport/protocol.ts"

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
  /** Stops the thread at once. */
  terminate(): void
  /** Closes the port. After the thread has ended or was told to. */
  release(): void
  /** Is told, once, that the thread has ended. */
  onExit(listener: (exit: ThreadExit) => void): void
}

/** What to start a thread with. */
export interface ThreadOptions {
  readonly entry: URL
  readonly name: string
  /** Becomes `workerData`, with the thread's ends of the ports added as `port` and `backPort`. */
  readonly data: Readonly<Record<string, unknown>>
}

/** Starts a thread. Throws what the runtime throws. */
export const startThread = ({ entry, name, data }: ThreadOptions): ThreadHandle => {
  const { port1, port2 } = new MessageChannel()
  const back = new MessageChannel()
  const worker = new Worker(entry, {
    name,
    workerData: { ...data, port: port2, backPort: back.port2 },
    transferList: [port2, back.port2],
  })
  let cause: unknown
  worker.on("error", (error) => {
    cause = error
  })
  return {
    port: port1 as Port,
    receive: () => receiveMessageOnPort(port1) as ReturnType<Receive>,
    backPort: back.port1 as Port,
    receiveBack: () => receiveMessageOnPort(back.port1) as ReturnType<Receive>,
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
  }
}
