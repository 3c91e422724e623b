/** What the loop hands to a thread that is a Web Worker: its first message. */
import type { MessagePort } from "node:worker_threads"
import type { WorkerInput } from "./thread.ts"

/** Waits for it. The loop learns by the port `life` how the thread ended, which a Web Worker does not tell. */
export const handedOver = (): Promise<WorkerInput> =>
  new Promise((resolve) => {
    const scope = globalThis as { onmessage?: ((event: { readonly data: unknown }) => void) | null }
    scope.onmessage = ({ data }) => {
      const { life, ...input } = data as WorkerInput & { readonly life: MessagePort }
      process.once("exit", (code) => life.postMessage(code))
      resolve(input)
    }
  })
