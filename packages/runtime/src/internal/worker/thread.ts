/** Serves the loop from a worker thread. Imports nothing of Effect, so that a thread starts fast. */
import { type MessagePort, parentPort, receiveMessageOnPort } from "node:worker_threads"
import { takeSeat } from "../portal/seat.ts"
import { WorkerLine } from "../portal/worker-line.ts"
import { Doorbell } from "../transport/doorbell.ts"
import { Inbox } from "../transport/inbox.ts"
import { layout, type Sizes } from "../transport/memory.ts"
import { Outbox } from "../transport/outbox.ts"
import * as Protocol from "../transport/protocol.ts"
import { RingReader, RingWriter } from "../transport/ring.ts"
import { sendThrown } from "../transport/send-failure.ts"
import { onUncaught } from "./last-words.ts"
import { watchMemoryLimit } from "./memory-limit.ts"
import { serveAsync, serveBlocking } from "./serve.ts"

/** What the loop hands to a new worker. */
export interface WorkerInput {
  readonly memory: SharedArrayBuffer
  readonly sizes: Sizes
  readonly port: MessagePort
  readonly line: SharedArrayBuffer
  readonly backPort: MessagePort
  readonly mode: "blocking" | "async"
}

/** Whether a thread was started with this by a link, and not by something else that starts threads. */
export const isWorkerInput = (data: unknown): data is WorkerInput => {
  const { memory, line } = (data ?? {}) as Partial<WorkerInput>
  return memory instanceof SharedArrayBuffer && line instanceof SharedArrayBuffer
}

/** Serves until the object is closed, and ends the thread then. */
export const serveThread = async (input: WorkerInput): Promise<never> => {
  const { memory, sizes, port, line, backPort, mode } = input
  const places = layout(sizes)
  const loopBell = new Doorbell(memory, places.loopBell)
  const ringLoop = (): void => {
    loopBell.ring()
  }
  const wiring = {
    inbox: new Inbox(new RingReader(memory, places.requests), () => receiveMessageOnPort(port), ringLoop),
    outbox: new Outbox(new RingWriter(memory, places.responses), port, ringLoop),
    bell: new Doorbell(memory, places.workerBell),
  }

  onUncaught((thrown) => {
    sendThrown(wiring.outbox, Protocol.UNCAUGHT, 0, thrown)
    wiring.outbox.flush()
  })

  watchMemoryLimit()

  // The way back to the loop for the code that runs here.
  takeSeat(new WorkerLine(line, backPort, () => receiveMessageOnPort(backPort)))

  // Waiting asynchronously for the bell does not keep a thread alive; a listener on the parent's port does.
  parentPort?.on("message", () => {})

  await (mode === "blocking" ? serveBlocking(wiring) : serveAsync(wiring))
  // A thread that was terminated ends at its event loop; one of Deno's that exits then turns in circles for ever.
  if (wiring.bell.closed) return new Promise(() => {})
  // Whatever the object left behind, timers or sockets, ends with it. In a macrotask, for the sake of Deno: entry.ts says why.
  return new Promise<never>(() => setImmediate(() => process.exit(0)))
}
