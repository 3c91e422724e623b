/** Bare `postMessage`, with as little around it as can match answers to calls: a queue. */
import { once } from "node:events"
import { Worker } from "node:worker_threads"
import { promise } from "../../measure/operation.ts"
import type { HopPool } from "./pool.ts"
import { digest } from "./tasks.ts"

export const open = async (): Promise<HopPool> => {
  const worker = new Worker(new URL("./post-message-worker.ts", import.meta.url))
  await once(worker, "message")
  // A queue whose front moves: shifting an array of 64 is not what is measured.
  const waiting: Array<((answer: unknown) => void) | undefined> = []
  let front = 0
  let onItem: ((item: number) => void) | undefined
  worker.on("message", (answer) => {
    if (onItem !== undefined && typeof answer === "number") return onItem(answer)
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
    // A message for each item, and no backpressure: the worker is as far ahead as it likes.
    stream: (count) =>
      promise(async () => {
        let sum = 0
        onItem = (item) => {
          sum = digest(sum, item)
        }
        await new Promise((resolve) => {
          waiting.push(resolve)
          worker.postMessage(["numbers", count])
        })
        onItem = undefined
        return sum
      }),
    close: async () => {
      await worker.terminate()
    },
  }
}
