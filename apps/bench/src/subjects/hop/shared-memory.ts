/**
 * Bare shared memory: a counter each way, `Atomics.wait` in the worker, `Atomics.waitAsync` on the loop. It carries bytes
 * and nothing else, and one payload at a time: the limit for what can be built on it.
 */
import { once } from "node:events"
import { Worker } from "node:worker_threads"
import { promise } from "../../measure/operation.ts"
import { CannotTakePart } from "../../suite.ts"
import type { HopPool } from "./pool.ts"
import { answered, asked, headBytes, payloadBytes, size } from "./shared-memory-layout.ts"

const bytesOnly = "it carries bytes only"

export const open = async (): Promise<HopPool> => {
  const memory = new SharedArrayBuffer(headBytes + payloadBytes)
  const head = new Int32Array(memory, 0, headBytes / 4)
  const payload = new Uint8Array(memory, headBytes)
  const worker = new Worker(new URL("./shared-memory-worker.ts", import.meta.url), { workerData: memory })
  await once(worker, "message")

  const waiting: Array<(() => void) | undefined> = []
  let front = 0
  let made = 0
  let taken = 0
  let ringing = false
  const ring = () => {
    ringing = false
    Atomics.store(head, asked, made)
    Atomics.notify(head, asked)
  }
  const drain = () => {
    for (;;) {
      const done = Atomics.load(head, answered)
      for (; taken !== done; taken = (taken + 1) | 0) {
        const resolve = waiting[front]!
        waiting[front++] = undefined
        resolve()
      }
      if (front === waiting.length) {
        waiting.length = 0
        front = 0
        if (made === taken) return
      }
      const wake = Atomics.waitAsync(head, answered, done)
      if (wake.async) {
        wake.value.then(drain)
        return
      }
    }
  }
  const call = () =>
    new Promise<void>((resolve) => {
      if (waiting.length === 0) {
        waiting.push(resolve)
        made = (made + 1) | 0
        ring()
        drain()
        return
      }
      waiting.push(resolve)
      made = (made + 1) | 0
      if (!ringing) {
        ringing = true
        queueMicrotask(ring)
      }
    })
  return {
    task: (name, argument) => {
      switch (name) {
        case "empty":
          return promise(call)
        case "echo":
          return promise(async () => {
            head[size] = argument!.byteLength
            payload.set(argument!)
            await call()
            return payload.slice(0, head[size])
          })
        case "rows":
          throw new CannotTakePart(bytesOnly)
      }
    },
    stream: () => {
      throw new CannotTakePart(bytesOnly)
    },
    close: async () => {
      await worker.terminate()
    },
  }
}
