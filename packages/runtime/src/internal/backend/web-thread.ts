/**
 * A thread of Deno with a part of the program's permissions. Workers of `node:worker_threads` always have all of them, so
 * that this is a Web Worker: without `workerData`, an exit code, or a public way to let the program end before it.
 */
import { MessageChannel, type MessagePort } from "node:worker_threads"
import { portsOf, type ThreadExit, type ThreadHandle, type ThreadOptions } from "./thread.ts"
import type { DenoPermissions } from "./thread-settings.ts"

const everything = ["read", "write", "net", "env", "run", "ffi", "sys", "import"] as const

// What is not named is denied, whatever Deno's own defaults are.
const spelledOut = (permissions: DenoPermissions | "none"): unknown =>
  permissions === "none"
    ? permissions
    : Object.fromEntries(everything.map((name) => [name, permissions[name] ?? false]))

/** Starts a thread with the permissions that its settings name. Throws what Deno throws. */
export const startWebThread = ({ entry, name, data, settings }: ThreadOptions): ThreadHandle => {
  const { port1, port2 } = new MessageChannel()
  const back = new MessageChannel()
  const life = new MessageChannel()
  const options = { type: "module", name, deno: { permissions: spelledOut(settings?.permissions ?? "none") } } as const
  const worker = new Worker(entry, options)
  const moved = [port2, back.port2, life.port2]
  worker.postMessage(
    { ...data, port: port2, backPort: back.port2, life: life.port2 },
    moved as unknown as ReadonlyArray<Transferable> as Transferable[],
  )
  const exit = { code: undefined, cause: undefined } as { code: number | undefined; cause: unknown }
  worker.addEventListener("error", (event) => {
    // Or it would be the program's.
    event.preventDefault()
    exit.cause = event.error ?? new Error(event.message)
  })
  const listeners: Array<(exit: ThreadExit) => void> = []
  // The thread's end of the port closes with the thread.
  life.port1.on("message", (code: number) => {
    exit.code = code
  })
  life.port1.once("close", () => {
    for (const listener of listeners) listener(exit)
  })
  const hold = holder(worker, life.port1)
  return {
    ...portsOf(port1, back.port1),
    ref: () => hold(true),
    unref: () => hold(false),
    terminate: () => worker.terminate(),
    release: () => {
      port1.close()
      back.port1.close()
    },
    onExit: (listener) => void listeners.push(listener),
    onGone: (listener) => void listeners.push(() => listener()),
  }
}

type Hold = (this: Worker, held: boolean) => void

/** Keeps the program alive, or lets it end. Deno counts how often, and its method for it has a symbol without a name. */
const holder = (worker: Worker, life: MessagePort): ((held: boolean) => void) => {
  const prototype = Object.getPrototypeOf(worker) as { readonly [key: symbol]: unknown }
  const symbol = Object.getOwnPropertySymbols(prototype).find((key) => key.description === undefined)
  const method = symbol === undefined ? undefined : prototype[symbol]
  let holding = true
  return (held) => {
    if (held === holding) return
    holding = held
    if (held) life.ref()
    else life.unref()
    if (typeof method === "function") (method as Hold).call(worker, held)
  }
}
