/** Bare `postMessage`, with as little around it as can match answers to calls: a queue. */
import { once } from "node:events"
import { Worker } from "node:worker_threads"
import { promise } from "../../measure/operation.ts"
import type { HopPool } from "./pool.ts"

export const open = async (): Promise<HopPool> => {
  const worker = new Worker(new URL("./post-message-worker.ts", import.meta.url))
  await once(worker, "message")
  // A queue whose front moves: shifting an array of 64 is not what is measured.
  const waiting: Array<((answer: unknown) => void) | undefined> = []
  let front = 0
  worker.on("message", (answer) => {
    const resolve = waiting[front]!
    waiting[front++] = undefined
    if (front === waiting.length) {
      waiting.length = 0
      front = 0
    }
    resolve(answer)
  })
  return {
    task: (name, argument) => {
      const message = argument === undefined ? [name] : [name, argument]
      return promise(
        () =>
          new Promise((resolve) => {
            waiting.push(resolve)
            worker.postMessage(message)
          }),
      )
    },
    close: async () => {
      await worker.terminate()
    },
  }
}
